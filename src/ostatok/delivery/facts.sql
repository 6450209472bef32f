-- What is so now about claimed deliveries: for the checks, and for the words of the message.

-- name: words
-- What a letter says of a balance, by the joins of `around`; w is the band that it is in.
    r.name as rule_name, r.threshold, r.days, m.base as mark_kind,
    w.upper as band_upper, w.lower as band_lower,
    array(select x.upper from rule_band x where x.rule_id = r.id and x.active) as bands,
    b.id as balance_id, b.amount, b.held, b.credit_limit,
    m.mark,
    case when m.base <> 'package' then e.topped_up_at end as mark_at,
    e.top_up as last_payment,
    c.name as client_name, c.code as client_code, c.tax_id as client_tax_id, c.bank_account,
    a.number as account_number, a.address as account_address,
    v.name as service_name, v.full_name as service_full_name, v.unit,
    coalesce(nullif(v.top_up_url, ''), own.top_up_url, '') as top_up_url,
    o.name as organization_name, o.phone as organization_phone, o.may_send_pin,
    coalesce(own.email, '') as sender_address

-- name: around
-- Of n: a balance, its account and client, and the rule that speaks of it.
left join rule r on r.id = n.rule_id
join balance b on b.id = n.balance_id
join account a on a.id = n.account_id
join client c on c.id = n.client_id
join organization o on o.id = c.organization_id
join service v on v.id = b.service_id
left join epoch e on e.organization_id = b.organization_id and e.balance_id = b.id and e.seq = b.epoch
cross join lateral (
    select k.base,
        case k.base when 'last_top_up' then e.top_up when 'balance_after' then e.balance_after else b.package end
            as mark
    from (select coalesce(r.mark, segment_base(b.segment_id)) as base) k
) m
cross join lateral (
    -- What the organization lacks comes from those above it, the nearest first.
    select (array_agg(p.email order by cardinality(p.path) desc) filter (where p.email <> ''))[1] as email,
        (array_agg(p.top_up_url order by cardinality(p.path) desc) filter (where p.top_up_url <> ''))[1] as top_up_url
    from organization p
    where p.id = any (o.path)
) own

-- name: trial
-- A letter about a balance as if its notice were raised now. Of the rule's bands the one that the balance is in, or
-- else the highest.
select %(kind)s as kind, %(language)s as language, coalesce(nullif(c.timezone, ''), o.timezone) as timezone,
    %(now)s::timestamptz as raised_at,
{words}
from (
    select x.id as balance_id, x.account_id, k.client_id, %(rule)s::bigint as rule_id
    from balance x
    join account k on k.id = x.account_id
    where x.id = %(balance)s
) n
{around}
left join lateral (
    select z.upper, z.lower
    from rule_band z
    cross join lateral (
        select 100 * (b.amount - b.held) < z.upper * m.mark
            and (z.lower is null or 100 * (b.amount - b.held) >= z.lower * m.mark) as fits
    ) f
    where z.rule_id = r.id and z.active
    order by coalesce(f.fits, false) desc, z.upper desc
    limit 1
) w on true

-- name: rules
-- The active rule of a kind that speaks to each balance: of several that of the nearest organization, then the first.
select distinct on (b.id) b.id, r.id
from balance b
join segment_rule s on s.segment_id = b.segment_id
join rule r on r.id = s.rule_id and r.kind = %(kind)s and r.state = 'active'
join organization o on o.id = r.organization_id
where b.id = any (%(balances)s)
order by b.id, cardinality(o.path) desc, r.sort_order, r.id

-- name: facts
with told as (
    -- All deliveries of the notices at hand, each with the address its recipient has today.
    select d.id, d.notice_id, d.channel, d.state, d.created_at, d.attempts, d.organization_id,
        d.recipient = 'client' as to_client,
        coalesce(u.is_active, d.recipient not like 'user:%%') as recipient_active,
        u.language as user_language,
        coalesce(case split_part(d.recipient, ':', 1)
            when 'client' then c.email
            when 'organization' then o.email
            when 'user' then u.email
            when 'contact' then t.address
            else d.address end, '') as address
    from delivery d
    join notice n on n.id = d.notice_id
    join client c on c.id = n.client_id
    join organization o on o.id = c.organization_id
    left join app_user u
        on u.id = case when d.recipient like 'user:%%' then split_part(d.recipient, ':', 2)::bigint end
    left join lateral (
        select p.address
        from contact_point p
        where p.contact_id = case when d.recipient like 'contact:%%' then split_part(d.recipient, ':', 2)::bigint end
            and p.kind = 'email'
        order by lower(p.address) = lower(d.address) desc, p.id
        limit 1
    ) t on true
    where d.notice_id in (select notice_id from delivery where id = any (%(ids)s))
)
select d.id, d.attempts, d.channel, d.created_at, d.organization_id, d.notice_id, d.address, d.recipient_active,
    d.address <> '' and exists (
        select from told s
        where s.notice_id = d.notice_id and s.channel = d.channel and s.id <> d.id
            and lower(s.address) = lower(d.address)
            and (
                s.state in ('sent', 'unknown')
                or s.id < d.id and s.state in ('waiting', 'sending') and s.recipient_active
            )
    ) as address_taken,
    coalesce(d.user_language, case when d.to_client then nullif(c.language, '') end, o.language) as language,
    coalesce(case when d.to_client then nullif(c.timezone, '') end, o.timezone) as timezone,
    n.kind, n.raised_at, n.epoch as epoch_raised, n.rule_id, n.occasion, n.step,
    -- By a later notice, unless it told nobody, or will not: it waits, and the balance has left its band again.
    exists (
        select from notice l
        left join rule_band lw on lw.id = l.band_id
        where l.balance_id = n.balance_id and l.rule_id = n.rule_id and l.state not in ('shadow', 'dropped')
            and (l.occasion, l.step) > (n.occasion, n.step)
            and (
                l.state <> 'waiting' or l.kind <> 'balance_band'
                or l.epoch = b.epoch and 100 * (b.amount - b.held) < lw.upper * m.mark
            )
    ) as superseded,
    r.state = 'active' as rule_active, r.keep_for, b.epoch, y.posted_at as topped_up_at,
    c.status <> 'closed' as client_active, wording.id as template_id,
{words}
from told d
join notice n on n.id = d.notice_id
{around}
left join rule_band w on w.id = n.band_id
left join entry y on y.organization_id = b.organization_id and y.balance_id = b.id and y.seq = b.epoch
left join lateral (
    select newest.id
    from (
        select distinct on (x.organization_id) x.id, x.deleted, array_position(o.path, x.organization_id) as depth
        from template x
        where x.organization_id = any (o.path) and x.kind = n.kind and x.channel = d.channel
            and x.language = coalesce(d.user_language, case when d.to_client then nullif(c.language, '') end, o.language)
        order by x.organization_id, x.version desc
    ) newest
    where not newest.deleted
    order by newest.depth desc
    limit 1
) wording on true
where d.id = any (%(ids)s)
order by d.id

-- name: templates
select id, language, subject, text, html from template where id = any (%(ids)s)

-- name: last_entries
select b.id as balance_id, y.occurred_at, y.kind, y.amount, y.memo
from balance b
cross join lateral (
    select *
    from entry e
    where e.organization_id = b.organization_id and e.balance_id = b.id
    order by e.seq desc
    limit %(shown)s
) y
where b.id = any (%(balances)s)
order by b.id, y.seq desc

-- name: recent_use
-- Recent use is the ledger's to say.
select b.id, u.used, b.first_entry_at
from balance b
cross join lateral ({recent_use}) u
where b.id = any (%(balances)s)

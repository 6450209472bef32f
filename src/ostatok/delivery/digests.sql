-- What is so now about claimed deliveries of digests. Whom a subscriber reaches is a matter of its roles today.

-- name: facts
select d.id, d.attempts, d.channel, d.created_at, d.organization_id, g.user_id,
    coalesce(u.email, '') as address, coalesce(u.is_active, false) as recipient_active,
    exists (
        select from run_out_subscription s where s.user_id = g.user_id and s.organization_id = g.organization_id
    ) as subscribed,
    coalesce(u.is_superuser or r.roots && o.path, false) as permitted,
    coalesce(u.language, o.language) as language, o.timezone, g.mine, g.site,
    o.name as organization_name, o.phone as organization_phone, coalesce(own.email, '') as sender_address,
    case when coalesce(u.is_superuser or r.roots && o.path, false) then (
        select count(*)
        from list_run_out(
            case when not u.is_superuser then r.roots end, o.id, null, null, case when g.mine then g.user_id end, null, null,
            %(since)s, %(until)s, null, null, false, %(counted)s
        )
    ) else 0 end as lines
from delivery d
join digest g on g.id = d.digest_id
join organization o on o.id = g.organization_id
left join app_user u on u.id = g.user_id
cross join lateral (
    select array_agg(m.organization_id) as roots
    from membership m
    where m.user_id = g.user_id and m.role = any (%(roles)s)
) r
cross join lateral (
    -- What the organization lacks comes from those above it, the nearest first.
    select (array_agg(p.email order by cardinality(p.path) desc) filter (where p.email <> ''))[1] as email
    from organization p
    where p.id = any (o.path)
) own
where d.id = any (%(ids)s)
order by d.id

-- name: lines
-- What is left is as of now; until when it lasts, as of the last refresh of the outlook.
select d.id, c.name as client, a.number as account, s.name as service, s.unit, b.amount - b.held as "left",
    k.runs_out_at, c.phone, n.kind, n.text, n.promised_until
from delivery d
join digest g on g.id = d.digest_id
join app_user u on u.id = g.user_id
cross join lateral (
    select array_agg(m.organization_id) as roots
    from membership m
    where m.user_id = g.user_id and m.role = any (%(roles)s)
) r
cross join lateral list_run_out(
    case when not u.is_superuser then coalesce(r.roots, '{}') end, g.organization_id, null, null,
    case when g.mine then g.user_id end, null, null, %(since)s, %(until)s, null, null, false, %(shown)s
) with ordinality l (organization_id, balance_id, place)
join outlook k on k.organization_id = l.organization_id and k.balance_id = l.balance_id
join balance b on b.id = l.balance_id
join account a on a.id = b.account_id
join client c on c.id = a.client_id
join service s on s.id = b.service_id
left join lateral (
    select x.kind, x.text, x.promised_until
    from call_note x
    where x.client_id = c.id and x.at > %(called_since)s
    order by x.at desc, x.id desc
    limit 1
) n on true
where d.id = any (%(ids)s)
order by d.id, l.place

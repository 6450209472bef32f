-- name: enqueue
-- One delivery per recipient and channel. An address that several recipients share within one notice is told once, as
-- that of the first who may be written to; a recipient without an address keeps its place, so that the reason can be seen
-- and the address mended before sending.
with wanted as (
    select n.notice_id, p.channel, c.organization_id, p.id as place,
        case p.kind when 'user' then 'user:' || p.user_id when 'contact' then 'contact:' || p.contact_id else p.kind end
            as recipient,
        coalesce(u.is_active, true) as active,
        coalesce(case p.kind
            when 'client' then c.email
            when 'organization' then o.email
            when 'user' then u.email
            when 'contact' then t.address
            else p.address end, '') as address
    from raised n
    join client c on c.id = n.client_id
    join organization o on o.id = c.organization_id
    join rule_recipient p on p.rule_id = n.rule_id
    left join app_user u on u.id = p.user_id
    left join contact_point t on t.contact_id = p.contact_id and t.kind = 'email'
    where not n.shadow
), distinct_addresses as (
    select distinct on (notice_id, channel, lower(address), case when address = '' then recipient end) *
    from wanted
    order by notice_id, channel, lower(address), case when address = '' then recipient end, active desc, place
)
insert into delivery (
    organization_id, notice_id, channel, recipient, address, lane, state, reason, detail, due_at, attempts, created_at,
    provider_id
)
select organization_id, notice_id, channel, recipient, address, 1, 'waiting', '', '', %(now)s, 0, %(now)s, ''
from distinct_addresses
order by notice_id, place

-- name: settle_undeliverable
-- A notice that nobody is to receive must not wait for a delivery that never comes.
update notice n
set state = 'dropped', reason = 'no_recipient', settled_at = %(now)s
from raised r
where n.id = r.notice_id and not r.shadow
    and not exists (select from delivery d where d.notice_id = n.id)

-- name: enqueue_digests
insert into delivery (
    organization_id, digest_id, channel, recipient, address, lane, state, reason, detail, due_at, attempts, created_at,
    provider_id
)
select g.organization_id, g.id, 'email', 'user:' || g.user_id, u.email, 1, 'waiting', '', '', %(now)s, 0, %(now)s, ''
from digest g
join app_user u on u.id = g.user_id
where g.id = any (%(digests)s)
order by g.id

-- Notices in the order of when they were raised, the newest first, each head read by the index that leads with it. What is
-- null narrows nothing; the planner knows, for values are written into the statement as constants.

-- name: of_organizations
select n.id
from unnest(%(organizations)s::bigint[]) o (id)
cross join lateral (
    select id, raised_at
    from notice
    where organization_id = o.id
        and (%(rules)s::bigint[] is null or rule_id = any (%(rules)s::bigint[]))
        and (%(state)s::text is null or state = %(state)s)
        and (%(since)s::timestamptz is null or raised_at >= %(since)s::timestamptz)
        and (%(until)s::timestamptz is null or raised_at < %(until)s::timestamptz)
        and (%(beyond_id)s::bigint is null or (raised_at, id) < (%(beyond_at)s::timestamptz, %(beyond_id)s::bigint))
    order by raised_at desc, id desc
    limit %(size)s
) n
order by n.raised_at desc, n.id desc
limit %(size)s

-- name: of_rules
select n.id
from unnest(%(rules)s::bigint[]) r (id)
cross join lateral (
    select id, raised_at
    from notice
    where rule_id = r.id
        and organization_id = any (%(organizations)s::bigint[])
        and (%(state)s::text is null or state = %(state)s)
        and (%(since)s::timestamptz is null or raised_at >= %(since)s::timestamptz)
        and (%(until)s::timestamptz is null or raised_at < %(until)s::timestamptz)
        and (%(beyond_id)s::bigint is null or (raised_at, id) < (%(beyond_at)s::timestamptz, %(beyond_id)s::bigint))
    order by raised_at desc, id desc
    limit %(size)s
) n
order by n.raised_at desc, n.id desc
limit %(size)s

-- name: of_clients
-- A client has few.
select id
from notice
where client_id = any (%(clients)s::bigint[])
    and (%(accounts)s::bigint[] is null or account_id = any (%(accounts)s::bigint[]))
    and organization_id = any (%(organizations)s::bigint[])
    and (%(rules)s::bigint[] is null or rule_id = any (%(rules)s::bigint[]))
    and (%(state)s::text is null or state = %(state)s)
    and (%(since)s::timestamptz is null or raised_at >= %(since)s::timestamptz)
    and (%(until)s::timestamptz is null or raised_at < %(until)s::timestamptz)
    and (%(beyond_id)s::bigint is null or (raised_at, id) < (%(beyond_at)s::timestamptz, %(beyond_id)s::bigint))
order by raised_at desc, id desc
limit %(size)s

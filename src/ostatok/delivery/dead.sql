-- What was given up, by why, over which provider and by which rule (G8).

-- name: groups
-- Each organization's newest come straight from the partial index of what somebody must look at, and the looking stops
-- at `most` of all together: it costs that much at the most, however many deliveries there are.
with reached as materialized (
    select o.id
    from organization o
    where (%(roots)s::bigint[] is null or o.path && %(roots)s::bigint[])
        and (%(at)s::bigint is null or %(at)s = any (o.path))
    order by o.id
), looked_at as materialized (
    select d.*
    from reached o
    cross join lateral (
        -- Not by a join: that may read all notices there are.
        select x.reason, x.provider, (select n.rule_id from notice n where n.id = x.notice_id) as rule_id, x.created_at
        from delivery x
        where x.organization_id = o.id and x.state = 'dead'
        order by x.id desc
        limit %(most)s
    ) d
    limit %(most)s
), counted as (
    select reason, provider, rule_id, count(*) as letters, min(created_at) as oldest, max(created_at) as newest
    from looked_at
    group by reason, provider, rule_id
)
select c.reason, c.provider, c.rule_id, r.name as rule, p.code as organization, c.letters, c.oldest, c.newest,
    (sum(c.letters) over ())::bigint as of_letters, count(*) over () as of_groups
from counted c
left join rule r on r.id = c.rule_id
left join organization p on p.id = r.organization_id
order by c.letters desc, c.newest desc, c.reason, c.provider, c.rule_id
limit %(shown)s

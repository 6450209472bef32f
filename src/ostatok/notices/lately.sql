-- What rules told lately.

-- name: last
-- When each rule last raised a notice, and what became of those it raised within a day before that; so many of the latest
-- are counted, which an index finds.
select r.id, max(n.raised_at) as last_at,
    count(*) filter (where n.state = 'sent') as sent,
    count(*) filter (where n.state in ('dropped', 'failed')) as not_sent,
    count(*) filter (where n.state = 'waiting') as waiting,
    count(*) filter (where n.state = 'shadow') as shadow
from unnest(%(rules)s::bigint[]) r (id)
cross join lateral (
    select *, max(latest.raised_at) over () as last_at
    from (
        select raised_at, state from notice where rule_id = r.id order by raised_at desc, id desc limit %(counted)s
    ) latest
) n
where n.raised_at > n.last_at - interval '1 day'
group by r.id

-- A notice that reached nobody gives its place back (DESIGN §6.7).

-- name: lock
-- Balances first and in the order of their ids, as posting does, so that the two never wait for each other in a circle.
select id from balance where id = any (%(balances)s) order by id for no key update

-- name: give_back
with place as (
    select rule_id, balance_id, epoch, count(*)::integer as places
    from unnest(%(rules)s::bigint[], %(balances)s::bigint[], %(epochs)s::bigint[]) as p (rule_id, balance_id, epoch)
    group by rule_id, balance_id, epoch
), counted as (
    update alarm_epoch e
    set raised = greatest(0, e.raised - p.places)
    from place p
    where e.rule_id = p.rule_id and e.balance_id = p.balance_id and e.epoch = p.epoch
)
update alarm a
set next_repeat_at = coalesce(a.last_raised_at, %(now)s) + r.period
from (select distinct rule_id, balance_id from place) p
join rule r on r.id = p.rule_id
where a.rule_id = p.rule_id and a.balance_id = p.balance_id and a.firing and not a.silent and a.next_repeat_at is null
    and r.period is not null and r.state in ('active', 'shadow')

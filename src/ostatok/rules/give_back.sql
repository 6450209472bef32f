-- A notice that reached nobody gives its place back (DESIGN §6.7).

-- name: lock
-- Balances first and in the order of their ids, as posting does, so that the two never wait for each other in a circle.
select id from balance where id = any (%(balances)s) order by id for no key update

-- name: uncount
-- Before the alarms, as counts are remembered before alarms elsewhere; rows in the order of their keys.
with place as (
    select rule_id, balance_id, epoch, count(*)::integer as places
    from unnest(%(rules)s::bigint[], %(balances)s::bigint[], %(epochs)s::bigint[]) as p (rule_id, balance_id, epoch)
    group by rule_id, balance_id, epoch
), locked as materialized (
    select p.*
    from place p
    join alarm_epoch e using (rule_id, balance_id, epoch)
    order by e.rule_id, e.balance_id, e.epoch
    for no key update of e
)
update alarm_epoch e
set raised = greatest(0, e.raised - l.places)
from locked l
where e.rule_id = l.rule_id and e.balance_id = l.balance_id and e.epoch = l.epoch

-- name: repeat_again
with place as (
    select distinct rule_id, balance_id
    from unnest(%(rules)s::bigint[], %(balances)s::bigint[]) as p (rule_id, balance_id)
), locked as materialized (
    select p.*
    from place p
    join alarm a using (rule_id, balance_id)
    where a.firing and not a.silent and a.next_repeat_at is null
    order by a.rule_id, a.balance_id
    for no key update of a
)
update alarm a
set next_repeat_at = coalesce(a.last_raised_at, %(now)s) + r.period
from locked l
join rule r on r.id = l.rule_id
where a.rule_id = l.rule_id and a.balance_id = l.balance_id and a.firing and not a.silent and a.next_repeat_at is null
    and r.period is not null and r.state in ('active', 'shadow')

-- name: count_again
-- More than max qty may come of it: who asks for a notice to be sent means that one.
with place as (
    select rule_id, balance_id, epoch, count(*)::integer as places
    from unnest(%(rules)s::bigint[], %(balances)s::bigint[], %(epochs)s::bigint[]) as p (rule_id, balance_id, epoch)
    group by rule_id, balance_id, epoch
), locked as materialized (
    select p.*
    from place p
    join alarm_epoch e using (rule_id, balance_id, epoch)
    order by e.rule_id, e.balance_id, e.epoch
    for no key update of e
)
update alarm_epoch e
set raised = e.raised + l.places
from locked l
where e.rule_id = l.rule_id and e.balance_id = l.balance_id and e.epoch = l.epoch

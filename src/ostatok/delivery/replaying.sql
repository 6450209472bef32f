-- Deliveries that were settled wait again (G8): under the same ids, so that a receiver that tells can tell.
-- Locks come in the order in which a worker takes them when it records: deliveries, notices, balances, counts.

-- name: lock
-- Those still as they were when it was decided; whoever comes second finds them waiting already.
select id from delivery
where id = any (%(ids)s) and state = any (%(states)s)
order by id
for update

-- name: lock_notices
select id from notice
where id in (select notice_id from delivery where id = any (%(ids)s))
order by id
for update

-- name: reopen_notices
-- One that was sent to somebody stays sent. One that told nobody had given its place back.
with fate as (
    select notice_id, bool_and(state in ('dropped', 'dead')) as told_nobody
    from delivery
    where notice_id in (select notice_id from delivery where id = any (%(ids)s))
    group by notice_id
)
update notice n
set state = 'waiting', reason = '', settled_at = null
from fate f
where n.id = f.notice_id and n.state in ('dropped', 'failed')
returning n.rule_id, n.balance_id, n.epoch, f.told_nobody

-- name: wait_again
-- With all attempts before it: those made stay on record.
update delivery
set state = 'waiting', reason = '', detail = '', due_at = %(now)s, attempts = 0, worker_id = null, settled_at = null,
    provider_id = ''
where id = any (%(ids)s)

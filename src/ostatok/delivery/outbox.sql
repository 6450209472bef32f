-- The outbox (DESIGN §7). A delivery is waiting, then leased to one worker (`sending`), then settled or waiting again.
-- A lease is as good as its worker: a worker holds the advisory lock of its id for as long as it lives.

-- name: claim
-- From the head of each queue that is due, lanes first; within a lane organizations take turns.
with queue as (
    select lane, channel, organization_id,
        greatest(1, ceil(%(limit)s::numeric / count(*) over (partition by lane))) as share
    from delivery_queue
    where due_at <= %(now)s and not channel = any (%(blocked)s) and (%(only)s::text is null or channel = %(only)s)
    order by lane, due_at
    limit %(limit)s
), due as materialized (
    select d.id, d.due_at, q.lane,
        row_number() over (partition by q.lane, q.channel, q.organization_id order by d.due_at, d.id) as turn
    from queue q
    cross join lateral (
        select w.id, w.due_at
        from delivery w
        where w.state = 'waiting' and w.lane = q.lane and w.channel = q.channel
            and w.organization_id = q.organization_id and w.due_at <= %(now)s
        order by w.due_at, w.id
        limit q.share
        for update skip locked
    ) d
), chosen as (
    select id from due order by lane, turn, due_at, id limit %(limit)s
)
update delivery d
set state = 'sending', worker_id = %(worker)s
from chosen
where d.id = chosen.id
returning d.id, d.attempts, d.channel

-- name: next_due
select min(due_at) from delivery_queue where not channel = any (%(blocked)s)

-- name: release
update delivery
set state = 'waiting', worker_id = null
where id = any (%(ids)s) and state = 'sending' and worker_id = %(worker)s

-- name: release_unknown
-- Leases taken by a claim whose answer was lost with the connection.
update delivery
set state = 'waiting', worker_id = null
where state = 'sending' and worker_id = %(worker)s and not id = any (%(held)s)

-- name: record
-- Only what is still leased to this worker, and in the same attempt: another may have taken over meanwhile. Letters go
-- over in binary form (`b`), which needs no escaping: as text they cost more than all the rest.
with outcome as (
    select *
    from unnest(
        %(ids)s::bigint[], %(attempts)s::smallint[], %(states)s::text[], %(reasons)s::text[], %(details)s::text[],
        %(due)s::timestamptz[], %(outcomes)s::text[], %(addresses)s::text[], %(providers)s::text[],
        %(provider_ids)s::text[], %(subjects)b::text[], %(texts)b::text[], %(htmls)b::text[], %(headers)b::text[]::jsonb[]
    ) as o (
        id, attempts, state, reason, detail, due_at, outcome, address, provider, provider_id, subject, text, html, headers
    )
), recorded as (
    update delivery d
    set state = o.state, reason = o.reason, detail = o.detail, due_at = coalesce(o.due_at, d.due_at),
        attempts = d.attempts + (o.outcome is not null)::integer, worker_id = null,
        settled_at = case when o.state <> 'waiting' then %(now)s end, provider_id = o.provider_id,
        provider = coalesce(nullif(o.provider, ''), d.provider),
        -- Where it went, which may be another address than when it was raised; that of a contact's other delivery stays
        -- that one's.
        address = case
            when o.address in ('', d.address) then d.address
            when exists (
                select from delivery s
                where s.notice_id = d.notice_id and s.channel = d.channel and s.recipient = d.recipient
                    and s.address = o.address
            ) then d.address
            else o.address
        end
    from outcome o
    where d.id = o.id and d.state = 'sending' and d.worker_id = %(worker)s and d.attempts = o.attempts
    returning d.id, d.notice_id, d.organization_id, d.attempts, d.state
), tried as (
    insert into attempt (delivery_id, organization_id, worker_id, number, at, outcome, reason, detail, provider)
    select r.id, r.organization_id, %(worker)s, r.attempts, %(now)s, o.outcome, o.reason, o.detail, o.provider
    from recorded r
    join outcome o on o.id = r.id
    where o.outcome is not null
    order by r.id
), told as (
    insert into delivery_message (delivery_id, subject, text, html, headers)
    select r.id, o.subject, o.text, o.html, o.headers
    from recorded r
    join outcome o on o.id = r.id
    where o.subject is not null
    order by r.id
    on conflict (delivery_id) do update
    set subject = excluded.subject, text = excluded.text, html = excluded.html, headers = excluded.headers
)
select id, notice_id, state from recorded

-- name: lock_notices
-- Whoever settles another delivery of the same notice waits here, and then sees what became of this one.
select id from notice where id = any (%(notices)s) order by id for update

-- name: settle_notices
with fate as (
    select notice_id,
        bool_or(state = 'sent') as sent,
        bool_and(state in ('sent', 'dropped', 'dead', 'unknown')) as settled,
        bool_and(state = 'dropped') as dropped,
        -- What may have arrived counts as if it had.
        bool_and(state in ('dropped', 'dead')) as told_nobody,
        (array_agg(reason order by state = 'dropped', id))[1] as reason
    from delivery
    where notice_id = any (%(notices)s)
    group by notice_id
)
update notice n
set state = case when f.sent then 'sent' when f.dropped then 'dropped' else 'failed' end,
    reason = case when f.sent then '' else f.reason end, settled_at = %(now)s
from fate f
where n.id = f.notice_id and n.state = 'waiting' and (f.sent or f.settled)
returning n.rule_id, n.balance_id, n.epoch, f.told_nobody

-- name: other_workers
-- Those who hold leases. After a restart of the server everybody's lock is gone: the living get some time to lock again.
select distinct worker_id, clock_timestamp() - pg_postmaster_start_time() < %(grace)s as too_early
from delivery
where state = 'sending' and worker_id <> %(worker)s

-- name: take_over
with lease as materialized (
    select pg_try_advisory_xact_lock(%(space)s, %(dead)s) as free
), taken as (
    update delivery
    set state = 'waiting', worker_id = null, due_at = %(now)s, attempts = attempts + 1, reason = 'worker_died',
        detail = ''
    where state = 'sending' and worker_id = %(dead)s and (select free from lease)
    returning id, organization_id, attempts
), stopped as (
    update worker set stopped_at = %(now)s where id = %(dead)s and stopped_at is null and (select free from lease)
)
insert into attempt (delivery_id, organization_id, worker_id, number, at, outcome, reason, detail)
select id, organization_id, %(dead)s, attempts, %(now)s, 'unknown', 'worker_died', ''
from taken
order by id

-- name: waiting
select count(*) from delivery where state = 'waiting'

-- name: circuits
select provider, failures, opened_at, retry_at, detail from circuit where provider = any (%(providers)s)

-- name: lock_circuits
select provider, failures, opened_at, retry_at, detail
from circuit
where provider = any (%(providers)s)
order by provider
for update

-- name: save_circuit
insert into circuit (provider, failures, opened_at, retry_at, detail)
values (%(provider)s, %(failures)s, %(opened_at)s, %(retry_at)s, %(detail)s)
on conflict (provider) do update
set failures = excluded.failures, opened_at = excluded.opened_at, retry_at = excluded.retry_at, detail = excluded.detail

-- name: begin_probe
-- Whoever moves the time first, probes.
update circuit set retry_at = %(until)s
where provider = %(provider)s and opened_at is not null and retry_at <= %(now)s
returning provider

-- name: give_up_probe
update circuit set retry_at = least(retry_at, %(now)s)
where provider = %(provider)s and opened_at is not null

-- name: now
select
    (select count(*) from delivery where state = 'waiting') as waiting,
    (select count(*) from delivery where state = 'sending') as sending,
    coalesce(
        (select extract(epoch from now() - min(due_at)) from delivery where state = 'waiting' and due_at <= now()), 0
    )::float8 as oldest_due,
    (select count(*) from circuit where retry_at > now()) as circuits_open,
    (select count(*) from worker where stopped_at is null) as workers

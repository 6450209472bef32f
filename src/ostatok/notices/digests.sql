-- name: timings
select s.id as subscription, s.at, s.working_days, s.since, o.timezone as zone
from run_out_subscription s
join organization o on o.id = s.organization_id
join app_user u on u.id = s.user_id and u.is_active
order by s.id

-- name: raise
-- In the order of the unique key, as two that raise at once wait for each other.
insert into digest (organization_id, user_id, day, mine, site, raised_at)
select s.organization_id, s.user_id, w.day, s.mine, s.site, %(now)s
from unnest(%(subscriptions)s::bigint[], %(days)s::date[]) w (subscription, day)
join run_out_subscription s on s.id = w.subscription
order by s.organization_id, s.user_id, w.day
on conflict (organization_id, user_id, day) do nothing
returning id

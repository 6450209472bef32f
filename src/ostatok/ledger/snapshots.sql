-- Balances as another billing states them become entries (FEATURES F11): an opening for a balance never posted to, else
-- the declared top-up, if it is new, and the difference.

-- name: prepare
create temporary table if not exists stated (
    pos integer not null, number text not null, service_id bigint not null, amount numeric not null,
    as_of timestamptz not null, credit_limit numeric, top_up numeric, topped_up_at timestamptz, rearm_from numeric not null
);
create temporary table if not exists comparison (
    pos integer not null, balance_id bigint primary key, verdict text, known_as_of timestamptz, opening boolean not null,
    top_up numeric, topped_up_at timestamptz, mark numeric, difference numeric
)

-- name: lock
select b.id
from stated s
join balance b on b.organization_id = %(organization)s and b.number = s.number and b.service_id = s.service_id
order by b.id
for update of b

-- name: compare
insert into comparison (pos, balance_id, verdict, known_as_of, opening, top_up, topped_up_at, mark, difference)
select s.pos, b.id,
    case when s.as_of < b.as_of then 'older_snapshot'
        when s.as_of = b.as_of and coalesce(w.amount, s.amount) <> s.amount then 'conflict'
        when s.as_of = b.as_of then 'duplicate' end,
    b.as_of, b.seq = 0,
    case when d.is_new and b.seq > 0 then s.top_up end, s.topped_up_at,
    case when s.top_up >= s.rearm_from and (d.is_new or b.seq = 0) then s.top_up end,
    case when b.seq = 0 then s.amount else s.amount - b.amount - case when d.is_new then s.top_up else 0 end end
from stated s
join balance b on b.organization_id = %(organization)s and b.number = s.number and b.service_id = s.service_id
left join epoch e on e.organization_id = b.organization_id and e.balance_id = b.id and e.seq = b.epoch
cross join lateral (
    select s.top_up is not null and (e.topped_up_at is null or s.topped_up_at > e.topped_up_at) and not exists (
        select from entry t
        where t.organization_id = %(organization)s
            and t.ref = 'top-up:' || b.id || ':' || to_char(s.topped_up_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
    ) as is_new
) d
left join lateral (
    -- What was stated as of the same moment. Where that needed no entry, what the entries up to then make.
    select sum(x.amount) as amount
    from entry x
    left join entry t on t.organization_id = %(organization)s
        and t.ref = 'snapshot:' || b.id || ':' || to_char(s.as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
    where s.as_of = b.as_of and x.organization_id = %(organization)s and x.balance_id = b.id
        and case when t.ref is null then x.occurred_at <= s.as_of else x.seq <= t.seq end
) w on true

-- name: stage
insert into stage (pos, number, service_id, kind, amount, occurred_at, ref, memo, mark, mark_at)
select 2 * c.pos, s.number, s.service_id, 1, c.top_up, c.topped_up_at,
    'top-up:' || c.balance_id || ':' || to_char(c.topped_up_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '',
    c.mark, c.topped_up_at
from comparison c
join stated s on s.pos = c.pos
where c.verdict is null and c.top_up is not null
union all
select 2 * c.pos + 1, s.number, s.service_id, case when c.opening then 6 else 7 end, c.difference, s.as_of,
    'snapshot:' || c.balance_id || ':' || to_char(s.as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '',
    case when c.opening then c.mark end, s.topped_up_at
from comparison c
join stated s on s.pos = c.pos
where c.verdict is null and (c.opening or c.difference <> 0)

-- name: set_as_of
-- Where an entry follows, it is judged with the new limit; a limit that changes alone is a look of its own.
update balance b
set as_of = s.as_of,
    credit_limit = case when c.opening or c.difference <> 0 or c.top_up is not null
        then coalesce(s.credit_limit, b.credit_limit) else b.credit_limit end,
    trip_version = case when s.credit_limit <> b.credit_limit then 0 else b.trip_version end
from comparison c
join stated s on s.pos = c.pos
where b.id = c.balance_id and c.verdict is null

-- name: limits_alone
select c.balance_id, s.credit_limit
from comparison c
join stated s on s.pos = c.pos
join balance b on b.id = c.balance_id
where c.verdict is null and s.credit_limit <> b.credit_limit

-- name: outcome
select s.pos, case when c.balance_id is null then 'unknown_balance' else c.verdict end, c.known_as_of
from stated s
left join comparison c on c.pos = s.pos
where c.balance_id is null or c.verdict is not null

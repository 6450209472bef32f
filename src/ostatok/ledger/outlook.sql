-- The outlook: how low each balance is and when it will run out, for lists and counts (docs/concepts.md).
--
-- Use is kept by day, for the day of the refresh and the seven before it, days being those of UTC. So a refresh reads
-- only entries posted since the last one, and the turn of a day only shifts what is there. An entry belongs to the day
-- it occurred on, to that of its posting if it occurred later.

-- name: prepare
create temporary table if not exists outlook_candidate (
    organization_id bigint not null, balance_id bigint primary key, from_seq bigint not null, posted_to boolean not null
) on commit delete rows;
create temporary table if not exists outlook_base (segment_id integer primary key, base text not null) on commit delete rows;
delete from outlook_candidate;
delete from outlook_base

-- name: lock
-- One refresh at a time; the next goes on where this one ends.
select pg_advisory_xact_lock(7263002)

-- name: last_pass
select at from outlook_pass

-- name: bases
insert into outlook_base (segment_id, base)
select * from unnest(%(segments)s::integer[], %(bases)s::text[])

-- name: find_changed
-- Posted to since the last refresh, or by a transaction that was under way then; changed without an entry; foretold to
-- have run out by now, and not posted to: use has become less.
with marked as (
    delete from outlook_mark returning balance_id
), found as (
    select e.balance_id from entry e where e.posted_at > %(posted_from)s
    union
    select balance_id from marked
    union
    select balance_id from outlook where runs_out_at > %(last)s and runs_out_at <= %(now)s
)
insert into outlook_candidate (organization_id, balance_id, from_seq, posted_to)
select b.organization_id, b.id, coalesce(o.seq, 0), o.seq is distinct from b.seq
from found f
join balance b on b.id = f.balance_id and b.seq > 0
left join outlook o on o.organization_id = b.organization_id and o.balance_id = b.id
where o.seq is distinct from b.seq or f.balance_id in (select balance_id from marked) or o.runs_out_at <= %(now)s

-- name: find_all
-- On a new day: whatever was used or changed in the days before it, so that these move on by one. Where time went back,
-- what was shifted away has to be read again.
insert into outlook_candidate (organization_id, balance_id, from_seq, posted_to)
select b.organization_id, b.id, f.from_seq, f.from_seq < b.seq
from balance b
left join outlook o on o.organization_id = b.organization_id and o.balance_id = b.id
left join outlook_base s on s.segment_id = b.segment_id
cross join lateral (select case when o.day <= %(today)s then o.seq else 0 end as from_seq) f
where b.seq > 0 and (
    %(everything)s or f.from_seq < b.seq or o.base <> coalesce(s.base, 'last_top_up')
    or o.used <> array_fill(0::numeric, array[8]) or o.net <> array_fill(0::numeric, array[8])
    or b.id in (select balance_id from outlook_mark)
)

-- name: forget_marks
delete from outlook_mark

-- name: analyze
analyze outlook_candidate

-- name: forget_closed
-- Nobody is to be told that a closed account runs out.
delete from outlook o
using balance b
join account a on a.id = b.account_id
join client c on c.id = a.client_id
where b.organization_id = o.organization_id and b.id = o.balance_id and (a.status = 'closed' or c.status = 'closed')

-- name: write
-- `fresh` is what the entries since the last refresh add to each of the eight days. A reversal takes use back from the
-- day of what it reverses.
with fresh as (
    select c.balance_id,
        array[{fresh_used}] as used,
        array[{fresh_net}] as net
    from (select * from outlook_candidate where posted_to) c
    join entry e on e.organization_id = c.organization_id and e.balance_id = c.balance_id and e.seq > c.from_seq
    left join entry x on e.kind = 5 and x.organization_id = e.organization_id and x.ref = e.reverses
    cross join lateral (
        values
            (least(e.occurred_at, e.posted_at), 0, e.amount),
            ({used_at}, case when {is_use} then -e.amount else 0 end, 0)
    ) f (at, used, net)
    cross join lateral (
        select least((f.at at time zone 'UTC')::date - %(first_day)s::date, 7) as nth
    ) d
    where d.nth >= 0
    group by c.balance_id
), daily as (
    select b.id, b.organization_id, b.service_id, b.segment_id, b.amount, b.held, b.credit_limit, b.package, b.seq, b.epoch,
        b.last_charge_at, b.first_entry_at, b.as_of, a.billing, k.manager_id, u.used, u.net, u.total,
        greatest(86400, floor(extract(epoch from
            %(now)s - greatest(%(first_day)s::date::timestamp at time zone 'UTC', b.first_entry_at)))) as span
    from outlook_candidate c
    join balance b on b.id = c.balance_id
    join account a on a.id = b.account_id and a.status <> 'closed'
    join client k on k.id = a.client_id and k.status <> 'closed'
    left join fresh f on f.balance_id = c.balance_id
    left join outlook o on o.organization_id = c.organization_id and o.balance_id = c.balance_id and c.from_seq > 0
    cross join lateral (
        select array_agg(coalesce(w.old_used, 0) + coalesce(w.used, 0) order by w.nth) as used,
            array_agg(coalesce(w.old_net, 0) + coalesce(w.net, 0) order by w.nth) as net,
            greatest(sum(coalesce(w.old_used, 0) + coalesce(w.used, 0)), 0) as total
        from rows from (
            unnest(o.used[1 + least(%(today)s::date - o.day, 8):]),
            unnest(o.net[1 + least(%(today)s::date - o.day, 8):]),
            unnest(f.used), unnest(f.net), generate_series(1, 8)
        ) as w (old_used, old_net, used, net, nth)
    ) u
), measured as (
    select d.*, coalesce(s.base, 'last_top_up') as base, 100 * (d.amount - d.held) as level,
        case s.base when 'balance_after' then e.balance_after when 'package' then d.package else e.top_up end as mark,
        d.amount + d.credit_limit - d.held as available,
        case when d.total > 0 then div((d.amount + d.credit_limit - d.held) * d.span, d.total) end as seconds
    from daily d
    left join epoch e on e.organization_id = d.organization_id and e.balance_id = d.id and e.seq = d.epoch
    left join outlook_base s on s.segment_id = d.segment_id
), written as (
    insert into outlook as o (
        organization_id, balance_id, service_id, manager_id, band, base, mark, percent, amount, held, daily_use,
        runs_out_at, used, net, day, seq, as_of
    )
    select m.organization_id, m.id, m.service_id, m.manager_id,
        case when m.mark is null or m.mark <= 0 then 'none' when m.level >= 20 * m.mark then 'ok'
            when m.level >= 10 * m.mark then 'low' when m.level >= 5 * m.mark then 'lower' else 'crit' end,
        m.base, m.mark,
        case when m.mark > 0 then trunc(greatest(least(m.level / m.mark, 999999999), -999999999), 4) end,
        m.amount, m.held, div(m.total * 86400 * 1000000, m.span) / 1000000,
        case
            when m.billing = 'postpaid' and m.credit_limit = 0 then null
            when m.available <= 0 then least(%(now)s, coalesce(m.last_charge_at, m.as_of, m.first_entry_at))
            when m.seconds <= %(horizon)s then %(now)s + make_interval(secs => m.seconds::integer) end,
        m.used, m.net, %(today)s, m.seq, %(now)s
    from measured m
    order by m.organization_id, m.id
    on conflict (organization_id, balance_id) do update
    set manager_id = excluded.manager_id, band = excluded.band, base = excluded.base, mark = excluded.mark,
        percent = excluded.percent, amount = excluded.amount, held = excluded.held, daily_use = excluded.daily_use,
        runs_out_at = excluded.runs_out_at, used = excluded.used, net = excluded.net, day = excluded.day,
        seq = excluded.seq, as_of = excluded.as_of
    where (o.manager_id, o.band, o.base, o.mark, o.percent, o.amount, o.held, o.daily_use, o.runs_out_at, o.used, o.net,
            o.seq)
        is distinct from (excluded.manager_id, excluded.band, excluded.base, excluded.mark, excluded.percent,
            excluded.amount, excluded.held, excluded.daily_use, excluded.runs_out_at, excluded.used, excluded.net,
            excluded.seq)
    returning new.organization_id, new.service_id, old.band as was, new.band as band
), counted as (
    insert into band_count as c (organization_id, service_id, band, balances, ran_out, within_day, within_week)
    select organization_id, service_id, band, sum(difference), 0, 0, 0
    from (
        select organization_id, service_id, band, 1 as difference from written
        union all
        select organization_id, service_id, was, -1 from written where was is not null
    ) moved
    group by organization_id, service_id, band
    having sum(difference) <> 0
    order by organization_id, service_id, band
    on conflict (organization_id, service_id, band) do update set balances = c.balances + excluded.balances
)
select count(*) from written

-- name: recount
delete from band_count;
insert into band_count (organization_id, service_id, band, balances, ran_out, within_day, within_week)
select organization_id, service_id, band, count(*), 0, 0, 0 from outlook group by organization_id, service_id, band

-- name: count_soon
with soon as (
    select organization_id, service_id, band,
        count(*) filter (where runs_out_at <= %(now)s) as ran_out,
        count(*) filter (where runs_out_at > %(now)s and runs_out_at <= %(now)s + interval '1 day') as within_day,
        count(*) filter (where runs_out_at > %(now)s) as within_week
    from outlook
    where runs_out_at > %(now)s - interval '7 days' and runs_out_at <= %(now)s + interval '7 days'
    group by organization_id, service_id, band
)
update band_count c
set ran_out = coalesce(s.ran_out, 0), within_day = coalesce(s.within_day, 0), within_week = coalesce(s.within_week, 0)
from band_count k
left join soon s on s.organization_id = k.organization_id and s.service_id = k.service_id and s.band = k.band
where c.organization_id = k.organization_id and c.service_id = k.service_id and c.band = k.band
    and (c.ran_out, c.within_day, c.within_week)
        is distinct from (coalesce(s.ran_out, 0), coalesce(s.within_day, 0), coalesce(s.within_week, 0))

-- name: passed
insert into outlook_pass (id, at) values (1, %(now)s) on conflict (id) do update set at = excluded.at

-- name: is_use
-- Charges, what another billing says was used, and what a reversal takes back of either.
coalesce(x.kind, e.kind) = 2 or coalesce(x.kind, e.kind) = 7 and coalesce(x.amount, e.amount) < 0

-- name: used_at
least(coalesce(x.occurred_at, e.occurred_at), coalesce(x.posted_at, e.posted_at))

-- name: recent_use
-- What was used of balance `b` since midnight seven days ago: what the last refresh knew, and the entries since.
select greatest(coalesce((
        select sum(d.used)
        from unnest(o.used) with ordinality as d (used, nth)
        where o.day - 8 + d.nth::integer >= %(first_day)s::date
    ), 0) + coalesce((
        select -sum(e.amount)
        from entry e
        left join entry x on e.kind = 5 and x.organization_id = e.organization_id and x.ref = e.reverses
        where e.organization_id = b.organization_id and e.balance_id = b.id and e.seq > k.seq{until}
            and ({is_use})
            and ({used_at} at time zone 'UTC')::date >= %(first_day)s::date
    ), 0), 0) as used
from (select) nothing
left join outlook o on o.organization_id = b.organization_id and o.balance_id = b.id
-- Apart, since behind the wall an index is asked for columns only, not for what is made of them.
cross join lateral (select coalesce(o.seq, 0) as seq offset 0) k

-- name: lasts
-- For how many seconds what is available of balance `b` lasts at its recent rate, as forecast.py says it: `Infinity` where
-- nothing was used lately, null where nobody can tell, or is to be told.
select case
    when p.status = 'closed' or k.status = 'closed' or p.billing = 'postpaid' and b.credit_limit = 0 then null
    when u.used > 0 then div(({available}) * greatest(86400, floor(extract(epoch from
        %(now)s::timestamptz - greatest(%(first_day)s::date::timestamp at time zone 'UTC', b.first_entry_at)))), u.used)
    when ({available}) > 0 then 'Infinity'::numeric end
from account p
join client k on k.id = p.client_id
-- Apart, or it would be worked out for each mention of it.
cross join lateral (select used from ({recent_use}) r offset 0) u
where p.id = b.account_id

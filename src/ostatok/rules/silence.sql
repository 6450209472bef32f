-- What happens to balances that a rule begins to speak to, or speaks to anew: those already below are marked as told,
-- silently, unless the operator chose to notify them now (DESIGN §6.4). `joining` names whole segments, `joining_balance`
-- single balances. Balances never posted to are unknown and left out. `{lasts}` is the ledger's.

-- name: prepare
create temporary table if not exists joining (
    rule_id bigint not null, segment_id integer not null, primary key (rule_id, segment_id)
);
create temporary table if not exists joining_balance (
    rule_id bigint not null, balance_id bigint not null, primary key (rule_id, balance_id)
);
create temporary table if not exists standing (
    rule_id bigint not null, balance_id bigint not null, seq bigint not null, epoch bigint not null, low boolean not null,
    clear boolean not null, band_id integer, bands integer[], amount numeric not null, available numeric not null,
    mark numeric, lasts numeric, passes boolean not null default false, primary key (rule_id, balance_id)
)

-- name: join_segments
insert into joining (rule_id, segment_id)
select r.rule_id, sr.segment_id from unnest(%(rules)s::bigint[]) r (rule_id) join segment_rule sr using (rule_id)
union
select * from unnest(%(come_rules)s::bigint[], %(come_segments)s::integer[])

-- name: join_moved
insert into joining_balance (rule_id, balance_id)
select sr.rule_id, s.balance_id
from sorted s
join segment_rule sr on sr.segment_id = s.segment_id
where not exists (
    select from segment_rule old where old.segment_id = s.old_segment_id and old.rule_id = sr.rule_id
)

-- name: stand
-- How joining balances stand with their rule: `low` would fire, `clear` is re-armed. The quiet majority is left out.
-- What lasts nobody knows how long is neither.
insert into standing (rule_id, balance_id, seq, epoch, low, clear, band_id, bands, amount, available, mark, lasts)
select rule_id, balance_id, seq, epoch, low, clear, band_id, bands, amount, available, mark, lasts
from (
    select r.id as rule_id, b.id as balance_id, b.seq, b.epoch, b.amount, a.available, m.mark, w.band_id, w.bands, f.lasts,
        case r.kind
            when 'balance_below' then a.available < r.threshold
            when 'balance_above' then a.available > r.threshold
            when 'balance_exhausted' then a.available <= 0
            when 'forecast_below' then coalesce(f.lasts < 86400 * r.days, false)
            else false end as low,
        case r.kind
            when 'balance_below' then a.available >= r.threshold + r.hysteresis
            when 'balance_above' then a.available <= r.threshold - r.hysteresis
            when 'balance_exhausted' then a.available > 0 and a.available >= r.hysteresis
            when 'forecast_below' then coalesce(f.lasts >= 86400 * (r.days + r.hysteresis), false)
            else false end as clear
    from (
        select j.rule_id, b.id as balance_id from joining j join balance b on b.segment_id = j.segment_id
        union
        select rule_id, balance_id from joining_balance
    ) j
    join rule r on r.id = j.rule_id
    join balance b on b.id = j.balance_id and b.seq > 0
    left join epoch e on e.organization_id = b.organization_id and e.balance_id = b.id and e.seq = b.epoch
    cross join lateral (select b.amount + b.credit_limit - b.held as available) a
    -- Those who last for long enough by the outlook are not asked for how long exactly. It names `j`, or all balances that
    -- there are would be asked before those who join are found among them.
    cross join lateral (
        select case
            when r.kind <> 'forecast_below' or j.balance_id <> b.id then null
            when (
                select o.seq = b.seq and o.amount = b.amount and o.held = b.held
                    and o.day = (%(now)s::timestamptz at time zone 'UTC')::date and o.as_of <= %(now)s
                    and not exists (select from outlook_mark m where m.balance_id = b.id)
                    and (
                        o.used = array_fill(0::numeric, array[8])
                        or coalesce(o.runs_out_at >= %(now)s + make_interval(secs => 86400 * r.days), true)
                    )
                from outlook o
                where o.organization_id = b.organization_id and o.balance_id = b.id
            ) and not exists (
                select from alarm x where x.rule_id = r.id and x.balance_id = b.id and x.firing
            ) then null
            else ({lasts}) end as lasts
        offset 0
    ) f
    cross join lateral (
        select case r.mark when 'last_top_up' then e.top_up when 'balance_after' then e.balance_after else b.package end
            as mark
    ) m
    left join lateral (
        select array_agg(n.id order by n.id) as bands,
            max(n.id) filter (where n.lower is null or 100 * (b.amount - b.held) >= n.lower * m.mark) as band_id
        from rule_band n
        where r.kind = 'balance_band' and n.rule_id = r.id and n.active and m.mark > 0
            and 100 * (b.amount - b.held) < n.upper * m.mark
    ) w on true
) s
where low or bands is not null or clear and exists (
    select from alarm a where a.rule_id = s.rule_id and a.balance_id = s.balance_id and a.firing
)

-- name: notify
-- Those who would be marked silently, and those who were, get their occasion now, with a place of its own in the posting
-- order so that it cannot be mistaken for an earlier one.
with chosen as (
    select s.*
    from standing s
    left join alarm a on a.rule_id = s.rule_id and a.balance_id = s.balance_id
    left join alarm_epoch e on e.rule_id = s.rule_id and e.balance_id = s.balance_id and e.epoch = s.epoch
    where s.rule_id = any (%(rules)s) and (
        s.low and (a.rule_id is null or not a.firing or a.silent)
        or s.band_id is not null and not s.band_id = any (coalesce(e.bands, '{}'))
    )
), locked as materialized (
    select id from balance where id in (select balance_id from chosen) order by id for update
), bumped as (
    update balance b set seq = b.seq + 1 from locked l where b.id = l.id returning b.id, b.seq
)
insert into fire (rule_id, balance_id, seq, epoch, band_id, occasion, step, amount, available, mark, lasts)
select c.rule_id, c.balance_id, b.seq, c.epoch, c.band_id, b.seq, 1, c.amount, c.available,
    case when c.band_id is not null then c.mark end, c.lasts
from chosen c
join bumped b on b.id = c.balance_id

-- name: find_passing
-- Who is in a band of its epoch, or beyond one, that did not count as passed yet: before `pass_bands` says that it does.
update standing s
set passes = true
where s.bands is not null and not exists (
    select from alarm_epoch e
    where e.rule_id = s.rule_id and e.balance_id = s.balance_id and e.epoch = s.epoch and e.bands @> s.bands
)

-- name: pass_bands
-- Before the alarms, as counts are remembered before alarms elsewhere: a worker that gives places back (give_back.sql)
-- locks the two in this order.
insert into alarm_epoch as e (rule_id, balance_id, epoch, raised, bands)
select rule_id, balance_id, epoch, 0, bands
from standing
where bands is not null
order by rule_id, balance_id, epoch
on conflict (rule_id, balance_id, epoch) do update
set bands = array(select distinct unnest(e.bands || excluded.bands) order by 1)
where not e.bands @> excluded.bands

-- name: remember_notified
insert into alarm as a (
    rule_id, balance_id, organization_id, firing, silent, since, since_seq, repeats, last_raised_at, next_repeat_at,
    reason, reason_at
)
select f.rule_id, f.balance_id, b.organization_id, f.band_id is null, false, %(now)s, f.seq,
    (f.reason = 'raised')::integer, case when f.reason = 'raised' then %(now)s else a.last_raised_at end,
    case when f.band_id is null then
        case when f.reason = 'raised' then %(now)s else coalesce(a.last_raised_at, %(now)s) end + r.period end,
    f.reason, %(now)s
from fire f
join rule r on r.id = f.rule_id
join balance b on b.id = f.balance_id
left join alarm a on a.rule_id = f.rule_id and a.balance_id = f.balance_id
order by f.rule_id, f.balance_id
on conflict (rule_id, balance_id) do update
set firing = a.firing or excluded.firing, silent = a.silent and not excluded.firing,
    since = case when excluded.firing then excluded.since else a.since end,
    since_seq = case when excluded.firing then excluded.since_seq else a.since_seq end,
    repeats = case when excluded.firing then excluded.repeats else a.repeats end,
    last_raised_at = excluded.last_raised_at,
    next_repeat_at = case when excluded.firing then excluded.next_repeat_at else a.next_repeat_at end,
    reason = excluded.reason, reason_at = excluded.reason_at

-- name: silence
insert into alarm as a (
    rule_id, balance_id, organization_id, firing, silent, since, since_seq, repeats, reason, reason_at
)
select s.rule_id, s.balance_id, b.organization_id, s.low, s.low, case when s.low then %(now)s end,
    case when s.low then s.seq else 0 end, 0, 'silent', %(now)s
from standing s
join balance b on b.id = s.balance_id
left join alarm a on a.rule_id = s.rule_id and a.balance_id = s.balance_id
where s.low and not coalesce(a.firing, false)
    or s.passes and not exists (select from fire f where f.rule_id = s.rule_id and f.balance_id = s.balance_id)
order by s.rule_id, s.balance_id
on conflict (rule_id, balance_id) do update
set firing = a.firing or excluded.firing, silent = a.silent or excluded.firing,
    since = case when excluded.firing then excluded.since else a.since end,
    since_seq = case when excluded.firing then excluded.since_seq else a.since_seq end,
    -- A mark takes no place of its own in the posting order: at the same one the steps go on.
    repeats = case when excluded.firing and a.since_seq <> excluded.since_seq then 0 else a.repeats end,
    next_repeat_at = case when excluded.firing then null else a.next_repeat_at end,
    reason = excluded.reason, reason_at = excluded.reason_at

-- name: rearm
update alarm a
set firing = false, silent = false, next_repeat_at = null, reason = 'rearmed', reason_at = %(now)s
from standing s
where a.rule_id = s.rule_id and a.balance_id = s.balance_id and a.firing and s.clear

-- name: reschedule
-- Period and max qty may have been edited: whatever is firing repeats by the new ones.
update alarm a
set next_repeat_at = case when a.reason = 'next_check' then a.since else coalesce(a.last_raised_at, a.since) end + r.period
from rule r
where r.id = any (%(rules)s) and a.rule_id = r.id and a.firing and not a.silent

-- name: summary
select s.rule_id, count(*) filter (where s.low or s.band_id is not null) as below,
    (select count(*) from fire f where f.rule_id = s.rule_id and f.reason = 'raised') as notified
from standing s
group by s.rule_id

-- name: hush
-- Nothing repeats for a rule that is off.
update alarm set next_repeat_at = null where rule_id = any (%(rules)s) and next_repeat_at is not null

-- The rules look at balances that moved (DESIGN §6), entry by entry. `look` (from the ledger) holds every moment to be
-- judged. Each rule that speaks to a balance runs as a small state machine over its looks; an occasion it finds goes to
-- `fire`, where the quota decides whether it becomes a notice. What is remembered goes to `alarm` and `alarm_epoch`.

-- name: prepare
create temporary table if not exists fire (
    rule_id bigint not null, balance_id bigint not null, seq bigint not null, epoch bigint not null, band_id integer,
    occasion bigint not null, step integer not null, amount numeric not null, available numeric not null, mark numeric,
    lasts numeric, reason text
);
create temporary table if not exists machine (
    rule_id bigint not null, balance_id bigint not null, firing boolean not null, fired_seq bigint, fired_silently boolean,
    topped_up_seq bigint, turned boolean not null, primary key (rule_id, balance_id)
);
create temporary table if not exists level (
    rule_id bigint not null, balance_id bigint not null, epoch bigint not null, bands integer[] not null,
    marked boolean not null, primary key (rule_id, balance_id, epoch)
)

-- name: thresholds
-- `low` fires an armed alarm, `clear` re-arms a firing one, neither leaves it as it is. The latest look that said either
-- decides the state; it is found by carrying 2·seq + state through a window, since nulls cannot be skipped otherwise.
-- What lasts for fewer days is found on schedule (forecasts.sql): here a top-up re-arms it, as of its own look.
with watched as (
    select r.id as rule_id, l.balance_id, l.seq, l.epoch, l.amount, l.silent, l.turned, l.epoch = l.seq as topped_up,
        l.amount + l.credit_limit - l.held as available, r.kind, r.threshold, r.hysteresis,
        coalesce(a.firing, false) as was_firing,
        case when r.kind = 'forecast_below' and l.epoch = l.seq then
            (select ({lasted}) from balance b where b.id = l.balance_id) >= 86400 * (r.days + r.hysteresis)
            else false end as lasting
    from look l
    join segment_rule sr on sr.segment_id = l.segment_id
    join rule r on r.id = sr.rule_id and r.kind <> 'balance_band'
    left join alarm a on a.rule_id = r.id and a.balance_id = l.balance_id
    where r.kind <> 'forecast_below' or a.firing
), classed as (
    select *,
        case kind
            when 'balance_below' then available < threshold
            when 'balance_above' then available > threshold
            when 'balance_exhausted' then available <= 0
            else false end as low,
        case kind
            when 'balance_below' then available >= threshold + hysteresis
            when 'balance_above' then available <= threshold - hysteresis
            when 'balance_exhausted' then available > 0 and available >= hysteresis
            else coalesce(lasting, false) end as clear
    from watched
), stated as (
    select *, max(2 * seq + low::integer) filter (where low or clear) over (
            partition by rule_id, balance_id order by seq rows between unbounded preceding and 1 preceding
        ) as before
    from classed
), judged as (
    select *, low and case when before is null then not was_firing else before & 1 = 0 end as fires from stated
), firing as (
    insert into fire (rule_id, balance_id, seq, epoch, occasion, step, amount, available)
    select rule_id, balance_id, seq, epoch, seq, 1, amount, available
    from judged
    where fires and not silent
)
insert into machine (rule_id, balance_id, firing, fired_seq, fired_silently, topped_up_seq, turned)
select j.rule_id, j.balance_id,
    coalesce(max(2 * j.seq + low::integer) filter (where low or clear) & 1 = 1, bool_or(was_firing)),
    max(j.seq) filter (where fires),
    max(2 * j.seq + silent::integer) filter (where fires) & 1 = 1,
    max(j.seq) filter (where topped_up),
    bool_or(j.turned)
from judged j
group by j.rule_id, j.balance_id

-- name: bands
-- A band is entered when the level falls into it for the first time in its epoch. A level never below a band's upper
-- edge within an epoch leaves that band unfired, so the lowest level seen so far tells all that was fired or passed.
with watched as (
    select r.id as rule_id, l.balance_id, l.seq, l.epoch, l.amount, l.amount + l.credit_limit - l.held as available,
        l.falling and not l.silent as may_fire, 100 * (l.amount - l.held) as level,
        case r.mark when 'last_top_up' then l.top_up when 'balance_after' then l.balance_after else l.package end as mark
    from look l
    join segment_rule sr on sr.segment_id = l.segment_id
    join rule r on r.id = sr.rule_id and r.kind = 'balance_band'
), stepped as (
    select *, min(level) over (
            partition by rule_id, balance_id, epoch order by seq rows between unbounded preceding and 1 preceding
        ) as lowest
    from watched
    where mark > 0
), firing as (
    insert into fire (rule_id, balance_id, seq, epoch, band_id, occasion, step, amount, available, mark)
    select s.rule_id, s.balance_id, s.seq, s.epoch, b.id, s.seq, 1, s.amount, s.available, s.mark
    from stepped s
    join rule_band b on b.rule_id = s.rule_id and b.active
        and s.level < b.upper * s.mark and (b.lower is null or s.level >= b.lower * s.mark)
    left join alarm_epoch e on e.rule_id = s.rule_id and e.balance_id = s.balance_id and e.epoch = s.epoch
    where s.may_fire and (s.lowest is null or s.lowest >= b.upper * s.mark) and not b.id = any (coalesce(e.bands, '{}'))
)
insert into level (rule_id, balance_id, epoch, bands, marked)
select w.rule_id, w.balance_id, w.epoch,
    coalesce(array_agg(distinct b.id order by b.id) filter (where b.id is not null), '{}'), bool_or(w.mark > 0) is true
from watched w
left join rule_band b on b.rule_id = w.rule_id and b.active and w.mark > 0 and w.level < b.upper * w.mark
group by w.rule_id, w.balance_id, w.epoch

-- name: quota
-- Cooldown first, then max qty, then «the first notice at the next check». With a cooldown at most one occasion of a
-- posting becomes a notice; without, each epoch takes what its max qty still allows.
with counted as (
    select f.ctid as row, r.cooldown, r.first, r.kind,
        a.last_raised_at + r.cooldown > %(now)s as cooling,
        coalesce(e.raised, 0) >= r.max_qty as filled,
        coalesce(e.raised, 0) + row_number() over (partition by f.rule_id, f.balance_id, f.epoch order by f.seq) > r.max_qty
            as overfilled,
        row_number() over (
            partition by f.rule_id, f.balance_id, coalesce(e.raised, 0) >= r.max_qty order by f.seq
        ) as place
    from fire f
    join rule r on r.id = f.rule_id
    left join alarm a on a.rule_id = f.rule_id and a.balance_id = f.balance_id
    left join alarm_epoch e on e.rule_id = f.rule_id and e.balance_id = f.balance_id and e.epoch = f.epoch
), judged as (
    select row, case
        when cooling then 'cooldown'
        when cooldown > interval '0' then case
            when filled then 'max_qty'
            when first = 'next_check' and kind <> 'balance_band' then 'next_check'
            when place = 1 then 'raised'
            else 'cooldown' end
        when first = 'next_check' and kind <> 'balance_band' then case when filled then 'max_qty' else 'next_check' end
        when overfilled then 'max_qty'
        else 'raised' end as reason
    from counted
)
update fire f set reason = j.reason from judged j where f.ctid = j.row

-- name: remember_counts
insert into alarm_epoch as e (rule_id, balance_id, epoch, raised, bands)
select rule_id, balance_id, epoch, sum(raised), '{}'
from (
    select rule_id, balance_id, epoch, 1 as raised from fire where reason = 'raised'
) told
group by rule_id, balance_id, epoch
order by rule_id, balance_id, epoch
on conflict (rule_id, balance_id, epoch) do update set raised = e.raised + excluded.raised

-- name: remember_bands
insert into alarm_epoch as e (rule_id, balance_id, epoch, raised, bands)
select rule_id, balance_id, epoch, 0, bands
from level
where bands <> '{}'
order by rule_id, balance_id, epoch
on conflict (rule_id, balance_id, epoch) do update
set bands = array(select distinct unnest(e.bands || excluded.bands) order by 1)
where not e.bands @> excluded.bands

-- name: remember_thresholds
-- A repeat falls due one period after the last raise, or after the moment the alarm began to count: when it fired
-- without a notice, left its silence, or a new epoch gave it new counters.
with told as (
    select rule_id, balance_id, bool_or(reason = 'raised') as raised,
        (array_agg(reason order by seq desc))[1] as last_reason,
        max(seq) filter (where reason = 'raised') as raised_seq
    from fire
    where band_id is null
    group by rule_id, balance_id
), merged as (
    select m.*, r.period, r.first, a.rule_id is not null as known, t.raised, t.last_reason, t.raised_seq,
        coalesce(a.firing, false) as was_firing, coalesce(a.silent, false) as was_silent, a.since, a.since_seq, a.repeats,
        a.next_repeat_at, a.reason, a.reason_at,
        case when t.raised then %(now)s else a.last_raised_at end as last_raised_at,
        m.firing and case
            when m.fired_seq is not null then m.fired_silently and coalesce(m.topped_up_seq <= m.fired_seq, true)
            else coalesce(a.silent, false) and m.topped_up_seq is null
        end as silent
    from machine m
    join rule r on r.id = m.rule_id
    left join alarm a on a.rule_id = m.rule_id and a.balance_id = m.balance_id
    left join told t on t.rule_id = m.rule_id and t.balance_id = m.balance_id
), scheduled as (
    select *, firing and not silent and was_silent and fired_seq is null as renewed, case
        when not firing or silent or period is null then null
        when fired_seq is not null and last_reason = 'next_check' and not coalesce(fired_silently, false)
            then %(now)s + period
        when fired_seq is not null or was_silent or (turned and next_repeat_at is null)
            then coalesce(last_raised_at, %(now)s) + period
        else next_repeat_at
    end as repeat_at
    from merged
)
insert into alarm as a (
    rule_id, balance_id, organization_id, firing, silent, since, since_seq, repeats, last_raised_at, next_repeat_at,
    reason, reason_at
)
select s.rule_id, s.balance_id, b.organization_id, s.firing, s.silent,
    case when s.fired_seq is not null or s.renewed then %(now)s else s.since end,
    coalesce(s.fired_seq, s.since_seq, 0),
    case when s.fired_seq is not null then (s.raised_seq is not distinct from s.fired_seq)::integer else coalesce(s.repeats, 0) end,
    s.last_raised_at, s.repeat_at,
    case when not s.firing then 'rearmed' when s.silent and s.fired_seq is not null then 'silent'
        else coalesce(s.last_reason, case when s.renewed then 'renewed' end, s.reason, 'renewed') end,
    case when s.last_reason is not null or s.fired_seq is not null or s.firing <> s.was_firing or s.renewed then %(now)s else s.reason_at end
from scheduled s
join balance b on b.id = s.balance_id
where s.known or s.fired_seq is not null
order by s.rule_id, s.balance_id
on conflict (rule_id, balance_id) do update
set firing = excluded.firing, silent = excluded.silent, since = excluded.since, since_seq = excluded.since_seq,
    repeats = excluded.repeats, last_raised_at = excluded.last_raised_at, next_repeat_at = excluded.next_repeat_at,
    reason = excluded.reason, reason_at = excluded.reason_at

-- name: remember_band_reasons
with told as (
    select rule_id, balance_id, bool_or(reason = 'raised') as raised, (array_agg(reason order by seq desc))[1] as reason
    from fire
    where band_id is not null
    group by rule_id, balance_id
), unmarked as (
    select rule_id, balance_id from level group by rule_id, balance_id having not bool_or(marked)
), merged as (
    select coalesce(t.rule_id, u.rule_id) as rule_id, coalesce(t.balance_id, u.balance_id) as balance_id,
        coalesce(t.raised, false) as raised, coalesce(t.reason, 'no_mark') as reason
    from told t
    full join unmarked u on u.rule_id = t.rule_id and u.balance_id = t.balance_id
)
insert into alarm as a (
    rule_id, balance_id, organization_id, firing, silent, since_seq, repeats, last_raised_at, reason, reason_at
)
select m.rule_id, m.balance_id, b.organization_id, false, false, 0, 0, case when m.raised then %(now)s end, m.reason, %(now)s
from merged m
join balance b on b.id = m.balance_id
order by m.rule_id, m.balance_id
on conflict (rule_id, balance_id) do update
set last_raised_at = coalesce(excluded.last_raised_at, a.last_raised_at), reason = excluded.reason,
    reason_at = excluded.reason_at

-- name: tripwires
-- The nearest amounts at which any rule could change state. Both ends count as reached, so an amount exactly on one
-- meets the rules once too often rather than once too seldom.
insert into tripwire (balance_id, low, high)
select l.balance_id, max(w.low), min(w.high)
from (select distinct on (balance_id) * from look order by balance_id, seq desc) l
join segment_rule sr on sr.segment_id = l.segment_id
join rule r on r.id = sr.rule_id
left join alarm a on a.rule_id = r.id and a.balance_id = l.balance_id
left join alarm_epoch f on f.rule_id = r.id and f.balance_id = l.balance_id and f.epoch = l.epoch
cross join lateral (
    select case r.mark when 'last_top_up' then l.top_up when 'balance_after' then l.balance_after else l.package end as mark
) m
cross join lateral (
    select
        case r.kind
            when 'balance_below' then case when not coalesce(a.firing, false) then r.threshold end
            when 'balance_above' then case when a.firing then r.threshold - r.hysteresis end
            when 'balance_exhausted' then case when not coalesce(a.firing, false) then 0 end
        end - l.credit_limit + l.held as low,
        case r.kind
            when 'balance_below' then case when a.firing then r.threshold + r.hysteresis end
            when 'balance_above' then case when not coalesce(a.firing, false) then r.threshold end
            when 'balance_exhausted' then case when a.firing then r.hysteresis end
        end - l.credit_limit + l.held as high
    where r.kind <> 'balance_band'
    union all
    select max(n.upper) * m.mark / 100 + l.held, null
    from rule_band n
    where r.kind = 'balance_band' and m.mark > 0 and n.rule_id = r.id and n.active
        and not n.id = any (coalesce(f.bands, '{}'))
) w
group by l.balance_id

-- Who stands where with a rule, before it is switched on or saved: `joining` and `standing` as silence.sql leaves them.
-- `{judged}` is block `judged`, `{watched}` is `whole_segments` or `one_by_one`.

-- name: judged
-- Those below the threshold or in a band, and what notifying them now would come to (silence.sql, `notify`; watch.sql,
-- `quota`). `figure` puts the most urgent first.
select s.rule_id, s.balance_id, b.account_id, t.client_id, b.service_id, s.amount - b.held as left_over, s.available, s.mark,
    w.upper, w.lower, r.threshold, r.days,
    case when s.lasts > 0 and s.lasts <= 86400 * 366 then %(now)s + make_interval(secs => s.lasts::double precision) end as lasts_until,
    case when s.band_id is not null then round(100 * (s.amount - b.held) / s.mark, 4) end as percent,
    case
        when s.band_id is not null then round(100 * (s.amount - b.held) / s.mark, 4)
        when r.kind = 'balance_above' then -s.available
        when r.kind = 'forecast_below' then s.lasts
        else s.available end as figure,
    case
        when s.band_id is null and a.firing and not a.silent then 'told'
        when s.band_id is not null and s.band_id = any (coalesce(e.bands, '{}')) then 'told'
        when a.last_raised_at + r.cooldown > %(now)s then 'cooldown'
        when coalesce(e.raised, 0) >= r.max_qty then 'max_qty'
        else 'raised' end as fate
from standing s
join rule r on r.id = s.rule_id
join balance b on b.id = s.balance_id
join account t on t.id = b.account_id
left join rule_band w on w.id = s.band_id
left join alarm a on a.rule_id = s.rule_id and a.balance_id = s.balance_id
left join alarm_epoch e on e.rule_id = s.rule_id and e.balance_id = s.balance_id and e.epoch = s.epoch
where (s.low or s.band_id is not null) and s.rule_id = %(rule)s

-- name: whole_segments
select j.rule_id, b.* from joining j join balance b on b.segment_id = j.segment_id

-- name: one_by_one
select j.rule_id, b.* from joining_balance j join balance b on b.id = j.balance_id

-- name: watched
-- Whom the rule speaks to, and of whom it cannot say anything: nothing to measure against, or never posted to.
select count(*) as watched,
    count(*) filter (where b.seq > 0 and r.kind = 'balance_band' and (m.mark is null or m.mark <= 0)) as unmeasured,
    count(*) filter (where b.seq = 0) as unknown
from ({watched}) b
join rule r on r.id = b.rule_id
left join epoch e on e.organization_id = b.organization_id and e.balance_id = b.id and e.seq = b.epoch
cross join lateral (
    select case r.mark when 'last_top_up' then e.top_up when 'balance_after' then e.balance_after else b.package end
        as mark
) m
where b.rule_id = %(rule)s

-- name: segments
-- The segments that join, taken out of `joining`: their balances are then looked at some at a time.
with gone as (delete from joining returning segment_id) select coalesce(array_agg(segment_id), '{}') from gone

-- name: size
select count(*) from balance where segment_id = any (%(segments)s::integer[])

-- name: piece
-- The next balances of these segments; the last of them is where those after begin.
with piece as (
    select id from balance
    where segment_id = any (%(segments)s::integer[]) and id > %(after)s::bigint
    order by id
    limit %(chunk)s
), taken as (
    insert into joining_balance (rule_id, balance_id) select %(rule)s, id from piece
)
select count(*), coalesce(max(id), %(after)s::bigint) from piece

-- name: these
insert into joining_balance (rule_id, balance_id)
select %(rule)s, id from balance
where id = any (%(balances)s::bigint[]) and segment_id = any (%(segments)s::integer[])

-- name: let_go
delete from joining_balance

-- name: fates
select fate, count(*), count(distinct client_id) from ({judged}) j group by grouping sets ((fate), ())

-- name: letters
-- What notifying them now would send, by whom it is for.
select p.kind, p.channel, count(*) as letters, count(*) filter (where x.address = '') as without_address
from ({judged}) j
join client c on c.id = j.client_id
join organization o on o.id = c.organization_id
join rule_recipient p on p.rule_id = j.rule_id
cross join lateral (
    select case p.kind when 'client' then c.email when 'organization' then o.email else 'known' end as address
) x
where j.fate = 'raised'
group by p.kind, p.channel
order by p.kind, p.channel

-- name: page
select j.balance_id, j.account_id, t.number as account, j.client_id, c.name as client, v.name as service, v.unit,
    j.left_over as "left", j.available, j.mark, j.percent, j.upper as band_upper, j.lower as band_lower, j.threshold, j.days, j.lasts_until,
    j.fate, j.figure
from ({judged}) j
join account t on t.id = j.account_id
join client c on c.id = j.client_id
join service v on v.id = j.service_id
where %(figure)s::numeric is null or (j.figure, j.balance_id) > (%(figure)s::numeric, %(balance)s::bigint)
order by j.figure, j.balance_id
limit %(limit)s

-- How long what is left lasts (DESIGN §6.9, docs/decisions/0039). A refresh of the outlook notes whose forecast passed the
-- days of a rule; the next sweep judges those under their locks. `{lasts}` is the ledger's.

-- name: note
-- Of the balances that a refresh has just looked at. Whoever it did not look at used nothing since, and no day began: what
-- is left of theirs lasts no shorter than before.
-- They come first: a rule speaks to so many that to begin with those would mean to read all balances.
with looked_at as materialized (
    select b.id, b.segment_id, o.runs_out_at
    from outlook_candidate c
    join balance b on b.id = c.balance_id
    join outlook o on o.organization_id = c.organization_id and o.balance_id = c.balance_id
    where exists (select from rule r where r.kind = 'forecast_below' and r.state in ('active', 'shadow'))
)
insert into forecast_due (rule_id, balance_id)
select r.id, l.id
from looked_at l
join segment_rule sr on sr.segment_id = l.segment_id
join rule r on r.id = sr.rule_id and r.kind = 'forecast_below'
left join alarm a on a.rule_id = r.id and a.balance_id = l.id
where case
    when a.firing then l.runs_out_at is null
        or l.runs_out_at >= %(now)s + make_interval(secs => 86400 * (r.days + r.hysteresis)::double precision)
    else l.runs_out_at < %(now)s + make_interval(secs => 86400 * r.days) end
order by r.id, l.id
on conflict (rule_id, balance_id) do nothing

-- name: note_all
-- As of another moment than that of the outlook, of everybody whom the rules speak to.
insert into forecast_due (rule_id, balance_id)
select r.id, b.id
from rule r
join segment_rule sr on sr.rule_id = r.id
join balance b on b.segment_id = sr.segment_id and b.seq > 0
left join alarm a on a.rule_id = r.id and a.balance_id = b.id
cross join lateral (select ({lasts}) as seconds offset 0) f
where r.kind = 'forecast_below' and case
    when a.firing then f.seconds >= 86400 * (r.days + r.hysteresis)
    else f.seconds < 86400 * r.days end
order by r.id, b.id
on conflict (rule_id, balance_id) do nothing

-- name: roots
select distinct o.path[1]
from forecast_due d
join balance b on b.id = d.balance_id
join organization o on o.id = b.organization_id

-- name: lock
-- In the order in which posting locks balances.
select id from balance
where id in (
    select d.balance_id
    from forecast_due d
    join balance b on b.id = d.balance_id
    join organization o on o.id = b.organization_id and o.path[1] = %(root)s
    limit %(limit)s
)
order by id
for update

-- name: take
-- Rules that were switched off or ceased to speak to a balance are forgotten with the rest.
with taken as (
    delete from forecast_due where balance_id = any (%(balances)s) returning rule_id, balance_id
)
insert into joining_balance (rule_id, balance_id)
select t.rule_id, t.balance_id
from taken t
join balance b on b.id = t.balance_id
join segment_rule sr on sr.segment_id = b.segment_id and sr.rule_id = t.rule_id

-- name: analyze
-- Few of many: without statistics all balances would be read to find them.
analyze joining, joining_balance

-- name: fire
-- Those on guard whom `standing` found to last for fewer days, with a place of its own in the posting order: no entry gave
-- the occasion, and none may be mistaken for it.
with fired as (
    select s.*
    from standing s
    left join alarm a on a.rule_id = s.rule_id and a.balance_id = s.balance_id
    where s.low and not coalesce(a.firing, false)
), bumped as (
    update balance b set seq = b.seq + 1 where b.id in (select balance_id from fired) returning b.id, b.seq
)
insert into fire (rule_id, balance_id, seq, epoch, occasion, step, amount, available, lasts)
select f.rule_id, f.balance_id, b.seq, f.epoch, b.seq, 1, f.amount, f.available, f.lasts
from fired f
join bumped b on b.id = f.balance_id

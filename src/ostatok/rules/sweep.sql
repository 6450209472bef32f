-- Time passes (DESIGN §6.7): alarms that are firing repeat each period after the last raise. `{due}` and
-- `{lasting}` are blocks, `{lasts}` is the ledger's. Whether something lasts for fewer days is seen by forecasts.sql.

-- name: roots
select distinct o.path[1]
from alarm a
join organization o on o.id = a.organization_id
where a.next_repeat_at <= %(at)s

-- name: due
-- Alarms that have something to repeat. Above the threshold but not yet re-armed one stays due and quiet; one whose last
-- notice still waits to be sent is held by it. Both are looked at again by the next sweep, so what costs least is asked
-- first: how long something lasts only of those who are not `lasting`.
select a.rule_id, a.balance_id
from alarm a
join organization o on o.id = a.organization_id and o.path[1] = %(root)s
join balance b on b.id = a.balance_id
join segment_rule sr on sr.segment_id = b.segment_id and sr.rule_id = a.rule_id
join rule r on r.id = a.rule_id
where a.next_repeat_at <= %(at)s
    and case
        when r.kind = 'balance_band' then false
        when r.kind = 'balance_below' and b.amount + b.credit_limit - b.held >= r.threshold then false
        when r.kind = 'balance_above' and b.amount + b.credit_limit - b.held <= r.threshold then false
        when r.kind = 'balance_exhausted' and b.amount + b.credit_limit - b.held > 0 then false
        when exists (
            select from notice n where n.balance_id = a.balance_id and n.rule_id = a.rule_id and n.state = 'waiting'
        ) then false
        when r.kind <> 'forecast_below' then true
        when {lasting} then false
        else ({lasts}) < 86400 * r.days end

-- name: lasting
-- What nobody is to be told of, being closed; and what lasts for long enough by an outlook that knows all entries: until
-- the day ends, what is left lasts no shorter than it says.
exists (
    select from account p join client k on k.id = p.client_id
    where p.id = b.account_id and (p.status = 'closed' or k.status = 'closed')
) or exists (
    select from outlook o
    where o.organization_id = b.organization_id and o.balance_id = b.id
        and o.seq = b.seq and o.amount = b.amount and o.held = b.held
        and o.day = (%(now)s::timestamptz at time zone 'UTC')::date and o.as_of <= %(now)s
        and not exists (select from outlook_mark m where m.balance_id = b.id)
        and (
            o.used = array_fill(0::numeric, array[8])
            or coalesce(o.runs_out_at >= %(now)s + make_interval(secs => 86400 * r.days), true)
        )
)

-- name: lock_due
-- In the order in which posting locks balances.
select id from balance
where id in (select balance_id from ({due}) due limit %(limit)s)
order by id
for update

-- name: fire_due
insert into fire (rule_id, balance_id, seq, epoch, occasion, step, amount, available, lasts)
select due.rule_id, b.id, b.seq, b.epoch, a.since_seq, a.repeats + 1, b.amount, b.amount + b.credit_limit - b.held,
    case when r.kind = 'forecast_below' then ({lasts}) end
from ({due}) due
join balance b on b.id = due.balance_id
join rule r on r.id = due.rule_id
join alarm a on a.rule_id = due.rule_id and a.balance_id = due.balance_id
where b.id = any (%(balances)s)

-- name: quota
-- As watch.sql judges a first occasion, but for «the first notice at the next check»: this is that check.
update fire f
set reason = case
    when a.last_raised_at + r.cooldown > %(now)s then 'cooldown'
    when coalesce(e.raised, 0) >= r.max_qty then 'max_qty'
    else 'raised' end
from fire same
join rule r on r.id = same.rule_id
left join alarm a on a.rule_id = same.rule_id and a.balance_id = same.balance_id
left join alarm_epoch e on e.rule_id = same.rule_id and e.balance_id = same.balance_id and e.epoch = same.epoch
where f.rule_id = same.rule_id and f.balance_id = same.balance_id

-- name: remember
-- Max qty reached: nothing falls due any more until an epoch, an edit or a notice given back makes room.
update alarm a
set repeats = a.repeats + (f.reason = 'raised')::integer,
    last_raised_at = case when f.reason = 'raised' then %(now)s else a.last_raised_at end,
    next_repeat_at = case f.reason
        when 'raised' then %(now)s + r.period
        when 'cooldown' then a.last_raised_at + r.cooldown end,
    reason = f.reason,
    reason_at = %(now)s
from fire f
join rule r on r.id = f.rule_id
where a.rule_id = f.rule_id and a.balance_id = f.balance_id

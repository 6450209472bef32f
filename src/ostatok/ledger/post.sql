-- Posting, set by set (DESIGN §5). A sub-batch arrives in `stage`; `plan` says what becomes of each row, `touched` how
-- each balance moved, `look` every moment at which the rules have to look at a balance.
--
-- Within one sub-batch refs are unique and no reversal names a ref of the same sub-batch (posting.py cuts it so), hence
-- everything a row can refer to is already in `entry`.
--
-- There are two ways. `post_new` expects that every ref is new and stores all in one statement; the unique key of `entry`
-- tells when it was wrong. Then, and for rows that depend on entries posted before, the careful way looks up first:
-- `resolve`, `move_balances`, `insert_entries`. What a concurrent posting changes in between is caught by the same key,
-- and the sub-batch is tried again.

-- name: prepare
create temporary table if not exists stage (
    pos integer not null, number text not null, service_id bigint not null, kind smallint not null,
    amount numeric, occurred_at timestamptz not null, ref text not null, reverses text, memo text not null,
    mark numeric, mark_at timestamptz
);
create temporary table if not exists plan (
    pos integer not null, balance_id bigint, kind smallint not null, amount numeric, occurred_at timestamptz not null,
    ref text not null, reverses text, memo text not null, mark numeric, mark_at timestamptz, reversed_seq bigint,
    posted boolean not null, verdict text, clash text, nth bigint, running numeric
);
create temporary table if not exists touched (
    balance_id bigint not null, segment_id integer not null, amount numeric not null, seq bigint not null,
    epoch bigint not null, credit_limit numeric not null, held numeric not null, package numeric,
    turned boolean not null, tripped boolean not null
);
create temporary table if not exists look (
    balance_id bigint not null, seq bigint not null, segment_id integer not null, amount numeric not null,
    credit_limit numeric not null, held numeric not null, package numeric, falling boolean not null,
    silent boolean not null, epoch bigint not null, top_up numeric, balance_after numeric, turned boolean not null
);
create temporary table if not exists tripwire (
    balance_id bigint not null, low numeric, high numeric
)

-- name: post_new
-- Rows of one balance are numbered and summed in the order of the batch, which is the posting order. Balances are locked
-- in the order of their ids, so that two postings wait for each other but do not deadlock. Only tripped balances, which
-- the rules have to meet entry by entry, leave anything in `touched` and `plan`.
with resolved as materialized (
    select s.pos, b.id as balance_id, s.kind, s.amount, s.occurred_at, s.ref, s.memo, s.mark, s.mark_at,
        row_number() over posted as nth, sum(s.amount) over posted as running
    from stage s
    join balance b on b.organization_id = %(organization)s and b.number = s.number and b.service_id = s.service_id
    window posted as (partition by b.id order by s.pos)
), sums as (
    select balance_id, count(*) as entries, sum(amount) as total, min(running) as lowest, max(running) as highest,
        max(occurred_at) filter (where kind = 2) as charged_at, min(occurred_at) as first_at,
        bool_or(mark is not null) as turned
    from resolved
    group by balance_id
    order by balance_id
), moved as (
    update balance b
    set amount = b.amount + s.total,
        seq = b.seq + s.entries,
        last_charge_at = greatest(b.last_charge_at, s.charged_at),
        first_entry_at = least(b.first_entry_at, s.first_at)
    from sums s
    where b.id = s.balance_id
    returning b.id, b.segment_id, old.amount as amount, old.seq as seq, b.epoch, b.credit_limit, b.held, b.package,
        s.turned, b.trip_version, s.turned or old.amount + s.lowest <= b.trip_low
            or old.amount + s.highest >= b.trip_high as reached
), stored as (
    insert into entry (organization_id, balance_id, seq, kind, amount, occurred_at, posted_at, ref, memo)
    select %(organization)s, r.balance_id, m.seq + r.nth, r.kind, r.amount, r.occurred_at, %(now)s, r.ref, r.memo
    from resolved r
    join moved m on m.id = r.balance_id
    order by r.balance_id, r.nth
), tripped as materialized (
    select m.* from moved m join segment g on g.id = m.segment_id where m.reached or m.trip_version <> g.version
), touching as (
    insert into touched (balance_id, segment_id, amount, seq, epoch, credit_limit, held, package, turned, tripped)
    select id, segment_id, amount, seq, epoch, credit_limit, held, package, turned, true from tripped
), planning as (
    insert into plan (pos, balance_id, kind, amount, occurred_at, ref, memo, mark, mark_at, posted, nth, running)
    select r.pos, r.balance_id, r.kind, r.amount, r.occurred_at, r.ref, '', r.mark, r.mark_at, true, r.nth, r.running
    from resolved r
    join tripped t on t.id = r.balance_id
)
select count(*) from resolved

-- name: find_unknown
insert into plan (pos, kind, occurred_at, ref, memo, posted, verdict)
select s.pos, s.kind, s.occurred_at, s.ref, '', false, 'unknown_balance'
from stage s
where not exists (
    select from balance b
    where b.organization_id = %(organization)s and b.number = s.number and b.service_id = s.service_id
)

-- name: resolve
-- Finds each row's balance, the entry that already has its ref, and the entry it reverses; a row without a verdict is
-- posted. Rows of one balance are numbered and summed in the order of the batch, which is the posting order.
insert into plan (
    pos, balance_id, kind, amount, occurred_at, ref, reverses, memo, mark, mark_at, reversed_seq, posted, verdict, clash,
    nth, running
)
select pos, balance_id, kind, amount, occurred_at, ref, reverses, memo, mark, mark_at, reversed_seq, verdict is null, verdict,
    clash, row_number() over posted, sum(amount) over posted
from (
    select s.pos, b.id as balance_id, s.kind, s.occurred_at, s.ref, s.reverses, s.memo, s.mark, s.mark_at,
        case when s.kind = 5 then -o.amount else s.amount end as amount,
        o.seq as reversed_seq,
        case
            when b.id is null then 'unknown_balance'
            when e.ref is not null then
                case when e.balance_id = b.id and e.kind = s.kind and e.occurred_at = s.occurred_at
                    and e.reverses is not distinct from s.reverses
                    and case when s.kind = 5 then s.amount is null or s.amount = abs(e.amount) else e.amount = s.amount end
                then 'duplicate' else 'conflict' end
            when s.kind = 6 and b.seq > 0 then 'opening_not_first'
            when s.kind <> 5 then null
            when o.ref is null then 'reverses_unknown'
            when o.balance_id <> b.id then 'reverses_elsewhere'
            when o.kind = 5 then 'reverses_reversal'
            when r.ref is not null then 'already_reversed'
            when s.amount is not null and s.amount <> abs(o.amount) then 'reverses_other_amount'
        end as verdict,
        coalesce(r.ref, e.balance_id::text || ' ' || e.seq::text) as clash
    from stage s
    left join balance b on b.organization_id = %(organization)s and b.number = s.number and b.service_id = s.service_id
    left join entry e on e.organization_id = %(organization)s and e.ref = s.ref
    left join entry o on o.organization_id = %(organization)s and o.ref = s.reverses
    left join entry r on r.organization_id = %(organization)s and r.reverses = s.reverses
) judged
window posted as (partition by balance_id, verdict is null order by pos)

-- name: move_balances
-- In the order of balance ids, so that two postings wait for each other but do not deadlock. A balance is tripped, and
-- meets the rules entry by entry, when a running amount reached its tripwire, when its epoch may have changed, or when
-- its tripwire is older than its segment's rules.
with sums as (
    select balance_id, count(*) as entries, sum(amount) as total, min(running) as lowest, max(running) as highest,
        max(occurred_at) filter (where kind = 2) as charged_at, min(occurred_at) as first_at,
        bool_or(mark is not null or kind = 5) as turned
    from plan
    where posted
    group by balance_id
    order by balance_id
), moved as (
    update balance b
    set amount = b.amount + s.total,
        seq = b.seq + s.entries,
        last_charge_at = greatest(b.last_charge_at, s.charged_at),
        first_entry_at = least(b.first_entry_at, s.first_at)
    from sums s
    where b.id = s.balance_id
    returning b.id, b.segment_id, old.amount as amount, old.seq as seq, b.epoch, b.credit_limit, b.held, b.package,
        old.amount + s.lowest as lowest, old.amount + s.highest as highest, s.turned, b.trip_low, b.trip_high,
        b.trip_version
)
insert into touched (balance_id, segment_id, amount, seq, epoch, credit_limit, held, package, turned, tripped)
select m.id, m.segment_id, m.amount, m.seq, m.epoch, m.credit_limit, m.held, m.package, m.turned,
    m.turned or m.lowest <= m.trip_low or m.highest >= m.trip_high or m.trip_version <> g.version
from moved m
join segment g on g.id = m.segment_id

-- name: insert_entries
-- In ref order: of two files with the same refs in opposite order one waits at the first, none at each other.
insert into entry (organization_id, balance_id, seq, kind, amount, occurred_at, posted_at, ref, reverses, memo)
select %(organization)s, p.balance_id, t.seq + p.nth, p.kind, p.amount, p.occurred_at, %(now)s, p.ref, p.reverses, p.memo
from plan p
join touched t on t.balance_id = p.balance_id
where p.posted
order by p.ref

-- name: open_epochs
insert into epoch (organization_id, balance_id, seq, top_up, balance_after, topped_up_at)
select %(organization)s, p.balance_id, t.seq + p.nth, p.mark, t.amount + p.running, coalesce(p.mark_at, p.occurred_at)
from plan p
join touched t on t.balance_id = p.balance_id
where p.posted and p.mark is not null

-- name: close_epochs
update epoch e
set reversed_seq = t.seq + p.nth
from plan p
join touched t on t.balance_id = p.balance_id
where p.posted and p.kind = 5
    and e.organization_id = %(organization)s and e.balance_id = p.balance_id and e.seq = p.reversed_seq

-- name: turn_epochs
-- The current epoch is the latest top-up that started one and was not reversed.
update touched t
set epoch = coalesce((
    select e.seq from epoch e
    where e.organization_id = %(organization)s and e.balance_id = t.balance_id and e.reversed_seq is null
    order by e.seq desc limit 1
), 0)
where t.turned

-- name: look_at_entries
insert into look (
    balance_id, seq, segment_id, amount, credit_limit, held, package, falling, silent, epoch, top_up, balance_after,
    turned
)
select t.balance_id, t.seq + p.nth, t.segment_id, t.amount + p.running, t.credit_limit, t.held, t.package,
    p.amount < 0, p.kind = 6, coalesce(e.seq, 0), e.top_up, e.balance_after, t.turned
from (select * from touched where tripped) t
join plan p on p.balance_id = t.balance_id and p.posted
left join lateral (
    select e.seq, e.top_up, e.balance_after
    from epoch e
    where e.organization_id = %(organization)s and e.balance_id = t.balance_id and e.seq <= t.seq + p.nth
        and (e.reversed_seq is null or e.reversed_seq > t.seq + p.nth)
    order by e.seq desc limit 1
) e on true

-- name: settle
-- What the rules left for the balances: the nearest amounts at which any of them could change state.
update balance b
set epoch = t.epoch,
    trip_low = coalesce(w.low, '-infinity'),
    trip_high = coalesce(w.high, 'infinity'),
    trip_version = g.version
from touched t
left join tripwire w on w.balance_id = t.balance_id
join segment g on g.id = t.segment_id
where t.tripped and b.id = t.balance_id

-- name: count
select
    count(*) filter (where posted) as posted,
    count(*) filter (where verdict = 'duplicate') as duplicates
from plan

-- name: refused
-- With what stands in the way, so that both sides of a conflict can be named.
select p.pos, p.verdict, p.ref, p.clash, b.number, v.code, e.kind, e.amount, e.occurred_at, v.unit
from plan p
left join entry e on p.verdict = 'conflict' and e.organization_id = %(organization)s and e.ref = p.ref
left join balance b on b.id = e.balance_id
left join service v on v.id = b.service_id
where p.verdict <> 'duplicate'
order by p.pos

-- name: services
-- Services that accounts of the organization may have: its own and those of the organizations above it, nearest first.
select v.code, v.id, v.unit, v.rearm_from
from organization o
join organization above on above.id = any (o.path)
join service v on v.organization_id = above.id
where o.id = %(organization)s
order by cardinality(above.path) desc

-- name: which_balances_exist
select number from account where organization_id = %(organization)s and number = any (%(numbers)s)

-- A change of credit limit, hold or package is a look at the rules, with a place of its own in the posting order.

-- name: change
with wanted as (
    select * from unnest(%(ids)s::bigint[], %(credit_limits)s::numeric[], %(held)s::numeric[], %(packages)s::numeric[])
        as w (balance_id, credit_limit, held, package)
    order by balance_id
), moved as (
    update balance b
    set credit_limit = coalesce(w.credit_limit, b.credit_limit),
        held = coalesce(w.held, b.held),
        package = coalesce(w.package, b.package),
        seq = b.seq + (b.seq > 0)::integer
    from wanted w
    where b.id = w.balance_id and (
        w.credit_limit <> b.credit_limit or w.held <> b.held
        or (w.package is not null and w.package is distinct from b.package)
    )
    returning b.id, b.segment_id, old.seq as seq, old.held as old_held, old.package as old_package, b.held, b.package,
        b.amount, b.credit_limit, b.epoch, b.organization_id
), touching as (
    insert into touched (balance_id, segment_id, amount, seq, epoch, credit_limit, held, package, turned, tripped)
    select id, segment_id, amount, seq, epoch, credit_limit, held, package, false, true from moved where seq > 0
    returning balance_id
), marking as (
    insert into outlook_mark (balance_id) select balance_id from touching
)
insert into look (
    balance_id, seq, segment_id, amount, credit_limit, held, package, falling, silent, epoch, top_up, balance_after,
    turned
)
select m.id, m.seq + 1, m.segment_id, m.amount, m.credit_limit, m.held, m.package,
    m.held > m.old_held or coalesce(m.package > m.old_package, false), false, m.epoch, e.top_up, e.balance_after,
    false
from moved m
join touching t on t.balance_id = m.id
left join epoch e on e.organization_id = m.organization_id and e.balance_id = m.id and e.seq = m.epoch

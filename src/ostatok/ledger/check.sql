-- Every balance proved from its entries.

-- name: differences
select coalesce(b.id, e.balance_id), b.number, v.code, v.unit, b.amount, coalesce(e.total, 0), b.seq, coalesce(e.last_seq, 0), b.epoch,
    coalesce(p.seq, 0)
from (select * from balance where %(organization)s::bigint is null or organization_id = %(organization)s) b
full join (
    select organization_id, balance_id, sum(amount) as total, max(seq) as last_seq
    from entry
    where %(organization)s::bigint is null or organization_id = %(organization)s
    group by organization_id, balance_id
) e on e.balance_id = b.id and e.organization_id = b.organization_id
left join service v on v.id = b.service_id
left join (
    select organization_id, balance_id, max(seq) as seq
    from epoch
    where reversed_seq is null and (%(organization)s::bigint is null or organization_id = %(organization)s)
    group by organization_id, balance_id
) p on p.balance_id = b.id and p.organization_id = b.organization_id
where b.id is null or b.amount <> coalesce(e.total, 0) or b.seq < coalesce(e.last_seq, 0) or b.epoch <> coalesce(p.seq, 0)
order by 1

-- name: count
select count(*) from balance where %(organization)s::bigint is null or organization_id = %(organization)s

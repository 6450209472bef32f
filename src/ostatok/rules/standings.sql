-- What is left of each balance of some accounts, measured against the mark that its band rule uses (FEATURES A7).
-- `{recent_use}` is the ledger's.

-- name: of_accounts
select b.id as balance_id, b.account_id, b.number as account_number, v.id as service_id, v.code as service_code,
    v.name as service_name, v.full_name as service_full_name, v.unit, b.amount, b.held, b.credit_limit,
    b.seq > 0 as known, m.base,
    case m.base when 'balance_after' then e.balance_after when 'package' then b.package else e.top_up end as mark,
    e.top_up as last_top_up, e.topped_up_at, b.last_charge_at, b.first_entry_at, b.as_of, u.used
from balance b
join service v on v.id = b.service_id
left join epoch e on e.organization_id = b.organization_id and e.balance_id = b.id and e.seq = b.epoch
cross join lateral (select segment_base(b.segment_id) as base) m
cross join lateral ({recent_use}) u
where b.account_id = any (%(accounts)s)
order by b.account_id, v.code, v.id

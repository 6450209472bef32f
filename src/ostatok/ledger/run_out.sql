-- The function is that of migrations/0008_managers.py.

-- name: list
select *
from list_run_out(
    %(roots)s::bigint[], %(organization)s, %(service)s, %(band)s, %(manager)s, %(called)s, %(called_since)s, %(since)s,
    %(until)s, %(beyond_at)s::timestamptz, %(beyond_id)s, %(backwards)s, %(size)s
)

-- name: count_clients
select count(distinct a.client_id)
from list_run_out(
    %(roots)s::bigint[], %(organization)s, %(service)s, %(band)s, %(manager)s, %(called)s, %(called_since)s, %(since)s,
    %(until)s, %(beyond_at)s::timestamptz, %(beyond_id)s, %(backwards)s, %(size)s
) l
join balance b on b.id = l.balance_id
join account a on a.id = b.account_id

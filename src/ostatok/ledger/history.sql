-- What a balance had over time, told backwards from what it has: docs/concepts.md.

-- name: moved
-- By how much the balance changed in each stretch of time, and when it last did in it; the newest first.
select max(occurred_at) as at, sum(amount) as net
from entry
where organization_id = %(organization)s and balance_id = %(balance)s and occurred_at > %(since)s
group by date_bin(%(step)s, occurred_at, %(since)s)
order by at desc

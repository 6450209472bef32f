-- The functions are those of migrations/0005_searching.py, 0008_managers.py and 0009_cut_searches.py: behind the wall too
-- they use the indexes of words and names.

-- name: clients
select search_clients(
    %(patterns)s::text[], %(roots)s::bigint[], %(organization)s, %(statuses)s::text[], %(group)s, %(tag)s, %(service)s,
    %(band)s, %(manager)s, %(beyond)s, %(beyond_id)s, %(backwards)s, %(size)s
)

-- name: accounts
select search_accounts(
    %(patterns)s::text[], %(roots)s::bigint[], %(organization)s, %(statuses)s::text[], %(service)s, %(band)s, %(beyond)s,
    %(beyond_id)s, %(backwards)s, %(size)s
)

-- name: clients_are_many
select search_is_cut(
    %(patterns)s::text[], %(roots)s::bigint[], %(organization)s, 'client'
)

-- name: accounts_are_many
select search_is_cut(
    %(patterns)s::text[], %(roots)s::bigint[], %(organization)s, 'account'
)

-- The function is that of migrations/0010_exactly_in_the_audit.py: behind the wall too it uses the indexes.

-- name: records
select search_audit(
    %(roots)s::bigint[], %(organization)s, %(actor)s, %(thing)s, %(subject)s, %(origin)s, %(since)s::timestamptz,
    %(until)s::timestamptz, %(beyond_at)s::timestamptz, %(beyond_id)s, %(backwards)s, %(size)s,
    %(exact_actor)s, %(exact_action)s, %(exact_subject)s
)

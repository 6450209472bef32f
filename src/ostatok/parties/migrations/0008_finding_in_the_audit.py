"""The audit is found by part of who and of what, by kind, origin and days, however long it has grown.

Behind the wall a pattern may not use an index: a policy's condition comes first. So the function, which is the owner's, asks
the wall itself, and writes conditions as constants: the planner then knows whether a text is rare, and looked up in the
trigrams, or common, and met soon when records are read from the newest.
"""

from django.db import migrations

from ostatok.parties import wall_schema

INDEXES = """
CREATE INDEX audit_record_newest ON audit_record (at, id);
CREATE INDEX audit_record_by_thing ON audit_record (split_part(action, '.', 1), at, id);
CREATE INDEX audit_record_by_origin ON audit_record (origin, at, id);
CREATE INDEX audit_record_by_words ON audit_record USING gin (
    lower(actor COLLATE pg_catalog.pg_c_utf8) gin_trgm_ops, lower(subject COLLATE pg_catalog.pg_c_utf8) gin_trgm_ops);
-- How common a person or a thing is decides how they are looked for, and there may be some hundreds of them.
ALTER INDEX audit_record_by_words ALTER COLUMN 1 SET STATISTICS 1000;
ALTER INDEX audit_record_by_words ALTER COLUMN 2 SET STATISTICS 1000;
ANALYZE audit_record;

-- What has no trigram is compared, not looked up: the index would be read from end to end.
CREATE FUNCTION audit_condition(written text, part text) RETURNS text IMMUTABLE
    RETURN CASE
        WHEN part IS NULL THEN ''
        WHEN length(part) < 3 THEN format(' AND strpos(lower(%s COLLATE pg_catalog.pg_c_utf8), %L) > 0', written, part)
        ELSE format(
            ' AND lower(%s COLLATE pg_catalog.pg_c_utf8) LIKE %L', written,
            '%' || regexp_replace(part, '([%_\\\\])', '\\\\\\1', 'g') || '%') END;
"""

FUNCTION = """
CREATE FUNCTION search_audit(
    roots bigint[], organization bigint, by_whom text, thing text, of_what text, from_where text, since timestamptz,
    until timestamptz, beyond_at timestamptz, beyond_id bigint, backwards boolean, size integer
) RETURNS SETOF bigint STABLE SECURITY DEFINER LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    -- A record outlives its organization: then only who is bounded by none finds it.
    condition text := CASE WHEN wall_is_raised() OR roots IS NOT NULL OR organization IS NOT NULL THEN format(
        'organization_id = ANY (%L::bigint[])', (
            SELECT coalesce(array_agg(o.id), '{{}}') FROM organization o
            WHERE (NOT wall_is_raised() OR o.id = ANY (wall_reached())) AND (roots IS NULL OR o.path && roots)
                AND (organization IS NULL OR o.path @> ARRAY[organization]))) ELSE 'true' END;
BEGIN
    condition := condition || audit_condition('actor', by_whom) || audit_condition('subject', of_what);
    IF thing IS NOT NULL THEN
        condition := condition || format(' AND split_part(action, ''.'', 1) = %L', thing);
    END IF;
    IF from_where IS NOT NULL THEN
        condition := condition || format(' AND origin = %L', from_where);
    END IF;
    IF since IS NOT NULL THEN
        condition := condition || format(' AND at >= %L', since);
    END IF;
    IF until IS NOT NULL THEN
        condition := condition || format(' AND at < %L', until);
    END IF;
    IF beyond_id IS NOT NULL THEN
        condition := condition || format(
            ' AND (at, id) %s (%L::timestamptz, %L::bigint)', CASE WHEN backwards THEN '>' ELSE '<' END, beyond_at, beyond_id);
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT id FROM audit_record WHERE %s ORDER BY at %s, id %2$s LIMIT %s', condition,
        CASE WHEN backwards THEN 'ASC' ELSE 'DESC' END, size);
END $$;

REVOKE EXECUTE ON FUNCTION search_audit(
    bigint[], bigint, text, text, text, text, timestamptz, timestamptz, timestamptz, bigint, boolean, integer
) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_audit(
    bigint[], bigint, text, text, text, text, timestamptz, timestamptz, timestamptz, bigint, boolean, integer
) TO {staff};
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0007_managers")]
    operations = [
        wall_schema.statements(
            INDEXES,
            "DROP FUNCTION audit_condition; DROP INDEX audit_record_by_words, audit_record_by_origin, audit_record_by_thing, audit_record_newest",
        ),
        wall_schema.statements(FUNCTION, "DROP FUNCTION search_audit"),
    ]

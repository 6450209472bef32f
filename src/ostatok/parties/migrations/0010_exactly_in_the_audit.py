"""The audit is found too by who, what was done and what to exactly, as programs ask and the page of a rule does.

The function that asked for parts only (0008) stays: what runs while this is migrated calls it.
"""

from django.db import migrations

from ostatok.parties import wall_schema

FUNCTION = """
CREATE FUNCTION search_audit(
    roots bigint[], organization bigint, by_whom text, thing text, of_what text, from_where text, since timestamptz,
    until timestamptz, beyond_at timestamptz, beyond_id bigint, backwards boolean, size integer, exact_actor text,
    exact_action text, exact_subject text
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
    -- Beside the part of the same words, which finds the rows.
    IF exact_actor IS NOT NULL THEN
        condition := condition || format(' AND actor = %L', exact_actor);
    END IF;
    IF exact_action IS NOT NULL THEN
        condition := condition || format(' AND action = %L', exact_action);
    END IF;
    IF exact_subject IS NOT NULL THEN
        condition := condition || format(' AND subject = %L', exact_subject);
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
    bigint[], bigint, text, text, text, text, timestamptz, timestamptz, timestamptz, bigint, boolean, integer, text,
    text, text
) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_audit(
    bigint[], bigint, text, text, text, text, timestamptz, timestamptz, timestamptz, bigint, boolean, integer, text,
    text, text
) TO {staff};
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0009_mailed_invitations")]
    operations = [
        wall_schema.statements(
            FUNCTION,
            "DROP FUNCTION search_audit(bigint[], bigint, text, text, text, text, timestamptz, timestamptz, timestamptz, "
            "bigint, boolean, integer, text, text, text)",
        ),
    ]

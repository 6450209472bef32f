"""The run-out list is read in its order, behind the wall too: see 0005_searching."""

from django.db import migrations

from ostatok.parties import wall_schema

FUNCTION = """
CREATE FUNCTION list_run_out(
    roots bigint[], organization bigint, of_service text, in_band text, called text, called_since timestamptz,
    since timestamptz, until timestamptz, beyond_at timestamptz, beyond_id bigint, backwards boolean, size integer
) RETURNS TABLE (organization_id bigint, balance_id bigint) STABLE SECURITY DEFINER LANGUAGE plpgsql
SET search_path = {schema}, pg_temp AS $$
DECLARE
    condition text := format(' AND o.runs_out_at > %L AND o.runs_out_at <= %L', since, until);
    noted text := format(
        'EXISTS (SELECT FROM balance b JOIN account a ON a.id = b.account_id JOIN call_note n ON n.client_id = a.client_id'
        ' WHERE b.id = o.balance_id AND n.at > %L', called_since);
BEGIN
    IF wall_is_raised() OR roots IS NOT NULL OR organization IS NOT NULL THEN
        condition := condition || format(' AND o.organization_id = ANY (%L::bigint[])', search_reach(roots, organization));
    END IF;
    IF of_service IS NOT NULL THEN
        condition := condition || format(' AND o.service_id = ANY (%L::bigint[])',
            ARRAY(SELECT s.id FROM service s WHERE s.code = of_service));
    END IF;
    IF in_band IS NOT NULL THEN
        condition := condition || format(' AND o.band = %L', in_band);
    END IF;
    IF called = 'no' THEN
        condition := condition || ' AND NOT ' || noted || ')';
    ELSIF called IS NOT NULL THEN
        condition := condition || ' AND ' || noted || format(' AND n.kind = %L)', called);
    END IF;
    IF beyond_id IS NOT NULL THEN
        condition := condition || format(' AND (o.runs_out_at, o.balance_id) %s (%L::timestamptz, %L::bigint)',
            CASE WHEN backwards THEN '<' ELSE '>' END, beyond_at, beyond_id);
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT o.organization_id, o.balance_id FROM outlook o WHERE true%s'
        ' ORDER BY o.runs_out_at %s, o.balance_id %2$s LIMIT %s',
        condition, CASE WHEN backwards THEN 'DESC' ELSE 'ASC' END, size);
END $$;

REVOKE EXECUTE ON FUNCTION list_run_out FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_run_out TO {staff};
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_searching"), ("parties", "0006_the_wall")]
    operations = [wall_schema.statements(FUNCTION, "DROP FUNCTION list_run_out")]

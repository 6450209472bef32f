"""A search can say that it was cut: clients are found through accounts too, of which the first thousand count.

As in 0005, behind the wall a function of the owner's asks the wall itself.
"""

from django.db import migrations

from ostatok.parties import wall_schema

FUNCTION = """
CREATE FUNCTION search_is_cut(patterns text[], roots bigint[], organization bigint, of_table text) RETURNS boolean
STABLE SECURITY DEFINER LANGUAGE plpgsql SET search_path = {schema}, pg_temp
SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
    haystack text := CASE of_table
        WHEN 'client' THEN 'client_haystack(name, code, tax_id, phone)'
        WHEN 'account' THEN 'account_haystack(number, address)' END;
    are_many boolean;
BEGIN
    EXECUTE format(
        'SELECT count(*) >= 1000 FROM (SELECT FROM %I WHERE %s%s LIMIT 1000) found', of_table,
        (SELECT string_agg(format('%s LIKE %L', haystack, pattern), ' AND ') FROM unnest(patterns) pattern),
        search_within(roots, organization)) INTO are_many;
    RETURN are_many;
END $$;

REVOKE EXECUTE ON FUNCTION search_is_cut(text[], bigint[], bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_is_cut(text[], bigint[], bigint, text) TO {staff};
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_managers")]
    operations = [wall_schema.statements(FUNCTION, "DROP FUNCTION search_is_cut")]

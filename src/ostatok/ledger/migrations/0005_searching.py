"""Clients and accounts are found by parts of what they are called, and listed in order, at the same cost however many.

Behind the wall a pattern may not use an index: a policy's condition comes first. So these functions, which are the
owner's, ask the wall themselves. They write conditions as constants, so that the planner knows how many rows an
organization has. A list is read in its order; a text is looked up in the trigrams and finds a thousand rows at most,
since rows in order may be a long way from each other.
"""

from django.db import migrations

from ostatok.parties import wall_schema

# Words in small letters of every script, ё as е, each after a blank; a phone is one word of digits.
HAYSTACKS = """
CREATE FUNCTION search_words(written text) RETURNS text IMMUTABLE PARALLEL SAFE
    RETURN ' ' || regexp_replace(
        translate(lower(written COLLATE pg_catalog.pg_c_utf8), 'ё', 'е'), '[^[:alnum:]]+', ' ', 'g');
CREATE FUNCTION client_haystack(name text, code text, tax_id text, phone text) RETURNS text IMMUTABLE PARALLEL SAFE
    RETURN search_words(name || ' ' || code || ' ' || tax_id || ' ' || regexp_replace(phone, '[^0-9]', '', 'g'));
CREATE FUNCTION account_haystack(number text, address text) RETURNS text IMMUTABLE PARALLEL SAFE
    RETURN search_words(number || ' ' || address);
"""

INDEXES = """
CREATE INDEX client_words ON client USING gin (client_haystack(name, code, tax_id, phone) gin_trgm_ops);
CREATE INDEX client_tags ON client USING gin (tags);
CREATE INDEX client_by_name ON client (name, id);
CREATE INDEX client_by_organization_and_name ON client (organization_id, name);
CREATE INDEX account_words ON account USING gin (account_haystack(number, address) gin_trgm_ops);
CREATE INDEX account_by_number ON account (number, id);
ANALYZE client;
ANALYZE account;
"""

FUNCTIONS = """
CREATE FUNCTION search_reach(roots bigint[], organization bigint) RETURNS bigint[] STABLE
    RETURN (
        SELECT coalesce(array_agg(o.id), '{{}}')
        FROM organization o
        WHERE (NOT wall_is_raised() OR o.id = ANY (wall_reached())) AND (roots IS NULL OR o.path && roots)
            AND (organization IS NULL OR o.path @> ARRAY[organization])
    );

-- All patterns are to be found in the row itself, or all in a row of the other table, of which the first thousand count.
CREATE FUNCTION search_condition(
    patterns text[], haystack text, key text, other_key text, other_table text, other_haystack text, reach text
) RETURNS text STABLE RETURN CASE WHEN patterns = '{{}}' THEN reach ELSE (
    SELECT format(
        '%s AND (%s OR %s = ANY (ARRAY(SELECT %s FROM %s WHERE %s%1$s LIMIT 1000)))',
        reach, string_agg(format('%s LIKE %L', haystack, pattern), ' AND '), key, other_key, other_table,
        string_agg(format('%s LIKE %L', other_haystack, pattern), ' AND '))
    FROM unnest(patterns) pattern
) END;

CREATE FUNCTION search_within(roots bigint[], organization bigint) RETURNS text STABLE
    RETURN CASE WHEN wall_is_raised() OR roots IS NOT NULL OR organization IS NOT NULL
        THEN format(' AND organization_id = ANY (%L::bigint[])', search_reach(roots, organization)) ELSE '' END;

-- Balances of an account `a` in a service or band.
CREATE FUNCTION search_balances(service bigint, band text) RETURNS text IMMUTABLE
    RETURN CASE WHEN service IS NULL AND band IS NULL THEN '' ELSE
        'SELECT FROM balance b'
        || CASE WHEN band IS NULL THEN '' ELSE format(
            ' JOIN outlook o ON o.organization_id = b.organization_id AND o.balance_id = b.id AND o.band = %L', band) END
        || ' WHERE b.account_id = a.id'
        || CASE WHEN service IS NULL THEN '' ELSE format(' AND b.service_id = %L', service) END END;

CREATE FUNCTION search_clients(
    patterns text[], roots bigint[], organization bigint, statuses text[], in_group bigint, tag text, service bigint,
    band text, beyond_name text, beyond_id bigint, backwards boolean, size integer
) RETURNS SETOF bigint STABLE SECURITY DEFINER LANGUAGE plpgsql SET search_path = {schema}, pg_temp
SET enable_seqscan = on SET enable_indexscan = on AS $$
DECLARE
    condition text := search_condition(
        patterns, 'client_haystack(name, code, tax_id, phone)', 'c.id',
        'client_id', 'account', 'account_haystack(number, address)', search_within(roots, organization));
    beyond text := '';
BEGIN
    IF statuses IS NOT NULL THEN
        condition := condition || format(' AND c.status = ANY (%L::text[])', statuses);
    END IF;
    IF in_group IS NOT NULL THEN
        condition := condition || format(
            ' AND EXISTS (SELECT FROM client_group_membership m WHERE m.client_id = c.id AND m.group_id = %L)', in_group);
    END IF;
    IF tag IS NOT NULL THEN
        condition := condition || format(' AND c.tags @> ARRAY[%L]::varchar[]', tag);
    END IF;
    IF service IS NOT NULL OR band IS NOT NULL THEN
        condition := condition || format(
            ' AND EXISTS (SELECT FROM account a WHERE a.client_id = c.id AND EXISTS (%s))', search_balances(service, band));
    END IF;
    IF beyond_id IS NOT NULL THEN
        beyond := format(
            ' AND (c.name, c.id) %s (%L, %L::bigint)', CASE WHEN backwards THEN '<' ELSE '>' END, beyond_name, beyond_id);
    END IF;
    IF patterns <> '{{}}' THEN
        PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true);
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT c.id FROM (SELECT id, name FROM client c WHERE true%s%s) c WHERE true%s ORDER BY c.name %s, c.id %4$s LIMIT %s',
        condition, CASE WHEN patterns <> '{{}}' THEN ' LIMIT 1000' END, beyond,
        CASE WHEN backwards THEN 'DESC' ELSE 'ASC' END, size);
END $$;

CREATE FUNCTION search_accounts(
    patterns text[], roots bigint[], organization bigint, statuses text[], service bigint, band text, beyond_number text,
    beyond_id bigint, backwards boolean, size integer
) RETURNS SETOF bigint STABLE SECURITY DEFINER LANGUAGE plpgsql SET search_path = {schema}, pg_temp
SET enable_seqscan = on SET enable_indexscan = on AS $$
DECLARE
    condition text := search_condition(
        patterns, 'account_haystack(number, address)', 'a.client_id',
        'id', 'client', 'client_haystack(name, code, tax_id, phone)', search_within(roots, organization));
    beyond text := '';
BEGIN
    IF statuses IS NOT NULL THEN
        condition := condition || format(' AND a.status = ANY (%L::text[])', statuses);
    END IF;
    IF service IS NOT NULL OR band IS NOT NULL THEN
        condition := condition || format(' AND EXISTS (%s)', search_balances(service, band));
    END IF;
    IF beyond_id IS NOT NULL THEN
        beyond := format(
            ' AND (a.number, a.id) %s (%L, %L::bigint)', CASE WHEN backwards THEN '<' ELSE '>' END, beyond_number, beyond_id);
    END IF;
    IF patterns <> '{{}}' THEN
        PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true);
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT a.id FROM (SELECT id, number FROM account a WHERE true%s%s) a WHERE true%s ORDER BY a.number %s, a.id %4$s LIMIT %s',
        condition, CASE WHEN patterns <> '{{}}' THEN ' LIMIT 1000' END, beyond,
        CASE WHEN backwards THEN 'DESC' ELSE 'ASC' END, size);
END $$;

REVOKE EXECUTE ON FUNCTION
    search_clients(text[], bigint[], bigint, text[], bigint, text, bigint, text, text, bigint, boolean, integer),
    search_accounts(text[], bigint[], bigint, text[], bigint, text, text, bigint, boolean, integer)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    search_clients(text[], bigint[], bigint, text[], bigint, text, bigint, text, text, bigint, boolean, integer),
    search_accounts(text[], bigint[], bigint, text[], bigint, text, text, bigint, boolean, integer)
TO {staff};
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_the_wall"), ("parties", "0006_the_wall")]
    operations = [
        wall_schema.statements(
            HAYSTACKS + INDEXES,
            "DROP INDEX account_by_number, account_words, client_by_organization_and_name, client_by_name, client_tags,"
            " client_words; DROP FUNCTION account_haystack, client_haystack, search_words",
        ),
        wall_schema.statements(
            FUNCTIONS,
            "DROP FUNCTION search_accounts, search_clients, search_balances, search_within, search_condition, search_reach",
        ),
    ]

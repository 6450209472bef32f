"""Clients have managers: whose clients run out is read by key too, and both lists are narrowed by a manager.

The outlook keeps the manager of each balance's client. A refresh writes it; triggers write it when it changes, and mark
the balance, so that a refresh under way, which may have read the manager before, does not have the last word.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ostatok.parties import wall_schema

KEPT = """
CREATE FUNCTION outlook_set_manager(accounts bigint[]) RETURNS void LANGUAGE sql AS $$
    WITH moved AS MATERIALIZED (
        SELECT o.organization_id, o.balance_id, c.manager_id
        FROM unnest(accounts) one
        JOIN account a ON a.id = one
        JOIN client c ON c.id = a.client_id
        JOIN balance b ON b.account_id = a.id
        JOIN outlook o ON o.organization_id = b.organization_id AND o.balance_id = b.id
        WHERE o.manager_id IS DISTINCT FROM c.manager_id
        ORDER BY o.organization_id, o.balance_id
        FOR NO KEY UPDATE OF o
    ), marked AS (
        INSERT INTO outlook_mark (balance_id) SELECT balance_id FROM moved
    )
    UPDATE outlook o SET manager_id = m.manager_id
    FROM moved m
    WHERE o.organization_id = m.organization_id AND o.balance_id = m.balance_id
$$;

CREATE FUNCTION outlook_of_clients() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM outlook_set_manager(array_agg(a.id))
    FROM was JOIN now_is USING (id) JOIN account a ON a.client_id = now_is.id
    WHERE was.manager_id IS DISTINCT FROM now_is.manager_id
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER outlook_of_clients AFTER UPDATE ON client
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION outlook_of_clients();

CREATE FUNCTION outlook_of_accounts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM outlook_set_manager(array_agg(now_is.id))
    FROM was JOIN now_is USING (id)
    WHERE was.client_id <> now_is.client_id
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER outlook_of_accounts AFTER UPDATE ON account
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION outlook_of_accounts();
"""
FORGOTTEN = """
DROP TRIGGER outlook_of_accounts ON account;
DROP TRIGGER outlook_of_clients ON client;
DROP FUNCTION outlook_of_accounts, outlook_of_clients, outlook_set_manager;
"""

# As in 0005 and 0006, but for `managed_by`.
FUNCTIONS = """
CREATE FUNCTION search_clients(
    patterns text[], roots bigint[], organization bigint, statuses text[], in_group bigint, tag text, service bigint,
    band text, managed_by bigint, beyond_name text, beyond_id bigint, backwards boolean, size integer
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
    IF managed_by IS NOT NULL THEN
        condition := condition || format(' AND c.manager_id = %L', managed_by);
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

CREATE FUNCTION list_run_out(
    roots bigint[], organization bigint, of_service text, in_band text, managed_by bigint, called text,
    called_since timestamptz, since timestamptz, until timestamptz, beyond_at timestamptz, beyond_id bigint, backwards boolean, size integer
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
    IF managed_by IS NOT NULL THEN
        condition := condition || format(' AND o.manager_id = %L', managed_by);
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
"""
GRANTS = """
REVOKE EXECUTE ON FUNCTION search_clients, list_run_out FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_clients, list_run_out TO {staff};
"""
DROPPED = "DROP FUNCTION search_clients, list_run_out;"


def before() -> str:
    """The functions as they were, which 0005 makes among others."""
    searching = import_module("ostatok.ledger.migrations.0005_searching")
    run_out = import_module("ostatok.ledger.migrations.0006_run_out")
    _, clients, rest = searching.FUNCTIONS.partition("CREATE FUNCTION search_clients(")
    body, _, _ = rest.partition("CREATE FUNCTION search_accounts(")
    grants = GRANTS.replace(", list_run_out", "")
    return f"{clients}{body}{grants}{run_out.FUNCTION}"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_feeds"), ("parties", "0007_managers")]
    operations = [
        migrations.AddField(
            model_name="outlook",
            name="manager",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="outlook",
            index=models.Index(
                condition=models.Q(("manager__isnull", False), ("runs_out_at__isnull", False)),
                fields=["manager", "runs_out_at", "balance"],
                name="outlook_by_manager",
            ),
        ),
        wall_schema.statements(KEPT, FORGOTTEN),
        wall_schema.statements(DROPPED + FUNCTIONS + GRANTS, DROPPED + before()),
    ]

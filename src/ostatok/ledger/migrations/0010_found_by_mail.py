"""Clients are found by e-mail: a text with an @ is looked for in the addresses, and only there.

Beside names, addresses would drown them: half of all clients have "mail" in theirs. The functions of 0005, 0008 and 0009
ask which columns a text is about; no more of them changes.
"""

from django.db import migrations

from ostatok.parties import wall_schema

COLUMNS = """
CREATE FUNCTION client_mail(email text) RETURNS text IMMUTABLE PARALLEL SAFE
    RETURN lower(email COLLATE pg_catalog.pg_c_utf8);
CREATE INDEX client_mail ON client USING gin (client_mail(email) gin_trgm_ops);

CREATE FUNCTION client_columns(patterns text[]) RETURNS text IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN patterns[1] LIKE '%@%' THEN 'client_mail(email)' ELSE 'client_haystack(name, code, tax_id, phone)' END;
ANALYZE client;
"""
NO_COLUMNS = "DROP FUNCTION client_columns; DROP INDEX client_mail; DROP FUNCTION client_mail"

_REPLACE = """
DO $do$
DECLARE
    definition text;
BEGIN
    FOR definition IN
        SELECT pg_get_functiondef(oid)
        FROM pg_proc
        WHERE pronamespace = quote_ident(current_schema())::regnamespace
            AND proname IN ('search_clients', 'search_accounts', 'search_is_cut')
    LOOP
        EXECUTE replace(definition, {old}, {new});
    END LOOP;
END $do$
"""
_NAMES = "$text$'client_haystack(name, code, tax_id, phone)'$text$"
_ASKED = "'client_columns(patterns)'"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_cut_searches")]
    operations = [
        wall_schema.statements(COLUMNS, NO_COLUMNS),
        migrations.RunSQL(_REPLACE.format(old=_NAMES, new=_ASKED), _REPLACE.format(old=_ASKED, new=_NAMES)),
    ]

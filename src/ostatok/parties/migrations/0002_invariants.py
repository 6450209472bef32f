"""What the database itself keeps true: the tree of organizations, and an audit that only grows."""

from typing import ClassVar

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

ORGANIZATION_PATH = """
CREATE FUNCTION organization_set_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_id IS NULL THEN
        NEW.path := ARRAY[NEW.id];
    ELSE
        SELECT path || NEW.id INTO STRICT NEW.path FROM organization WHERE id = NEW.parent_id;
        IF NEW.id = ANY (NEW.path[:cardinality(NEW.path) - 1]) THEN
            RAISE EXCEPTION 'an organization cannot be above itself' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER organization_path BEFORE INSERT OR UPDATE OF parent_id, path ON organization
    FOR EACH ROW EXECUTE FUNCTION organization_set_path();

CREATE FUNCTION organization_move_subtree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE organization SET path = NEW.path || id WHERE parent_id = NEW.id AND path <> NEW.path || id;
    RETURN NULL;
END $$;
CREATE TRIGGER organization_subtree AFTER UPDATE OF parent_id, path ON organization
    FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION organization_move_subtree();

CREATE INDEX organization_by_path ON organization USING gin (path);
"""

APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: correct it by another row', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("parties", "0001_initial")]
    operations: ClassVar = [
        TrigramExtension(),
        migrations.RunSQL(
            ORGANIZATION_PATH,
            "DROP TRIGGER organization_subtree ON organization; DROP FUNCTION organization_move_subtree;"
            "DROP TRIGGER organization_path ON organization; DROP FUNCTION organization_set_path;"
            "DROP INDEX organization_by_path",
        ),
        migrations.RunSQL(
            APPEND_ONLY, "DROP TRIGGER audit_record_append_only ON audit_record; DROP FUNCTION refuse_change"
        ),
    ]

"""A client may have a manager: somebody who works for its organization or for one above it.

Whoever loses the last such role, by its own end or because an organization moves, is no manager there any more: a
client is never looked after by a stranger, whoever wrote the change.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ostatok.parties import wall_schema

GUARD = """
CREATE FUNCTION works_within(person bigint, path bigint[]) RETURNS boolean STABLE
    RETURN EXISTS (SELECT FROM membership m WHERE m.user_id = person AND m.organization_id = ANY (path));

CREATE FUNCTION client_forget_managers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'membership' THEN
        UPDATE client c SET manager_id = NULL
        FROM organization o
        WHERE c.manager_id = OLD.user_id AND o.id = c.organization_id AND NOT works_within(c.manager_id, o.path);
    ELSE
        UPDATE client c SET manager_id = NULL
        WHERE c.organization_id = OLD.id AND c.manager_id IS NOT NULL AND NOT works_within(c.manager_id, NEW.path);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER membership_gone AFTER DELETE OR UPDATE OF user_id, organization_id ON membership
    FOR EACH ROW EXECUTE FUNCTION client_forget_managers();
-- After organization_subtree, by the order of their names.
CREATE TRIGGER organization_then_managers AFTER UPDATE OF parent_id, path ON organization
    FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION client_forget_managers();
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0006_the_wall")]
    operations = [
        migrations.AddField(
            model_name="client",
            name="manager",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="managed_clients",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                condition=models.Q(("manager__isnull", False)),
                fields=["manager", "name", "id"],
                name="client_by_manager",
            ),
        ),
        wall_schema.statements(
            GUARD,
            "DROP TRIGGER organization_then_managers ON organization; DROP TRIGGER membership_gone ON membership;"
            "DROP FUNCTION client_forget_managers, works_within",
        ),
    ]

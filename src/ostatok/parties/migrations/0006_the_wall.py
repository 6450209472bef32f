"""The parties behind the wall, and what all policies ask."""

from django.db import migrations

from ostatok.parties import wall_schema
from ostatok.parties.wall_schema import ABOVE, OF_CLIENTS, REACHED, protect, protect_by

# A new organization is reached by its path before it is in any list. Members see the names above their own.
BELOW = "path && (SELECT wall_roots())"

# Oneself, colleagues, and the people of one's clients. Nobody behind the wall is or makes a superuser.
KNOWN = """(
    id = (SELECT wall_user())
    OR EXISTS (SELECT FROM membership WHERE membership.user_id = app_user.id)
    OR EXISTS (SELECT FROM client_user WHERE client_user.user_id = app_user.id)
)"""
ONESELF = "id = (SELECT wall_user())"


class Migration(migrations.Migration):
    dependencies = [("parties", "0005_roles_behind_the_wall")]
    operations = [
        wall_schema.make_functions(),
        protect_by(
            "organization",
            sees=f"{BELOW} OR id = {ABOVE}",
            changes=BELOW,
            customer="id = ANY ((SELECT wall_served_by())::bigint[])",
        ),
        protect("membership"),
        protect("contact"),
        protect("contact_point", via="contact.organization_id"),
        protect("client_group", above=True),
        protect("client_group_membership", via="client.organization_id"),
        protect("client", customer=f"id = {OF_CLIENTS}"),
        protect("client_user", via="client.organization_id", customer="user_id = (SELECT wall_user())"),
        protect("api_key"),
        protect("invitation"),
        protect("call_note"),
        # The audit is written with the wall down: nobody behind it adds a record of his own.
        protect_by("audit_record", sees=f"organization_id = {REACHED}", changes="false"),
        protect_by("app_user", sees=KNOWN, changes=f"NOT is_superuser AND {KNOWN}", customer=ONESELF),
        wall_schema.statements(
            f"GRANT UPDATE (name, language, password, last_login) ON app_user TO {{customer}};"
            f"CREATE POLICY wall_customer_changes ON app_user FOR UPDATE TO {{customer}} USING ({ONESELF})",
            "DROP POLICY wall_customer_changes ON app_user;"
            "REVOKE UPDATE (name, language, password, last_login) ON app_user FROM {customer}",
        ),
    ]

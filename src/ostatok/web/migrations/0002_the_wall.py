"""What users sign in with, behind the wall: secrets are seen by oneself only, addresses and sessions by colleagues too."""

from django.db import migrations

from ostatok.parties import wall_schema
from ostatok.parties.wall_schema import protect_by

ONES_OWN = "user_id = (SELECT wall_user())"


def of_somebody_known(table: str) -> str:
    return f"EXISTS (SELECT FROM app_user WHERE app_user.id = {table}.user_id)"


def change_ones_own(table: str) -> wall_schema.Step:
    """A customer ends sessions of its own in the cabinet."""
    return wall_schema.statements(
        f"GRANT INSERT, UPDATE, DELETE ON {table} TO {{customer}};"
        f"CREATE POLICY wall_customer_changes ON {table} TO {{customer}} USING ({ONES_OWN})",
        f"DROP POLICY wall_customer_changes ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0001_cache"),
        ("parties", "0006_the_wall"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
    ]
    operations = [
        protect_by("mfa_authenticator", sees=ONES_OWN, changes=ONES_OWN, customer=ONES_OWN),
        change_ones_own("mfa_authenticator"),
        protect_by(
            "account_emailaddress", sees=of_somebody_known("account_emailaddress"), changes=ONES_OWN, customer=ONES_OWN
        ),
        change_ones_own("account_emailaddress"),
        protect_by(
            "usersessions_usersession",
            sees=of_somebody_known("usersessions_usersession"),
            changes=ONES_OWN,
            customer=ONES_OWN,
        ),
        change_ones_own("usersessions_usersession"),
    ]

"""The roles that faces act as. Apart, so that a server's databases wait for each other no longer than this takes."""

from django.db import migrations

from ostatok.parties import wall_schema


class Migration(migrations.Migration):
    dependencies = [("parties", "0004_keys_and_invitations")]
    operations = [wall_schema.make_roles()]

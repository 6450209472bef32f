"""Notices and templates behind the wall. A customer does not see what a rule only tried out."""

from django.db import migrations

from ostatok.parties.wall_schema import OF_CLIENTS, protect


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("parties", "0006_the_wall")]
    operations = [
        protect("notice", customer=f"client_id = {OF_CLIENTS} AND state <> 'shadow'"),
        protect("template", above=True),
    ]

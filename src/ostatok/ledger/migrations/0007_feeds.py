"""When anything was last posted for each organization is kept, so that the overview can say so at once."""

import django.db.models.deletion
from django.db import migrations, models

from ostatok.parties.wall_schema import protect


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_run_out"), ("parties", "0006_the_wall")]
    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="feed",
                        serialize=False,
                        to="parties.organization",
                    ),
                ),
                ("posted_at", models.DateTimeField()),
            ],
            options={"db_table": "feed"},
        ),
        protect("feed"),
    ]

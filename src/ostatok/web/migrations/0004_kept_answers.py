"""What was done under an idempotency key is kept for a day, so that the same request again does nothing."""

import django.db.models.deletion
from django.db import migrations, models

from ostatok.parties.wall_schema import protect


class Migration(migrations.Migration):
    dependencies = [("web", "0003_links_to_the_provider"), ("parties", "0006_the_wall")]
    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("caller", models.CharField(max_length=32)),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("made", models.CharField(max_length=250)),
                ("status", models.SmallIntegerField()),
                ("answer", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="parties.organization"),
                ),
            ],
            options={
                "db_table": "kept_answer",
                "indexes": [models.Index(fields=["at"], name="kept_answer_at")],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "caller", "key"), name="kept_answer_unique")
                ],
            },
        ),
        protect("kept_answer"),
    ]

"""Uploads: the file in pieces, how far it is dealt with, and the rows that were refused; behind the wall."""

import django.contrib.postgres.fields
import django.utils.timezone
from django.db import migrations, models

from ostatok.parties.wall_schema import protect, protect_by

ITS_IMPORT = "EXISTS (SELECT FROM import WHERE import.id = of_id)"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("parties", "0006_the_wall")]
    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("entries", "entries"), ("balances", "balances")], max_length=8),
                ),
                ("file_name", models.CharField(max_length=250)),
                ("encoding", models.CharField(default="utf-8", max_length=16)),
                ("size", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("posted", models.IntegerField(default=0)),
                ("duplicates", models.IntegerField(default=0)),
                ("refused", models.IntegerField(default=0)),
                ("notices", models.IntegerField(default=0)),
                ("deliveries", models.IntegerField(default=0)),
                ("last_line", models.IntegerField(default=0)),
                ("bytes_read", models.BigIntegerField(default=0)),
                ("cancel_asked", models.BooleanField(default=False)),
                ("error", models.TextField(blank=True)),
                ("created_by", models.CharField(max_length=254)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey("parties.organization", models.CASCADE, related_name="imports", db_index=False),
                ),
            ],
            options={
                "db_table": "import",
                "indexes": [
                    models.Index(fields=["organization", "-id"], name="import_by_organization"),
                    models.Index(
                        fields=["id"],
                        name="import_unfinished",
                        condition=models.Q(state__in=["waiting", "running"]),
                    ),
                ],
                "constraints": [models.CheckConstraint(condition=models.Q(size__gt=0), name="import_has_content")],
            },
        ),
        migrations.CreateModel(
            name="ImportChunk",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "of_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("of", models.ForeignKey("intake.import", models.CASCADE, related_name="chunks", db_index=False)),
                ("number", models.IntegerField()),
                ("content", models.BinaryField()),
            ],
            options={"db_table": "import_chunk"},
        ),
        migrations.CreateModel(
            name="ImportRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("of", models.ForeignKey("intake.import", models.CASCADE, related_name="refusals", db_index=False)),
                ("line", models.IntegerField()),
                ("values", django.contrib.postgres.fields.ArrayField(models.TextField(), default=list)),
                ("text", models.TextField(blank=True)),
                ("reason", models.CharField(max_length=32)),
                ("message", models.TextField()),
            ],
            options={
                "db_table": "import_refusal",
                "constraints": [models.UniqueConstraint(fields=["of", "line"], name="import_refusal_once")],
            },
        ),
        protect("import"),
        protect_by("import_chunk", sees=ITS_IMPORT, changes=ITS_IMPORT),
        protect_by("import_refusal", sees=ITS_IMPORT, changes=ITS_IMPORT),
    ]

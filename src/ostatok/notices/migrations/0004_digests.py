"""The run-out list by mail: who subscribes to it, and the digest of each subscriber and day. Both behind the wall."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ostatok.parties.wall_schema import protect


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0003_by_rule"),
        ("parties", "0007_managers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("mine", models.BooleanField()),
                ("site", models.CharField(max_length=250)),
                ("raised_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="parties.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "digest",
                "constraints": [models.UniqueConstraint(fields=("organization", "user", "day"), name="digest_once")],
            },
        ),
        migrations.CreateModel(
            name="RunOutSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.TimeField()),
                ("working_days", models.BooleanField()),
                ("mine", models.BooleanField()),
                ("site", models.CharField(max_length=250)),
                ("since", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="run_out_subscriptions",
                        to="parties.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="run_out_subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "run_out_subscription",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "organization"), name="run_out_subscription_once")
                ],
            },
        ),
        protect("run_out_subscription"),
        protect("digest"),
    ]

"""Rules that a worker switches: they speak to so many that no page waits for it."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from ostatok.parties.wall_schema import protect


class Migration(migrations.Migration):
    dependencies = [("rules", "0005_forecast"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="Switching",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("shadow", "shadow"),
                            ("inactive", "inactive"),
                            ("deleted", "deleted"),
                        ],
                        max_length=8,
                    ),
                ),
                ("notify_now", models.BooleanField(default=False)),
                ("balances", models.BigIntegerField()),
                ("origin", models.CharField(blank=True, max_length=64)),
                ("problem", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("asked_by", models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")),
                ("rule", models.ForeignKey("rules.rule", models.CASCADE, related_name="switchings")),
            ],
            options={
                "db_table": "rule_switching",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["rule"], condition=models.Q(finished_at=None), name="rule_switching_one_at_a_time"
                    )
                ],
            },
        ),
        protect("rule_switching", via="rule.organization_id"),
    ]

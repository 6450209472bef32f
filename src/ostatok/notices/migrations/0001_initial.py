import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import ostatok.ledger.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("rules", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "rule",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="rules.rule"),
                ),
                ("rule_version", models.IntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("balance_band", "balance in a band"),
                            ("balance_below", "balance below a threshold"),
                            ("balance_above", "balance above a threshold"),
                            ("balance_exhausted", "balance exhausted"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "balance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="ledger.balance",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="ledger.account",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="parties.client",
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                ("occasion", models.BigIntegerField()),
                ("step", models.IntegerField()),
                (
                    "band",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="rules.ruleband"
                    ),
                ),
                ("amount", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30)),
                ("available", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30)),
                ("mark", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30, null=True)),
                ("percent", models.DecimalField(decimal_places=4, max_digits=30, null=True)),
                ("threshold", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30, null=True)),
                ("raised_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sent", "sent"),
                            ("dropped", "dropped"),
                            ("failed", "failed"),
                            ("shadow", "shadow"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(default="", max_length=24)),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "notice",
            },
        ),
        migrations.AddConstraint(
            model_name="Notice",
            constraint=models.UniqueConstraint(
                fields=("balance", "rule", "occasion", "step", "band"), name="notice_once", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="Notice",
            index=models.Index(fields=["organization", "-id"], name="notice_by_organization"),
        ),
        migrations.AddIndex(
            model_name="Notice",
            index=models.Index(fields=["client", "-id"], name="notice_by_client"),
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="templates", to="parties.organization"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("balance_band", "balance in a band"),
                            ("balance_below", "balance below a threshold"),
                            ("balance_above", "balance above a threshold"),
                            ("balance_exhausted", "balance exhausted"),
                        ],
                        max_length=24,
                    ),
                ),
                ("channel", models.CharField(max_length=16)),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("ru", "Русский"), ("pl", "Polski"), ("kk", "Қазақша")],
                        max_length=2,
                    ),
                ),
                ("version", models.IntegerField(default=1)),
                ("subject", models.TextField(blank=True)),
                ("text", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                ("deleted", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "template",
            },
        ),
        migrations.AddConstraint(
            model_name="Template",
            constraint=models.UniqueConstraint(
                fields=("organization", "kind", "channel", "language", "version"), name="template_version"
            ),
        ),
    ]

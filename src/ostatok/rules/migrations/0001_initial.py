import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import ostatok.ledger.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ledger", "0001_initial"),
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rules", to="parties.organization"
                    ),
                ),
                ("name", models.CharField(max_length=250)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("shadow", "shadow"),
                            ("inactive", "inactive"),
                            ("deleted", "deleted"),
                        ],
                        default="inactive",
                        max_length=8,
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
                ("version", models.IntegerField(default=1)),
                ("unit", models.CharField(blank=True, max_length=8)),
                ("threshold", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30, null=True)),
                ("hysteresis", ostatok.ledger.models.AmountField(decimal_places=6, default=0, max_digits=30)),
                (
                    "mark",
                    models.CharField(
                        choices=[
                            ("last_top_up", "the last top-up"),
                            ("balance_after", "the balance right after the last top-up"),
                            ("package", "the package granted"),
                        ],
                        default="last_top_up",
                        max_length=16,
                    ),
                ),
                ("max_qty", models.IntegerField(null=True)),
                ("period", models.DurationField(null=True)),
                ("cooldown", models.DurationField(null=True)),
                (
                    "first",
                    models.CharField(
                        choices=[("now", "at once"), ("next_check", "at the next check")], default="now", max_length=16
                    ),
                ),
                ("keep_for", models.DurationField(null=True)),
                ("audience", models.JSONField(default=dict)),
                ("sort_order", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("switched_on_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "rule",
            },
        ),
        migrations.AddConstraint(
            model_name="Rule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "deleted"), _negated=True),
                fields=("organization", "name"),
                name="rule_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="Rule",
            constraint=models.CheckConstraint(condition=models.Q(("max_qty__gte", 1)), name="rule_max_qty_positive"),
        ),
        migrations.AddConstraint(
            model_name="Rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("hysteresis__gte", 0)), name="rule_hysteresis_positive"
            ),
        ),
        migrations.CreateModel(
            name="RuleBand",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bands", to="rules.rule"
                    ),
                ),
                ("upper", models.DecimalField(decimal_places=4, max_digits=9)),
                ("lower", models.DecimalField(decimal_places=4, max_digits=9, null=True)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "db_table": "rule_band",
            },
        ),
        migrations.AddConstraint(
            model_name="RuleBand",
            constraint=models.UniqueConstraint(
                fields=("rule", "upper", "lower"), name="rule_band_edges", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="RuleBand",
            constraint=models.CheckConstraint(
                condition=models.Q(("lower__isnull", True), ("lower__lt", models.F("upper")), _connector="OR"),
                name="rule_band_lower_below_upper",
            ),
        ),
        migrations.CreateModel(
            name="RuleCondition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="conditions", to="rules.rule"
                    ),
                ),
                ("facets", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("negated", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "rule_condition",
            },
        ),
        migrations.CreateModel(
            name="SegmentRule",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "segment_id", "rule_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="ledger.segment"),
                ),
                ("rule", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="rules.rule")),
            ],
            options={
                "db_table": "segment_rule",
            },
        ),
        migrations.CreateModel(
            name="RuleRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="recipients", to="rules.rule"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("client", "the client"),
                            ("organization", "the client's organization"),
                            ("user", "a user"),
                            ("contact", "a contact"),
                            ("address", "an address"),
                        ],
                        max_length=16,
                    ),
                ),
                ("channel", models.CharField(default="email", max_length=16)),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="parties.contact"),
                ),
                ("address", models.CharField(blank=True, max_length=254)),
            ],
            options={
                "db_table": "rule_recipient",
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "rule_id", "balance_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="rules.rule"),
                ),
                (
                    "balance",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, to="ledger.balance"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="parties.organization",
                    ),
                ),
                ("firing", models.BooleanField(default=False)),
                ("silent", models.BooleanField(default=False)),
                ("since", models.DateTimeField(null=True)),
                ("since_seq", models.BigIntegerField(default=0)),
                ("repeats", models.IntegerField(default=0)),
                ("last_raised_at", models.DateTimeField(null=True)),
                ("next_repeat_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(max_length=16)),
                ("reason_at", models.DateTimeField()),
            ],
            options={
                "db_table": "alarm",
            },
        ),
        migrations.CreateModel(
            name="AlarmEpoch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "rule_id", "balance_id", "epoch", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="rules.rule"),
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
                ("epoch", models.BigIntegerField()),
                ("raised", models.IntegerField(default=0)),
                (
                    "bands",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
            ],
            options={
                "db_table": "alarm_epoch",
            },
        ),
    ]

"""Rules about how long what is left lasts, and the balances whose forecast the next sweep looks at."""

import django.db.models.deletion
from django.db import migrations, models

from ostatok.parties import wall_schema

KINDS = [
    ("balance_band", "balance in a band"),
    ("balance_below", "balance below a threshold"),
    ("balance_above", "balance above a threshold"),
    ("balance_exhausted", "balance exhausted"),
    ("forecast_below", "lasts for fewer days"),
]


class Migration(migrations.Migration):
    dependencies = [("rules", "0004_the_wall"), ("ledger", "0007_feeds"), ("parties", "0006_the_wall")]
    operations = [
        migrations.AddField(model_name="rule", name="days", field=models.SmallIntegerField(null=True)),
        migrations.AlterField(model_name="rule", name="kind", field=models.CharField(choices=KINDS, max_length=24)),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("days__isnull", False), ("days__range", (1, 365)), ("kind", "forecast_below")),
                    models.Q(models.Q(("kind", "forecast_below"), _negated=True), ("days__isnull", True)),
                    _connector="OR",
                ),
                name="rule_days_of_a_forecast",
            ),
        ),
        migrations.CreateModel(
            name="ForecastDue",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "rule_id", "balance_id", blank=True, editable=False, primary_key=True, serialize=False
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
                    "rule",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="rules.rule",
                    ),
                ),
            ],
            options={"db_table": "forecast_due"},
        ),
        wall_schema.withhold("forecast_due"),
    ]

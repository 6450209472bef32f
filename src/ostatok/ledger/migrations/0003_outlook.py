import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import ostatok.ledger.models

# What was posted lately lies together at the end of the table. Entries arrive in that order, so the index costs a
# posting next to nothing and stays small however many there are.
LATELY = """
CREATE INDEX entry_lately ON entry USING brin (posted_at) WITH (pages_per_range = 32, autosummarize = on);
ALTER TABLE outlook SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_invariants"),
        ("parties", "0004_keys_and_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutlookPass",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "outlook_pass"},
        ),
        migrations.CreateModel(
            name="BandCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "service_id",
                        "band",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("band", models.CharField(max_length=5)),
                ("balances", models.BigIntegerField()),
                ("ran_out", models.BigIntegerField(default=0)),
                ("within_day", models.BigIntegerField(default=0)),
                ("within_week", models.BigIntegerField(default=0)),
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
                    "service",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="ledger.service",
                    ),
                ),
            ],
            options={"db_table": "band_count"},
        ),
        migrations.CreateModel(
            name="OutlookMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "balance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="ledger.balance",
                    ),
                ),
            ],
            options={"db_table": "outlook_mark"},
        ),
        migrations.CreateModel(
            name="Outlook",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "balance_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("band", models.CharField(max_length=5)),
                ("base", models.CharField(max_length=16)),
                ("mark", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30, null=True)),
                ("percent", models.DecimalField(decimal_places=4, max_digits=14, null=True)),
                ("amount", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30)),
                ("held", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30)),
                ("daily_use", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30)),
                ("runs_out_at", models.DateTimeField(null=True)),
                (
                    "used",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30), size=None
                    ),
                ),
                (
                    "net",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30), size=None
                    ),
                ),
                ("day", models.DateField()),
                ("seq", models.BigIntegerField()),
                ("as_of", models.DateTimeField()),
                (
                    "balance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="outlooks",
                        to="ledger.balance",
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
                (
                    "service",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="ledger.service",
                    ),
                ),
            ],
            options={
                "db_table": "outlook",
                "indexes": [
                    models.Index(
                        condition=models.Q(("runs_out_at__isnull", False)),
                        fields=["runs_out_at", "balance"],
                        name="outlook_by_time",
                    ),
                    models.Index(
                        condition=models.Q(("runs_out_at__isnull", False)),
                        fields=["organization", "service", "band", "runs_out_at", "balance"],
                        name="outlook_by_band",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            LATELY,
            "DROP INDEX entry_lately; ALTER TABLE outlook RESET (fillfactor, autovacuum_vacuum_scale_factor)",
        ),
    ]

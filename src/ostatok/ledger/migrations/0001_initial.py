import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import ostatok.ledger.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="parties.organization"
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=250)),
                ("full_name", models.CharField(blank=True, max_length=250)),
                ("unit", models.CharField(max_length=8)),
                ("rearm_from", ostatok.ledger.models.AmountField(decimal_places=6, default=0, max_digits=30)),
                ("top_up_url", models.URLField(blank=True)),
            ],
            options={
                "db_table": "service",
            },
        ),
        migrations.AddConstraint(
            model_name="Service",
            constraint=models.UniqueConstraint(fields=("organization", "code"), name="service_code"),
        ),
        migrations.AddConstraint(
            model_name="Service",
            constraint=models.CheckConstraint(
                condition=models.Q(("rearm_from__gte", 0)), name="service_rearm_from_positive"
            ),
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="parties.organization"
                    ),
                ),
                ("number", models.CharField(max_length=64)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="parties.client"
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=500)),
                (
                    "billing",
                    models.CharField(
                        choices=[("prepaid", "prepaid"), ("postpaid", "postpaid")], default="prepaid", max_length=8
                    ),
                ),
                (
                    "status",
                    models.CharField(choices=[("open", "open"), ("closed", "closed")], default="open", max_length=8),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "account",
            },
        ),
        migrations.AddConstraint(
            model_name="Account",
            constraint=models.UniqueConstraint(fields=("organization", "number"), name="account_number"),
        ),
        migrations.CreateModel(
            name="Facet",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=16)),
                ("key", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "facet",
            },
        ),
        migrations.AddConstraint(
            model_name="Facet",
            constraint=models.UniqueConstraint(fields=("kind", "key"), name="facet_once"),
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                (
                    "facets",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None, unique=True),
                ),
                ("version", models.IntegerField(default=1)),
                ("matched", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "segment",
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="parties.organization",
                    ),
                ),
                ("number", models.CharField(max_length=64)),
                (
                    "service",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="ledger.service"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="ledger.account",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="ledger.segment"
                    ),
                ),
                ("amount", ostatok.ledger.models.AmountField(decimal_places=6, default=0, max_digits=30)),
                ("credit_limit", ostatok.ledger.models.AmountField(decimal_places=6, default=0, max_digits=30)),
                ("held", ostatok.ledger.models.AmountField(decimal_places=6, default=0, max_digits=30)),
                ("package", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30, null=True)),
                ("seq", models.BigIntegerField(default=0)),
                ("epoch", models.BigIntegerField(default=0)),
                ("trip_low", ostatok.ledger.models.UnboundedAmountField(default=0)),
                ("trip_high", ostatok.ledger.models.UnboundedAmountField(default=0)),
                ("trip_version", models.IntegerField(default=0)),
                ("last_charge_at", models.DateTimeField(null=True)),
                ("first_entry_at", models.DateTimeField(null=True)),
                ("as_of", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "balance",
            },
        ),
        migrations.AddConstraint(
            model_name="Balance",
            constraint=models.UniqueConstraint(fields=("organization", "number", "service"), name="balance_once"),
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "balance_id",
                        "seq",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
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
                    "balance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="entries",
                        to="ledger.balance",
                    ),
                ),
                ("seq", models.BigIntegerField()),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (1, "top_up"),
                            (2, "charge"),
                            (3, "adjustment"),
                            (4, "refund"),
                            (5, "reversal"),
                            (6, "opening"),
                            (7, "snapshot"),
                        ]
                    ),
                ),
                ("amount", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=20)),
                ("occurred_at", models.DateTimeField()),
                ("posted_at", models.DateTimeField()),
                ("ref", models.CharField(max_length=200)),
                ("reverses", models.CharField(max_length=200, null=True)),
                ("memo", models.TextField(default="")),
            ],
            options={
                "db_table": "entry",
            },
        ),
        migrations.AddConstraint(
            model_name="Entry",
            constraint=models.UniqueConstraint(fields=("organization", "ref"), name="entry_ref"),
        ),
        migrations.AddConstraint(
            model_name="Entry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reverses__isnull", False)),
                fields=("organization", "reverses"),
                name="entry_reversed_once",
            ),
        ),
        migrations.CreateModel(
            name="Epoch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "balance_id",
                        "seq",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
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
                    "balance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="epochs",
                        to="ledger.balance",
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("top_up", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30)),
                ("balance_after", ostatok.ledger.models.AmountField(decimal_places=6, max_digits=30)),
                ("topped_up_at", models.DateTimeField()),
                ("reversed_seq", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "epoch",
            },
        ),
    ]

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("notices", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("host", models.CharField(max_length=250)),
                ("pid", models.IntegerField()),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("stopped_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "worker",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
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
                    "notice",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="deliveries",
                        to="notices.notice",
                    ),
                ),
                ("channel", models.CharField(max_length=16)),
                ("recipient", models.CharField(max_length=32)),
                ("address", models.CharField(blank=True, max_length=254)),
                ("lane", models.SmallIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sending", "sending"),
                            ("sent", "sent"),
                            ("dropped", "dropped"),
                            ("dead", "dead"),
                            ("unknown", "unknown"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(default="", max_length=24)),
                ("detail", models.TextField(default="")),
                ("due_at", models.DateTimeField()),
                ("attempts", models.SmallIntegerField(default=0)),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="delivery.worker",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("provider_id", models.CharField(default="", max_length=250)),
            ],
            options={
                "db_table": "delivery",
            },
        ),
        migrations.AddConstraint(
            model_name="Delivery",
            constraint=models.UniqueConstraint(
                fields=("notice", "channel", "recipient", "address"), name="delivery_once"
            ),
        ),
        migrations.AddIndex(
            model_name="Delivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["lane", "due_at", "id"], name="delivery_due"
            ),
        ),
        migrations.AddIndex(
            model_name="Delivery",
            index=models.Index(condition=models.Q(("state", "sending")), fields=["worker"], name="delivery_leased"),
        ),
        migrations.CreateModel(
            name="DeliveryMessage",
            fields=[
                (
                    "delivery",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="message",
                        serialize=False,
                        to="delivery.delivery",
                    ),
                ),
                ("subject", models.TextField()),
                ("text", models.TextField()),
                ("html", models.TextField()),
                ("headers", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "delivery_message",
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="tries",
                        to="delivery.delivery",
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
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="delivery.worker",
                    ),
                ),
                ("number", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("delivered", "delivered"),
                            ("temporary", "temporary failure"),
                            ("permanent", "permanent failure"),
                            ("unknown", "unknown"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(max_length=24)),
                ("detail", models.TextField(default="")),
            ],
            options={
                "db_table": "attempt",
            },
        ),
        migrations.CreateModel(
            name="Circuit",
            fields=[
                ("provider", models.CharField(max_length=250, primary_key=True, serialize=False)),
                ("failures", models.IntegerField(default=0)),
                ("opened_at", models.DateTimeField(null=True)),
                ("retry_at", models.DateTimeField(null=True)),
                ("detail", models.TextField(default="")),
            ],
            options={
                "db_table": "circuit",
            },
        ),
    ]

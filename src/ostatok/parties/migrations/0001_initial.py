import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="parties.organization",
                    ),
                ),
                (
                    "path",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, editable=False, size=None
                    ),
                ),
                ("code", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=250)),
                ("tax_id", models.CharField(blank=True, max_length=32)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("timezone", models.CharField(default="UTC", max_length=64)),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("ru", "Русский"), ("pl", "Polski"), ("kk", "Қазақша")],
                        default="en",
                        max_length=2,
                    ),
                ),
                ("top_up_url", models.URLField(blank=True)),
                ("may_send_pin", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "organization",
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(blank=True, max_length=250)),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("ru", "Русский"), ("pl", "Polski"), ("kk", "Қазақша")],
                        default="en",
                        max_length=2,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text=(
                            "The groups this user belongs to. A user will get all permissions granted to each of their"
                            " groups."
                        ),
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "db_table": "app_user",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="parties.organization",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("look", "look"),
                            ("clerk", "clerk"),
                            ("service_administrator", "service administrator"),
                            ("auditor", "auditor"),
                            ("owner", "owner"),
                        ],
                        max_length=32,
                    ),
                ),
            ],
            options={
                "db_table": "membership",
            },
        ),
        migrations.AddConstraint(
            model_name="Membership",
            constraint=models.UniqueConstraint(fields=("user", "organization"), name="membership_once"),
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contacts", to="parties.organization"
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=250)),
                ("position", models.CharField(blank=True, max_length=250)),
            ],
            options={
                "db_table": "contact",
            },
        ),
        migrations.AddConstraint(
            model_name="Contact",
            constraint=models.UniqueConstraint(fields=("organization", "code"), name="contact_code"),
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="points", to="parties.contact"
                    ),
                ),
                ("kind", models.CharField(choices=[("email", "e-mail"), ("phone", "phone")], max_length=8)),
                ("address", models.CharField(max_length=254)),
                ("label", models.CharField(blank=True, max_length=32)),
            ],
            options={
                "db_table": "contact_point",
            },
        ),
        migrations.AddConstraint(
            model_name="ContactPoint",
            constraint=models.UniqueConstraint(fields=("contact", "kind", "address"), name="contact_point_once"),
        ),
        migrations.CreateModel(
            name="ClientGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="client_groups",
                        to="parties.organization",
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=250)),
            ],
            options={
                "db_table": "client_group",
            },
        ),
        migrations.AddConstraint(
            model_name="ClientGroup",
            constraint=models.UniqueConstraint(fields=("organization", "code"), name="client_group_code"),
        ),
        migrations.CreateModel(
            name="Client",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="clients", to="parties.organization"
                    ),
                ),
                ("code", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=250)),
                ("tax_id", models.CharField(blank=True, max_length=32)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[("en", "English"), ("ru", "Русский"), ("pl", "Polski"), ("kk", "Қазақша")],
                        max_length=2,
                    ),
                ),
                ("timezone", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "active"), ("suspended", "suspended"), ("closed", "closed")],
                        default="active",
                        max_length=16,
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                    ),
                ),
                ("bank_account", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "client",
            },
        ),
        migrations.AddConstraint(
            model_name="Client",
            constraint=models.UniqueConstraint(fields=("organization", "code"), name="client_code"),
        ),
        migrations.CreateModel(
            name="GroupMembership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("client", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="parties.client")),
                ("group", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="parties.clientgroup")),
            ],
            options={
                "db_table": "client_group_membership",
            },
        ),
        migrations.AddConstraint(
            model_name="GroupMembership",
            constraint=models.UniqueConstraint(fields=("client", "group"), name="client_group_membership_once"),
        ),
        migrations.AddField(
            model_name="Client",
            name="groups",
            field=models.ManyToManyField(
                related_name="clients", through="parties.GroupMembership", to="parties.clientgroup"
            ),
        ),
        migrations.CreateModel(
            name="AuditRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organization",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="parties.organization"
                    ),
                ),
                ("actor", models.CharField(max_length=254)),
                ("action", models.CharField(max_length=64)),
                ("subject", models.CharField(max_length=254)),
                ("changes", models.JSONField(default=dict)),
                ("origin", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "db_table": "audit_record",
            },
        ),
        migrations.AddIndex(
            model_name="AuditRecord",
            index=models.Index(fields=["organization", "-at"], name="audit_record_by_time"),
        ),
    ]

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The organization beside a client is the client's own, whatever a door is left open for.
OF_THE_SAME_ORGANIZATION = """
ALTER TABLE client ADD CONSTRAINT client_identity UNIQUE (id, organization_id);
ALTER TABLE invitation ADD CONSTRAINT invitation_follows_client FOREIGN KEY (client_id, organization_id)
    REFERENCES client (id, organization_id) ON UPDATE CASCADE;
ALTER TABLE call_note ADD CONSTRAINT call_note_follows_client FOREIGN KEY (client_id, organization_id)
    REFERENCES client (id, organization_id) ON UPDATE CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_invariants"),
        ("parties", "0003_audit_outlives_its_organization"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=250)),
                ("prefix", models.CharField(max_length=16, unique=True)),
                ("digest", models.CharField(max_length=64)),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None),
                ),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="api_keys", to="parties.organization"
                    ),
                ),
            ],
            options={
                "db_table": "api_key",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="api_key_has_a_name"),
                    models.CheckConstraint(
                        condition=models.Q(("prefix__regex", "^[0-9a-f]{12}$")), name="api_key_prefix_form"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="api_key_digest_form"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("permissions__len__gte", 1)), name="api_key_permits_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))), name="api_key_expires_later"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("called", "called"), ("promised", "promised"), ("note", "note")], max_length=8
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("promised_until", models.DateField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="call_notes",
                        to="ledger.account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_notes",
                        to="parties.client",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_notes",
                        to="parties.organization",
                    ),
                ),
            ],
            options={
                "db_table": "call_note",
                "indexes": [
                    models.Index(fields=["client", "-at"], name="call_note_by_client"),
                    models.Index(fields=["organization", "-at"], name="call_note_by_organization"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("promised_until__isnull", True), ("kind", "promised"), _connector="OR"),
                        name="call_note_only_a_promise_has_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "note"), ("text", ""), _negated=True),
                        name="call_note_says_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="client_users", to="parties.client"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="client_users",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "client_user",
                "constraints": [models.UniqueConstraint(fields=("client", "user"), name="client_user_once")],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        blank=True,
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
                ("digest", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "client",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="parties.client",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="parties.organization",
                    ),
                ),
            ],
            options={
                "db_table": "invitation",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("client__isnull", False), ("role", "")),
                            models.Q(
                                ("client__isnull", True),
                                ("role__in", ["look", "clerk", "service_administrator", "auditor", "owner"]),
                            ),
                            _connector="OR",
                        ),
                        name="invitation_to_a_role_or_a_client",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="invitation_digest_form"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))), name="invitation_expires_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at__isnull", True), ("revoked_at__isnull", True), _connector="OR"
                        ),
                        name="invitation_accepted_or_revoked",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            OF_THE_SAME_ORGANIZATION,
            "ALTER TABLE call_note DROP CONSTRAINT call_note_follows_client;"
            "ALTER TABLE invitation DROP CONSTRAINT invitation_follows_client;"
            "ALTER TABLE client DROP CONSTRAINT client_identity",
        ),
    ]

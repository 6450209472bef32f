"""Tables of the parties. What the database itself refuses is in migrations/0002_invariants.py."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now

from ostatok.parties.access import Actor, Customer, DoorManager, Member, Permission, Role, System

CODE_LENGTH = 64


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    RUSSIAN = "ru", "Русский"
    POLISH = "pl", "Polski"
    KAZAKH = "kk", "Қазақша"


class Organization(models.Model):
    """An operator, reseller or service producer; organizations form a tree.

    `path` holds the ids from the root down to the organization itself and is kept by a trigger, so
    «X or below X» is `path @> ARRAY[X]`.
    """

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = ArrayField(models.BigIntegerField(), editable=False, default=list)
    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    name = models.CharField(max_length=250)
    tax_id = models.CharField(max_length=32, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    top_up_url = models.URLField(blank=True)
    may_send_pin = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    door: ClassVar[str] = ""
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "organization"

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Users are found by their e-mail whatever its case, and seen by whoever reaches one of their organizations."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)

    def visible_to(self, actor: Actor, permission: Permission = Permission.SEE) -> "models.QuerySet[User]":
        if isinstance(actor, System):
            return self.all()
        if isinstance(actor, Customer):
            return self.filter(pk=actor.user_id) if permission is Permission.SEE else self.none()
        return self.filter(pk__in=Membership.objects.visible_to(actor, permission).values("user_id"))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What a user may do is a matter of its roles in organizations."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=250, blank=True)
    language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        db_table = "app_user"

    @property
    def is_staff(self) -> bool:
        """Django's admin, in which nothing is changed, is for the installation's superuser only."""
        return self.is_superuser

    def as_actor(self) -> Actor:
        """Whom the access doors see: one query for the roles; who was deactivated reaches nothing."""
        if self.is_superuser and self.is_active:
            return System(name=self.email)
        held = self.memberships.values_list("organization_id", "role") if self.is_active else []
        return Member(user_id=self.pk, name=self.email, roles={at: Role(role) for at, role in held})

    def as_customer(self) -> Customer:
        """Whom the doors see in the cabinet, in one query. The audit, which forgets nobody, knows it by number."""
        clients = self.client_users.values_list("client_id", flat=True) if self.is_active else []
        return Customer(user_id=self.pk, name=f"customer {self.pk}", clients=tuple(sorted(clients)))


class Membership(models.Model):
    """A role of a user in an organization, and so in everything below it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=32, choices=Role)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "membership"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organization"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role} of {self.organization_id}"


class Contact(models.Model):
    """A person of an organization who can be told things without signing in."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="contacts")
    code = models.CharField(max_length=CODE_LENGTH)
    name = models.CharField(max_length=250)
    position = models.CharField(max_length=250, blank=True)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "contact"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="contact_code"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactPoint(models.Model):
    """One address of a contact: an e-mail or a phone, with a label (work, personal)."""

    class Kind(models.TextChoices):
        EMAIL = "email", "e-mail"
        PHONE = "phone", "phone"

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="points")
    kind = models.CharField(max_length=8, choices=Kind)
    address = models.CharField(max_length=254)
    label = models.CharField(max_length=32, blank=True)

    door: ClassVar[str] = "contact__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "contact_point"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["contact", "kind", "address"], name="contact_point_once"),
        ]

    def __str__(self) -> str:
        return self.address


class ClientGroup(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="client_groups")
    code = models.CharField(max_length=CODE_LENGTH)
    name = models.CharField(max_length=250)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "client_group"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="client_group_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Client(models.Model):
    """A customer of an organization: whoever pays and is told."""

    class Status(models.TextChoices):
        ACTIVE = "active", "active"
        SUSPENDED = "suspended", "suspended"
        CLOSED = "closed", "closed"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="clients")
    code = models.CharField(max_length=CODE_LENGTH)
    name = models.CharField(max_length=250)
    tax_id = models.CharField(max_length=32, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=2, choices=Language, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    tags = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    bank_account = models.CharField(max_length=64, blank=True)
    # Of the organization or one above it. Whoever loses the last such role is no client's manager any more: 0007.
    manager = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="managed_clients", db_index=False
    )
    groups = models.ManyToManyField(ClientGroup, through="GroupMembership", related_name="clients")
    created_at = models.DateTimeField(default=now)

    client_door: ClassVar[str] = "pk"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "client"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="client_code"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["manager", "name", "id"], name="client_by_manager", condition=models.Q(manager__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    client = models.ForeignKey(Client, models.CASCADE)
    group = models.ForeignKey(ClientGroup, models.CASCADE)

    door: ClassVar[str] = "client__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "client_group_membership"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "group"], name="client_group_membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.client_id} in {self.group_id}"


class ClientUser(models.Model):
    """A person who may see a client in the cabinet."""

    user = models.ForeignKey(User, models.CASCADE, related_name="client_users")
    client = models.ForeignKey(Client, models.CASCADE, related_name="client_users")
    created_at = models.DateTimeField(default=now)

    door: ClassVar[str] = "client__organization"
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "client_user"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "user"], name="client_user_once"),
        ]


class ApiKey(models.Model):
    """What a program signs in with, told once as `ost_<prefix>_<secret>`; `digest` is SHA-256 of the secret in hex.

    The prefix finds the key and names it on screens; `permissions` are values of `access.Permission`.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=250)
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    permissions = ArrayField(models.CharField(max_length=32))
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True)
    created_at = models.DateTimeField(default=now)

    # Which programs hold which rights is for owners and auditors.
    seen_with: ClassVar[Permission] = Permission.SEE_AUDIT
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "api_key"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="api_key_has_a_name"),
            models.CheckConstraint(condition=models.Q(prefix__regex=r"^[0-9a-f]{12}$"), name="api_key_prefix_form"),
            models.CheckConstraint(condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="api_key_digest_form"),
            models.CheckConstraint(condition=models.Q(permissions__len__gte=1), name="api_key_permits_something"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="api_key_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class Invitation(models.Model):
    """A way in, told once by e-mail: to a role in an organization, or to a client of it in the cabinet.

    `digest` is SHA-256 of the token in hex. Good for one use, until it expires or is revoked.
    `mailed`: the link went to the address and to nobody else, so whoever accepts by it reads that mailbox.
    """

    email = models.EmailField()
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=32, choices=Role, blank=True)
    client = models.ForeignKey(Client, models.CASCADE, null=True, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True)
    created_at = models.DateTimeField(default=now)
    mailed = models.BooleanField(default=False)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "invitation"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(client__isnull=False, role="") | models.Q(client__isnull=True, role__in=Role.values),
                name="invitation_to_a_role_or_a_client",
            ),
            models.CheckConstraint(condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="invitation_digest_form"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="invitation_expires_later"
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitation_accepted_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class CallNote(models.Model):
    """What came of speaking with a client who runs out: called, promised to pay by a day, or a note."""

    class Kind(models.TextChoices):
        CALLED = "called", "called"
        PROMISED = "promised", "promised"
        NOTE = "note", "note"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="call_notes", db_index=False)
    client = models.ForeignKey(Client, models.CASCADE, related_name="call_notes", db_index=False)
    # Named, not imported: accounts are the ledger's, which stands on the parties.
    account = models.ForeignKey("ledger.Account", models.SET_NULL, null=True, related_name="call_notes")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.TextField(blank=True)
    promised_until = models.DateField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True)
    at = models.DateTimeField()

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "call_note"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(promised_until__isnull=True) | models.Q(kind="promised"),
                name="call_note_only_a_promise_has_a_day",
            ),
            models.CheckConstraint(condition=~models.Q(kind="note", text=""), name="call_note_says_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["client", "-at"], name="call_note_by_client"),
            models.Index(fields=["organization", "-at"], name="call_note_by_organization"),
        ]


class AuditRecord(models.Model):
    """Who changed what, when, from where. Append-only: a trigger refuses anything but INSERT.

    It outlives its organization, so no foreign key holds one back.
    """

    organization = models.ForeignKey(Organization, models.DO_NOTHING, null=True, db_constraint=False)
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=254)
    changes = models.JSONField(default=dict)
    origin = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=now)

    seen_with: ClassVar[Permission] = Permission.SEE_AUDIT
    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "audit_record"
        indexes: ClassVar = [models.Index(fields=["organization", "-at"], name="audit_record_by_time")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor}: {self.action} {self.subject}"

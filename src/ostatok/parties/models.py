"""Tables of the parties. What the database itself refuses is in migrations/0002_invariants.py."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now

from ostatok.parties.access import Actor, DoorManager, Member, Permission, Role, System

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
        """Django's admin is for the installation's superuser only."""
        return self.is_superuser

    def as_actor(self) -> Actor:
        """Whom the access doors see: one query for the roles; who was deactivated reaches nothing."""
        if self.is_superuser and self.is_active:
            return System(name=self.email)
        held = self.memberships.values_list("organization_id", "role") if self.is_active else []
        return Member(user_id=self.pk, name=self.email, roles={at: Role(role) for at, role in held})


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
    groups = models.ManyToManyField(ClientGroup, through="GroupMembership", related_name="clients")
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[DoorManager[Self]] = DoorManager()

    class Meta:
        db_table = "client"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="client_code"),
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

"""Which tables the admin shows, and which columns of them: never a secret, nor what was written to people."""

from collections.abc import Mapping
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Model
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from ostatok.config.admin.site import Look, Site
from ostatok.delivery.models import Attempt, Delivery, Worker
from ostatok.intake.models import Import, ImportRefusal
from ostatok.ledger.models import Account, Balance, Facet, Feed, OutlookMark, OutlookPass, Segment, Service
from ostatok.notices.models import Digest, Notice, RunOutSubscription, Template
from ostatok.parties.models import (
    ApiKey,
    AuditRecord,
    CallNote,
    Client,
    ClientGroup,
    ClientUser,
    Contact,
    ContactPoint,
    GroupMembership,
    Invitation,
    Membership,
    Organization,
    User,
)
from ostatok.rules.models import Rule, RuleBand, RuleCondition, RuleRecipient, Switching
from ostatok.web.models import KeptAnswer

#: Tables that are not shown, and why. Nor are those whose rows have keys of several columns: Django's admin knows none.
LEFT_OUT: Final[Mapping[str, str]] = {
    "account.EmailConfirmation": "not used: links are signed",
    "admin.LogEntry": "not used: nothing is changed here",
    "auth.Group": "not used: roles are memberships",
    "auth.Permission": "not used: roles are memberships",
    "contenttypes.ContentType": "not used",
    "delivery.Circuit": "named for the address of a mail server; /metrics counts them",
    "delivery.DeliveryMessage": "what was written to people; the console shows it and records who looked",
    "procrastinate.ProcrastinateEvent": "machinery",
    "procrastinate.ProcrastinatePeriodicDefer": "machinery",
    "procrastinate.ProcrastinateWorker": "machinery",
    "sessions.Session": "all of it is secret; the sessions of users stand elsewhere",
    "socialaccount.SocialApp": "not used: the provider is described by the environment",
    "socialaccount.SocialToken": "not used: no token is kept",
}

site: Final = Site()


def _show(model: type[Model], columns: str, *, hidden: str = "", search: str = "") -> None:
    """Show a table: `columns` in its list, all but `hidden` on the page of a row. `search` has an index of its own."""
    known = format_lazy(_("An id or this in full: {column}."), column=search) if search else _("An id.")
    site.register(
        model,
        Look,
        list_display=columns.split(),
        hidden=frozenset(hidden.split()),
        search_fields=["pk", search] if search else ["pk"],
        search_help_text=known,
    )


_show(Organization, "id code name parent timezone language", search="code")
_show(User, "id email name is_active is_superuser last_login", hidden="password", search="email")
_show(Membership, "id user organization role")
_show(Contact, "id code name position organization")
_show(ContactPoint, "id contact kind address label")
_show(ClientGroup, "id code name organization")
_show(Client, "id code name organization status created_at", search="name")
_show(GroupMembership, "id client group")
_show(ClientUser, "id user client created_at")
_show(ApiKey, "id name prefix organization expires_at revoked_at last_used_at", hidden="digest", search="prefix")
_show(Invitation, "id email organization role client expires_at accepted_at revoked_at", hidden="digest")
_show(CallNote, "id client kind promised_until by at")
_show(AuditRecord, "id at actor action subject organization origin", search="origin")

_show(Service, "id code name unit organization")
_show(Account, "id number client organization status", search="number")
_show(Facet, "id kind key")
_show(Segment, "id facets version matched")
_show(Balance, "id number service amount credit_limit as_of", hidden="trip_low trip_high")
_show(OutlookPass, "id at")
_show(OutlookMark, "id balance")
_show(Feed, "organization posted_at")

_show(Rule, "id name organization kind state version sort_order")
_show(Switching, "id rule state balances asked_at started_at finished_at")
_show(RuleBand, "id rule upper lower active")
_show(RuleCondition, "id rule facets negated")
_show(RuleRecipient, "id rule kind channel user contact address")

_show(Notice, "id client account rule kind state reason raised_at")
_show(Template, "id organization kind channel language version created_at")
_show(RunOutSubscription, "id user organization at working_days mine")
_show(Digest, "id user organization day raised_at")

_show(Worker, "id host pid started_at stopped_at")
_show(Delivery, "id channel address state reason attempts created_at settled_at", search="address")
_show(Attempt, "id delivery number at outcome reason")

_show(Import, "id file_name organization kind state posted refused created_at")
_show(ImportRefusal, "id of line reason message", hidden="values text")

_show(KeptAnswer, "id organization caller made status at", hidden="answer fingerprint")
_show(EmailAddress, "id email user verified primary", search="email")
_show(Authenticator, "id user type created_at last_used_at", hidden="data")
_show(SocialAccount, "id user provider uid last_login", hidden="extra_data")
_show(UserSession, "id user ip user_agent created_at last_seen_at", hidden="session_key data")
_show(ProcrastinateJob, "id task_name queue_name status attempts scheduled_at", hidden="args")

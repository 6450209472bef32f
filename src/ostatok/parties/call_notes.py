"""Notes of client managers: who was called, and who promised what by when."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from ostatok.kernel.errors import OstatokError
from ostatok.parties import access, audit
from ostatok.parties.access import Actor, Member, Permission
from ostatok.parties.models import CallNote, Client


class CallNoteRefused(OstatokError):
    """The note cannot be written so; `about_day`: for its day."""

    def __init__(self, message: str, *, about_day: bool = False) -> None:
        super().__init__(message)
        self.about_day = about_day


def write(
    actor: Actor,
    client: Client,
    *,
    kind: CallNote.Kind,
    text: str = "",
    promised_until: date | None = None,
    account_id: int | None = None,
    origin: str,
    now: datetime,
) -> CallNote:
    """Write a note about a client. The audit says that there is one, not what it says. Raises CallNoteRefused.

    A promise has a day, today by the clocks of the client's organization or later; nothing else has one.
    """
    if not access.permits(actor, Permission.CHANGE_CLIENTS, client.organization.path):
        raise CallNoteRefused(_("You may not write notes about this client."))
    _check_day(kind, promised_until, now.astimezone(ZoneInfo(client.organization.timezone)).date())
    if kind is CallNote.Kind.NOTE and not text.strip():
        raise CallNoteRefused(_("A note without text says nothing."))
    with transaction.atomic():
        note = CallNote.objects.create(
            organization_id=client.organization_id,
            client=client,
            account_id=account_id,
            kind=kind,
            text=text.strip(),
            promised_until=promised_until,
            by_id=actor.user_id if isinstance(actor, Member) else None,
            at=now,
        )
        audit.record(actor, f"call_note.{kind.value}", client.code, client.organization, {}, origin, now)
    return note


def _check_day(kind: CallNote.Kind, day: date | None, today: date) -> None:
    if kind is not CallNote.Kind.PROMISED:
        if day:
            raise CallNoteRefused(_("Only a promise has a day."), about_day=True)
    elif day is None:
        raise CallNoteRefused(_("Say by which day it was promised."), about_day=True)
    elif day < today:
        raise CallNoteRefused(_("This day is over: a promise is for today or later."), about_day=True)

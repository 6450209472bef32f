"""The audit: who saw, exported, changed or replayed what, when, from where. It only grows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from ostatok.console import exports, fields
from ostatok.console.audit import words
from ostatok.console.list_pages import Filters, FoundPage
from ostatok.kernel.slices import Slice
from ostatok.parties import access, audit, finding_audit
from ostatok.parties.access import Actor, Permission
from ostatok.parties.finding_audit import Wanted
from ostatok.parties.models import AuditRecord, Organization
from ostatok.web import csv_file, reading, taken_out
from ostatok.web.pages import Page
from ostatok.web.requests import origin

_COLUMNS: Final = ("at", "actor", "action", "subject", "organization", "origin", "changes")
#: So many records are read at once for a file.
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A record in words."""

    row: AuditRecord
    deed: str
    subject: str
    changes: list[tuple[str, str]]


class AuditFilters(Filters):
    """Records by who, what, when and where."""

    actor_is = forms.CharField(label=_("Who"), required=False, max_length=254)
    thing = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("anything")), *words.THINGS.items()])
    subject = forms.CharField(label=_("Of what"), required=False, max_length=254)
    origin = forms.CharField(label=_("From where"), required=False, max_length=64)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.fields["organization"] = fields.OrganizationField(
            actor, Permission.SEE_AUDIT, required=False, empty_label=_("any organization"), initial=None
        )
        self.full_clean()

    def wanted(self) -> Wanted:
        """The records that are meant; days are those of the reader's clock."""
        at: Organization | None = self.chosen("organization")
        return Wanted(
            actor=self.chosen("actor_is") or "",
            thing=self.chosen("thing") or "",
            subject=self.chosen("subject") or "",
            origin=self.chosen("origin") or "",
            organization=at.pk if at else None,
            since=reading.since(self.chosen("since")),
            until=reading.until(self.chosen("until")),
        )


class Audit(FoundPage):
    """The records, the newest first."""

    needs: ClassVar[Permission] = Permission.SEE_AUDIT
    template: ClassVar[str] = "console/audit/list.html"
    order: ClassVar[tuple[str, ...]] = finding_audit.ORDER
    filters = AuditFilters

    def find(self, *, after: Any, before: Any, size: int) -> Slice[AuditRecord]:
        wanted = self.narrow.wanted()
        return finding_audit.records(self.request.actor, wanted, after=after, before=before, size=size)

    def context(self) -> dict[str, Any]:
        may_export = access.reach(self.request.actor, Permission.EXPORT) != ()
        shown = [
            Shown(row, words.deed(row.action), words.subject(row.action, row.subject), words.changes(row.changes))
            for row in self.page.items
        ]
        return {"shown": shown, "may_export": may_export, "query": self.request.GET.urlencode()}


class ExportAudit(Page):
    """The same as a file; that it was taken is recorded too."""

    needs: ClassVar[Permission] = Permission.SEE_AUDIT

    def get(self, request: HttpRequest, **_where: Any) -> HttpResponseBase:
        narrow = AuditFilters(request.GET, actor=self.request.actor)
        if narrow.errors:
            return exports.not_as_asked(request, narrow, reverse("console:audit"))
        for organization in self.visible(Organization).filter(pk__in=self._roots()):
            audit.exported(self.request.actor, "audit", organization, origin(self.request), now())
        return csv_file.response("audit.csv", _COLUMNS, taken_out.whole(_lines(self.request.actor, narrow.wanted())))

    def _roots(self) -> list[int]:
        """The organizations whose audit it is: where the reader has the right, and so everything below."""
        reached = access.reach(self.request.actor, Permission.SEE_AUDIT)
        if reached is None:
            return list(Organization.objects.filter(parent=None).values_list("pk", flat=True))
        return list(reached)


def _lines(actor: Actor, wanted: Wanted) -> Iterator[tuple[object, ...]]:
    for row in _all_found(actor, wanted):
        yield (
            row.at.isoformat(),
            row.actor,
            row.action,
            row.subject,
            row.organization.code if row.organization else "",
            row.origin,
            json.dumps(row.changes, ensure_ascii=False),
        )


def _all_found(actor: Actor, wanted: Wanted) -> Iterator[AuditRecord]:
    """Every record that is meant, slice by slice."""
    after: finding_audit.Key | None = None
    while True:
        found = finding_audit.records(actor, wanted, after=after, size=_AT_ONCE)
        yield from found.items
        if not found.more:
            return
        after = (found.items[-1].at, found.items[-1].pk)

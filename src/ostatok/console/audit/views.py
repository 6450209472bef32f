"""The audit: who saw, exported, changed or replayed what, when, from where. It only grows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.console.audit import words
from ostatok.console.list_pages import Filters, ListPage
from ostatok.parties import access, audit
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import AuditRecord, Organization
from ostatok.web import csv_file, reading
from ostatok.web.pages import Page
from ostatok.web.requests import origin

_COLUMNS: Final = ("at", "actor", "action", "subject", "organization", "origin", "changes")
#: So many records at most go into one file; a day narrows it.
_EXPORTED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A record in words."""

    row: AuditRecord
    deed: str
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

    def apply(self, rows: QuerySet[AuditRecord]) -> QuerySet[AuditRecord]:
        """Those of the records that are meant; days are those of the reader's clock."""
        at: Organization | None = self.chosen("organization")
        asked = {
            "actor__icontains": self.chosen("actor_is"),
            "action__startswith": f"{self.chosen('thing')}." if self.chosen("thing") else None,
            "subject__icontains": self.chosen("subject"),
            "origin": self.chosen("origin"),
            "organization__path__contains": [at.pk] if at else None,
            "at__gte": _midnight(self.chosen("since")),
            "at__lt": _midnight(self.chosen("until"), days=1),
        }
        return rows.filter(**{name: value for name, value in asked.items() if value is not None})


class Audit(ListPage):
    """The records, the newest first."""

    needs: ClassVar[Permission] = Permission.SEE_AUDIT
    template: ClassVar[str] = "console/audit/list.html"
    order: ClassVar[tuple[str, ...]] = ("-at", "-pk")
    filters = AuditFilters

    def rows(self) -> QuerySet[AuditRecord]:
        rows: QuerySet[AuditRecord] = self.narrow.apply(self.visible(AuditRecord))
        return rows.select_related("organization")

    def context(self) -> dict[str, Any]:
        may_export = access.reach(self.request.actor, Permission.EXPORT) != ()
        shown = [Shown(row, words.deed(row.action), words.changes(row.changes)) for row in self.page.items]
        return {"shown": shown, "may_export": may_export, "query": self.request.GET.urlencode()}


class ExportAudit(Page):
    """The same as a file; that it was taken is recorded too."""

    needs: ClassVar[Permission] = Permission.SEE_AUDIT

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        narrow = AuditFilters(self.request.GET, actor=self.request.actor)
        rows = narrow.apply(self.visible(AuditRecord)).select_related("organization").order_by("-at", "-pk")
        for organization in self.visible(Organization).filter(pk__in=self._roots()):
            audit.exported(self.request.actor, "audit", organization, origin(self.request), now())
        return csv_file.response("audit.csv", _COLUMNS, _lines(rows[:_EXPORTED]))

    def _roots(self) -> list[int]:
        """The organizations whose audit it is: where the reader has the right, and so everything below."""
        reached = access.reach(self.request.actor, Permission.SEE_AUDIT)
        if reached is None:
            return list(Organization.objects.filter(parent=None).values_list("pk", flat=True))
        return list(reached)


def _lines(rows: QuerySet[AuditRecord]) -> Iterator[tuple[object, ...]]:
    for row in rows.iterator(chunk_size=2_000):
        yield (
            row.at.isoformat(),
            row.actor,
            row.action,
            row.subject,
            row.organization.code if row.organization else "",
            row.origin,
            json.dumps(row.changes, ensure_ascii=False),
        )


def _midnight(day: Any, *, days: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=days), time(), reading.zone()) if day else None

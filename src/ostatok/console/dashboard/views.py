"""The operator's morning: who runs out, what was not sent and why, whether data still comes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, ClassVar, Final

from django.db.models import Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ostatok.console import fields
from ostatok.console.dashboard import lines, mailing
from ostatok.console.dashboard.lines import RunningOut, RunOutFilters
from ostatok.console.exports import Export
from ostatok.console.list_pages import FoundPage
from ostatok.delivery import reasons, today
from ostatok.kernel.slices import Slice
from ostatok.ledger import feeds, run_out
from ostatok.ledger.models import BandCount, Outlook, OutlookPass
from ostatok.parties import access
from ostatok.parties.access import Actor, Member, Permission
from ostatok.parties.models import CallNote
from ostatok.web import paging, reading
from ostatok.web.pages import Page
from ostatok.web.taken_out import tidy

#: How many lines of the run-out list the overview shows.
SHOWN: Final = 7
#: Counting who runs out today stops here: beyond it the figure only needs to be large.
COUNTED: Final = 1000
#: How many feeds it names, those that were silent longest first.
FEEDS: Final = 8
BANDS: Final = ("ok", "low", "lower", "crit", "none")


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceBands:
    """How the balances of services of one name stand."""

    name: str
    counts: Mapping[str, int]

    @property
    def balances(self) -> int:
        return sum(self.counts.values())


class Dashboard(Page):
    """Figures first, then whom to call, then why something was not sent."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        moment = now()
        actor = self.request.actor
        filters = RunOutFilters({}, actor=actor)
        first = run_out.outlooks(actor, lines.wanted(filters, moment), size=SHOWN)
        services = _bands(actor)
        total = Counter({band: sum(one.counts.get(band, 0) for one in services) for band in BANDS})
        return render(
            request,
            "console/dashboard/page.html",
            {
                "now": moment,
                "title": _finding(_until_midnight(actor, moment), total),
                "as_of": OutlookPass.objects.values_list("at", flat=True).first(),
                "lines": lines.of(first.items, moment),
                "more": first.more,
                "soon": _soon(actor),
                "services": services,
                "total": dict(total),
                "balances": sum(total.values()),
                "today": (day := today.of(actor, since=_today(moment), now=moment)),
                "reasons": _reasons(day),
                "given_up": sum(day.dead.values()),
                "log": f"{reverse('console:deliveries')}?since={localtime(moment):%Y-%m-%d}",
                "feeds": (coming := feeds.of(actor, now=moment, most=FEEDS)),
                "silent": [feed for feed in coming if feed.posted_at < moment - feeds.SILENT],
                "may_note": access.reach(actor, Permission.CHANGE_CLIENTS) != (),
                "may_change_rules": access.reach(actor, Permission.CHANGE_RULES) != (),
            },
        )


class RunOutList(FoundPage):
    """Everyone who runs out within the week, or did lately, soonest first."""

    template: ClassVar[str] = "console/dashboard/run_out.html"
    order: ClassVar[tuple[str, ...]] = run_out.ORDER
    filters = RunOutFilters

    def find(self, *, after: Any, before: Any, size: int) -> Slice[Outlook]:
        wanted = lines.wanted(self.narrow, now())
        return run_out.outlooks(self.request.actor, wanted, after=after, before=before, size=size)

    def context(self) -> dict[str, Any]:
        moment = now()
        return {
            "now": moment,
            "as_of": OutlookPass.objects.values_list("at", flat=True).first(),
            "lines": lines.of(self.page.items, moment),
            "soon": _soon(self.request.actor),
            "services": self.narrow.services,
            "by_mail": mailing.own(self),
            "may_have_clients": isinstance(self.request.actor, Member),
            "may_note": access.reach(self.request.actor, Permission.CHANGE_CLIENTS) != (),
            "may_export": access.reach(self.request.actor, Permission.EXPORT) != (),
        }


class ExportRunOut(Export):
    """The list as a file, for whoever phones."""

    what: ClassVar[str] = "run_out"
    filters = RunOutFilters

    def back(self) -> str:
        return reverse("console:run_out")

    def head(self) -> Sequence[str]:
        return (
            *("organization", "client", "name", "phone", "account", "service", "unit", "left", "mark", "percent"),
            *("band", "runs_out_at", "note_kind", "noted_at", "promised_until", "note", "manager"),
        )

    def lines(self) -> Iterator[Sequence[object]]:
        actor, moment = self.request.actor, now()
        managers = dict(fields.staff(actor).values_list("pk", "email"))
        found = run_out.every(actor, lines.wanted(self.narrow, moment), Permission.EXPORT)
        for batch in iter(lambda: list(islice(found, paging.LARGEST)), []):
            yield from (_exported(line, managers.get(line.client.manager_id or 0)) for line in lines.of(batch, moment))


def _exported(line: RunningOut, manager: str | None) -> Sequence[object]:
    standing = line.standing
    return (
        *(line.organization.code, line.client.code, line.client.name, line.client.phone, line.account.number),
        *(
            standing.service_code,
            standing.unit,
            tidy(standing.left, standing.unit),
            tidy(standing.mark, standing.unit),
            standing.percent,
        ),
        *(standing.band.value, line.runs_out_at and line.runs_out_at.isoformat(), *_noted(line.note), manager),
    )


def _noted(note: CallNote | None) -> Sequence[object]:
    """Its kind, when it was written, until when payment was promised, and what it says."""
    if note is None:
        return (None,) * 4
    return (note.kind, note.at.isoformat(), note.promised_until, note.text)


def _bands(actor: Actor) -> list[ServiceBands]:
    """Counts by service name and band: what the outlook keeps, so at no cost of how many balances there are."""
    rows = BandCount.objects.visible_to(actor).order_by("service__name")
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for name, band, balances in rows.values_list("service__name", "band").annotate(Sum("balances")):
        counts[name][band] = balances
    return [
        ServiceBands(name=name, counts={band: own[band] for band in BANDS if own.get(band)})
        for name, own in counts.items()
    ]


def _soon(actor: Actor) -> dict[str, int]:
    """How many balances have run out lately, and will within a day and a week."""
    names = ("ran_out", "within_day", "within_week")
    sums = BandCount.objects.visible_to(actor).aggregate(**{name: Sum(name) for name in names})
    return {name: sums[name] or 0 for name in names}


def _until_midnight(actor: Actor, moment: datetime) -> int:
    """How many clients run out today, or have in these 24 hours; counted to COUNTED at most."""
    today = run_out.RunOut(
        since=moment - timedelta(days=1), until=reading.midnight(localtime(moment).date() + timedelta(days=1))
    )
    return run_out.count_clients(actor, today, most=COUNTED)


def _finding(clients: int, total: Mapping[str, int]) -> str:
    """The title: what of all this matters today."""
    if clients >= COUNTED:
        return _("More than %(count)s clients run out today") % {"count": reading.number(clients - 1)}
    if clients:
        return ngettext("%(count)d client runs out today", "%(count)d clients run out today", clients) % {
            "count": clients
        }
    return _("Nobody runs out today") if sum(total.values()) else _("Nothing to watch over yet")


def _today(moment: datetime) -> datetime:
    """When the reader's day began."""
    return reading.midnight(localtime(moment).date())


def _reasons(day: today.Today) -> Iterable[tuple[str, str, str, int, bool]]:
    """State, reason, its words, how often, and whether it must be mended; of what was not sent today, that first."""
    of_states = (("dead", day.dead), ("dropped", day.dropped))
    told = [
        (
            *(state, reason, reasons.words(reason, "", reading.language()) or _("no reason given"), count),
            reasons.must_be_mended(state, reason),
        )
        for state, counts in of_states
        for reason, count in counts.items()
    ]
    return sorted(told, key=lambda one: not one[-1])

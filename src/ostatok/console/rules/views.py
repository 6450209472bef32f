"""Rules: the list, one rule, who is below it now, and what one in the shadow would have sent."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from ostatok.console.audit import words as acts
from ostatok.console.crumbs import crumb
from ostatok.console.list_pages import Filters, ListPage
from ostatok.console.rules import choices, words
from ostatok.console.rules.counts import Counting
from ostatok.delivery.models import Delivery
from ostatok.notices import lately, shadow
from ostatok.notices.lately import Last
from ostatok.notices.models import Notice
from ostatok.parties import access, audit, finding_audit
from ostatok.parties.access import Actor, Permission
from ostatok.parties.finding_audit import Wanted
from ostatok.parties.models import AuditRecord, Contact, User
from ostatok.rules import finding, preview
from ostatok.rules.models import Alarm, Rule, RuleBand, RuleRecipient, RuleState, Switching
from ostatok.rules.preview import Fate, Place
from ostatok.web import csv_file, paging, reading, switching
from ostatok.web.pages import Page
from ostatok.web.requests import origin

#: How the rows of a preview are ordered: what its cursors are signed with.
STANDING_ORDER: Final = ("figure", "balance")
#: A page of one look waits no longer for it.
LONGEST_LOOK: Final = timedelta(seconds=5)
_NOTICES: Final = 20
_ALARMS: Final = 20
_VERSIONS: Final = 10
_DAYS: Final = 30
_TOLD_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A rule as lists and its page show it."""

    rule: Rule
    said: words.Said
    when: str
    about: list[words.Chip]
    to_whom: str
    how_often: str
    last: Last | None
    may_change: bool


class RuleFilters(Filters):
    """Rules by text and state."""

    text = forms.CharField(label=_("Find a rule"), required=False, max_length=100)
    state = forms.ChoiceField(required=False, choices=[("", ""), *RuleState.choices])


class Rules(ListPage):
    """All rules, by their sort order."""

    template: ClassVar[str] = "console/rules/list.html"
    order: ClassVar[tuple[str, ...]] = ("sort_order", "name", "pk")
    filters = RuleFilters

    def rows(self) -> QuerySet[Rule]:
        state = self.narrow.chosen("state")
        rows = self._found()
        rows = rows.filter(state=state) if state else rows.exclude(state=RuleState.DELETED)
        return with_parts(rows, self.request.actor)

    def _found(self) -> QuerySet[Rule]:
        text = self.narrow.chosen("text")
        rows = self.visible(Rule)
        return rows.filter(finding.rules(text)) if text else rows

    def context(self) -> dict[str, Any]:
        counts = dict(self._found().order_by().values_list("state").annotate(Count("pk")))
        return {
            "shown": shown(self, self.page.items),
            "counts": counts,
            "standing": sum(counts.values()) - counts.get(RuleState.DELETED, 0),
            "may_change": access.reach(self.request.actor, Permission.CHANGE_RULES) != (),
        }


class RuleBase(Page):
    """A page about one rule."""

    rule: Rule

    def find(self) -> Rule:
        self.rule = self.found(with_parts(self.visible(Rule), self.request.actor), pk=self.kwargs["pk"])
        return self.rule

    def about_rule(self) -> dict[str, Any]:
        """What pages below that of the rule show of it."""
        return {
            "rule": self.rule,
            "crumbs": [crumb(_("Rules"), "rules"), crumb(self.rule.name, "rule", self.rule.pk)],
        }


class OneRule(RuleBase):
    """What a rule says, whom it speaks to, what it told lately, and who is below it now."""

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        rule = self.find()
        [one] = shown(self, [rule])
        told = self.visible(Notice).filter(rule=rule).select_related("client", "account", "balance__service", "band")
        cut = paging.cut(told, order=lately.ORDER, query=self.request.GET, size=_NOTICES)
        firing = self.visible(Alarm).filter(rule=rule, firing=True).select_related("balance__account__client")
        return render(
            self.request,
            "console/rules/page.html",
            {
                "one": one,
                "rule": rule,
                "crumbs": [crumb(_("Rules"), "rules")],
                "sentences": words.sentences(one.said, one.to_whom),
                "page": cut,
                "told": self._with_deliveries(cut.items),
                "firing": firing.select_related("balance__service").order_by("balance_id")[:_ALARMS],
                "history": self._history(rule),
                "switching": self._switching(rule),
            },
        )

    def _with_deliveries(self, notices: Sequence[Notice]) -> list[tuple[Notice, list[Delivery]]]:
        """Notices with the letters made of them."""
        letters: defaultdict[int | None, list[Delivery]] = defaultdict(list)
        for row in self.visible(Delivery).filter(notice__in=[notice.pk for notice in notices]).order_by("pk"):
            letters[row.notice_id].append(row)
        return [(notice, letters[notice.pk]) for notice in notices]

    def _switching(self, rule: Rule) -> Switching | None:
        """What a worker does with it, or last could not do; what was taken back is told for a day."""
        latest = self.visible(Switching).filter(rule=rule).order_by("-pk").first()
        if latest is None or latest.finished_at is None:
            return latest
        old_news = latest.was_taken_back and latest.finished_at < now() - _TOLD_FOR
        return latest if latest.problem and not old_news else None

    def _history(self, rule: Rule) -> Sequence[tuple[AuditRecord, str, list[tuple[str, str]]]]:
        """What was done to it, in words, for those who may see that."""
        if not self.may(Permission.SEE_AUDIT, rule.organization):
            return ()
        subject = f"rule {rule.organization.code}/{rule.name}"[:254]
        wanted = Wanted(subject=subject, exactly=frozenset({"subject"}), organization=rule.organization_id)
        found = finding_audit.records(self.request.actor, wanted, size=_VERSIONS)
        return [(act, acts.deed(act.action), acts.changes(act.changes)) for act in found.items]


class Who(Counting, RuleBase):
    """Who would be notified now, and why: nothing is sent. Where the rule speaks to many they are counted step by step;
    only a count of one step has further pages.
    """

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        rule = self.find()
        counted = self._from(rule, place_of(self.request.GET.get("after", "")))
        [one] = shown(self, [rule])
        context = {
            "one": one,
            "told_again": words.after_telling(one.said),
            "rows": self._with_notices(rule, counted["preview"].items),
        }
        context |= {"next": cursor_of(counted["preview"].next), **counted}
        context |= {"switching": switching.under_way(rule)}
        return render(self.request, "console/rules/who.html", {**self.about_rule(), **context})

    def _with_notices(
        self, rule: Rule, rows: Sequence[preview.Standing]
    ) -> list[tuple[preview.Standing, Notice | None]]:
        """Each row with the latest notice of the rule about it, where that is why it gets none now."""
        told = [row.balance_id for row in rows if row.fate is Fate.TOLD]
        latest = self.visible(Notice).filter(rule=rule, balance__in=told).order_by("balance", "-pk").distinct("balance")
        known = {notice.balance_id: notice for notice in latest}
        return [(row, known.get(row.balance_id)) for row in rows]

    def _from(self, rule: Rule, place: Place | None) -> dict[str, Any]:
        """A page from a place of one look; where that takes too long by now, the beginning."""
        if place:
            with suppress(preview.TooSlow):
                found = preview.of_rule(rule, now=now(), after=place, patience=LONGEST_LOOK)
                return {"preview": found}
        return self.count(rule, self.request.GET, now=now(), size=preview.SIZE)


class Shadow(RuleBase):
    """What a rule in the shadow would have sent."""

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        rule = self.find()
        since, until = _period()
        found = shadow.rows(rule, since=since, until=until)
        context = {
            "report": shadow.report(rule, since=since, until=until, zone=reading.zone()),
            "page": paging.cut(found, order=lately.ORDER, query=self.request.GET),
            "days": _DAYS,
            "may_export": self.may(Permission.EXPORT, rule.organization),
            "recipients": words.to_whom(rule.recipients.all()),
        }
        return render(self.request, "console/rules/shadow.html", {**self.about_rule(), **context})


class ExportShadow(RuleBase):
    """The same as a file, to be laid beside the log of another engine."""

    needs: ClassVar[Permission] = Permission.EXPORT

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        rule = self.find()
        self.allow(self.needs, rule.organization)
        since, until = _period()
        subject = f"shadow report of the rule {rule.organization.code}/{rule.name}"
        audit.exported(self.request.actor, subject, rule.organization, origin(self.request), now())
        rows = shadow.lines(shadow.rows(rule, since=since, until=until))
        return csv_file.response(f"{rule.name}.csv", shadow.COLUMNS, rows)


def with_parts(rows: QuerySet[Rule], actor: Actor) -> QuerySet[Rule]:
    """Rules with what their sentences need: a fixed number of queries. Recipients out of sight are None."""
    people = RuleRecipient.objects.order_by("pk").prefetch_related(
        Prefetch("user", User.objects.visible_to(actor)), Prefetch("contact", Contact.objects.visible_to(actor))
    )
    return rows.select_related("organization").prefetch_related(
        Prefetch("bands", RuleBand.objects.filter(active=True)), Prefetch("recipients", people)
    )


def shown(page: Page, rules: Sequence[Rule]) -> list[Shown]:
    """Rules in words, with what they told last."""
    names = choices.names(page.request.actor, [rule.audience for rule in rules])
    last = lately.of_rules([rule.pk for rule in rules])
    return [_shown(page, rule, names, last.get(rule.pk)) for rule in rules]


def said(rule: Rule) -> words.Said:
    """What is said of a rule that came with its parts."""
    return words.of(rule, ((band.upper, band.lower) for band in rule.bands.all()))


def _shown(page: Page, rule: Rule, names: dict[tuple[str, str], str], last: Last | None) -> Shown:
    told = said(rule)
    return Shown(
        rule=rule,
        said=told,
        when=words.when(told),
        about=words.about(rule.audience, names),
        to_whom=words.capital(words.to_whom(rule.recipients.all())),
        how_often=words.how_often(told),
        last=last,
        may_change=rule.state != RuleState.DELETED and page.may(Permission.CHANGE_RULES, rule.organization),
    )


def cursor_of(place: Place | None) -> str:
    """Where the next page of a preview begins, signed."""
    return paging.encode(STANDING_ORDER, (place.figure, place.balance_id)) if place else ""


def place_of(cursor: str) -> Place | None:
    """The place in a cursor; a broken one is the beginning."""
    try:
        figure, balance = paging.decode(cursor, STANDING_ORDER)
        return Place(figure=Decimal(figure), balance_id=int(balance))
    except (paging.BrokenCursor, InvalidOperation, TypeError, ValueError):
        return None


def _period() -> tuple[datetime, datetime]:
    until = now()
    return until - timedelta(days=_DAYS), until

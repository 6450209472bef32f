"""Sending again what was given up: one, or a range after a dry run that says what would happen."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ostatok.console.crumbs import crumb
from ostatok.console.deliveries import foreseen
from ostatok.console.deliveries.forms import ReplayFilters
from ostatok.console.deliveries.views import REPLAYABLE
from ostatok.delivery import reasons, replaying
from ostatok.delivery.channels import registry
from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.delivery.replaying import Plan
from ostatok.parties.access import Permission
from ostatok.web import reading
from ostatok.web.pages import Page
from ostatok.web.requests import origin


class Retry(Page):
    """Asks before one delivery is tried again, with what the checks before sending say of it now."""

    needs: ClassVar[Permission] = Permission.RESEND

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        return self._ask(self._find())

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        row = self._find()
        was_sent = row.state == DeliveryState.SENT
        try:
            replaying.retry(
                self.request.actor,
                row.pk,
                now=now(),
                channels=registry.available(),
                origin=origin(self.request),
                though_sent=was_sent and "though_sent" in self.request.POST,
            )
        except replaying.NotReplayable as error:
            said = reasons.words(error.reason, error.detail, reading.language())
            return self._ask(row, said or _("It is on its way already, or was sent."))
        messages.success(self.request, _("The message waits to be sent again."))
        return redirect("console:delivery", row.pk)

    def _find(self) -> Delivery:
        row = self.found(self.visible(Delivery).select_related("organization"), pk=self.kwargs["pk"])
        self.allow(self.needs, row.organization)
        return row

    def _ask(self, row: Delivery, problem: str = "") -> HttpResponse:
        fate = replaying.fate_of(row.pk, now=now(), channels=registry.available())
        context = {
            "row": row,
            "fate": fate,
            "objection": reasons.words(fate.reason, fate.detail, reading.language()) if fate.reason else "",
            "problem": problem,
            "possible": row.state in REPLAYABLE and fate.goes,
            "here": _("Send again"),
            "crumbs": [crumb(_("Delivery log"), "deliveries"), crumb(row.address or "—", "delivery", row.pk)],
        }
        return render(self.request, "console/deliveries/retry.html", context)


class Replay(Page):
    """A range: what it holds and what would become of each, then, when that is agreed to, all that would be sent.

    A filter that does not fit is told at its field, and nothing is planned: the range would be wider than was meant.
    """

    needs: ClassVar[Permission] = Permission.RESEND

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        narrow = self._filters()
        return self._show(narrow, self._plan(narrow))

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        narrow = self._filters()
        plan = self._plan(narrow)
        agreed = self.request.POST.get("at_most", "")
        if plan is None or not agreed.isdecimal() or len(agreed) > len(str(replaying.LIMIT)):
            return self._show(narrow, plan, _("Look at what would be sent first."))
        actor, moment = self.request.actor, now()
        try:
            count = replaying.replay(actor, plan, at_most=int(agreed), now=moment, origin=origin(self.request))
        except replaying.MoreThanAgreed:
            return self._show(narrow, plan, _("More would be sent now than a moment ago. Look again."))
        said = ngettext("%(count)s message waits to be sent again.", "%(count)s messages wait to be sent again.", count)
        messages.success(self.request, said % {"count": count})
        return redirect("console:deliveries")

    def _filters(self) -> ReplayFilters:
        return ReplayFilters(self.request.GET, actor=self.request.actor)

    def _plan(self, narrow: ReplayFilters) -> Plan | None:
        """What would become of the range; None where a filter does not fit."""
        if narrow.errors:
            return None
        return replaying.plan(self.request.actor, narrow.as_log(), now=now(), channels=registry.available())

    def _show(self, narrow: ReplayFilters, plan: Plan | None, problem: str = "") -> HttpResponse:
        context = {
            "filters": narrow,
            "complaints": narrow.complaints(),
            "plan": plan,
            "limit": replaying.LIMIT,
            "problem": problem,
            "here": _("Send again"),
            "crumbs": [crumb(_("Delivery log"), "deliveries")],
            **(self._foreseen(plan) if plan else {}),
        }
        return render(self.request, "console/deliveries/replay.html", context)

    def _foreseen(self, plan: Plan) -> dict[str, Any]:
        """How many would go and stay, with the reasons in words, and what would become of the first of them."""
        language = reading.language()
        return {
            "going": len(plan.going),
            "by_reason": [(reasons.words(reason, "", language), count) for reason, count in plan.by_reason.items()],
            "staying": [(reasons.words(reason, "", language), count) for reason, count in plan.staying.items()],
            "lines": foreseen.lines(self.request.actor, plan),
        }

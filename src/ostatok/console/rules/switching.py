"""A rule is switched on or off, or deleted: after it was said what that does."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ostatok.console.crumbs import crumb
from ostatok.console.described import BUSY
from ostatok.console.form_pages import ConfirmPage
from ostatok.console.rules import words
from ostatok.console.rules.counts import Counting
from ostatok.console.rules.views import RuleBase
from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.intake.description.problems import DescriptionError
from ostatok.parties.access import Member, Permission
from ostatok.rules import waiting
from ostatok.rules.models import Rule, RuleState, Switching
from ostatok.rules.waiting import BeingChanged
from ostatok.web import changes, complaints, switching
from ostatok.web.requests import origin

_SHOWN = 8
_ON = (RuleState.ACTIVE, RuleState.SHADOW)


class Switch(Counting, RuleBase):
    """Asks before a rule is switched: on shows who is below already, off says what becomes of what waits."""

    needs: ClassVar[Permission] = Permission.CHANGE_RULES

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self._prepare()
        return self._ask(())

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        rule = self._prepare()
        state = self.request.POST.get("state", "")
        if state not in (*_ON, RuleState.INACTIVE):
            return self._ask([_("Choose what to do.")])
        notify_now = "notify_now" in self.request.POST
        if self._left_to_worker(rule, RuleState(state), notify_now):
            return redirect("console:rule", rule.pk)
        item = switching.described(rule, state, notify_now=notify_now)
        try:
            changes.apply(self.request.actor, {"rules": [item]}, origin=origin(self.request))
        except DescriptionError as error:
            return self._ask(complaints.told(error))
        except BeingChanged:
            return self._ask([BUSY])
        messages.success(self.request, _said(rule, state))
        return redirect("console:rule", rule.pk)

    def _left_to_worker(self, rule: Rule, state: RuleState, notify_now: bool) -> bool:
        """Whether it speaks to so many that a worker switches it; the page of the rule then says how far that is."""
        actor = self.request.actor
        if not isinstance(actor, Member):
            return False
        asked = switching.by_worker(actor, rule, state, notify_now=notify_now, now=now(), origin=origin(self.request))
        if asked and not asked.is_to(state, notify_now=notify_now):
            messages.error(
                self.request,
                _("The rule is being switched as was asked before, so this was not done. Try again after that."),
            )
        return asked is not None

    def _prepare(self) -> Rule:
        rule = self.find()
        if rule.state == RuleState.DELETED:
            raise Http404
        self.allow(self.needs, rule.organization)
        return rule

    def _ask(self, problems: Any) -> HttpResponse:
        """The question; what waits for a worker may still be asked for otherwise, what one is at may not."""
        asked = switching.under_way(self.rule)
        if asked and waiting.has_begun(asked):
            return redirect("console:rule", self.rule.pk)
        context: dict[str, Any] = {
            **self.about_rule(),
            "problems": problems,
            "here": _("Switch"),
            "switching": asked,
        }
        if self.rule.state == RuleState.ACTIVE:
            context |= {"waiting": _waiting(self, self.rule)}
        else:
            context |= {"passed_over": words.after_silence(self.rule.kind)}
            context |= self.count(self.rule, self.request.GET, now=now(), size=_SHOWN)
        return render(self.request, "console/rules/switch.html", context)


class Progress(RuleBase):
    """The part of a rule's page that moves while a worker switches it; once that is over the page is loaded anew."""

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        rule = self.find()
        latest = self.visible(Switching).filter(rule=rule).order_by("-pk").first()
        response = render(self.request, "console/rules/switching.html", {"switching": latest})
        if latest is None or latest.is_over:
            response.headers["HX-Refresh"] = "true"
        return response


class DeleteRule(ConfirmPage):
    """Deleting retires a rule: what it told stays."""

    needs: ClassVar[Permission] = Permission.CHANGE_RULES

    def prepare(self) -> None:
        rows = self.visible(Rule).select_related("organization").exclude(state=RuleState.DELETED)
        self.rule = self.found(rows, pk=self.kwargs["pk"])
        self.allow(self.needs, self.rule.organization)

    def act(self) -> HttpResponse:
        self.remove("rules", organization=self.rule.organization.code, name=self.rule.name)
        return self.done(_("The rule “%(name)s” is deleted.") % {"name": self.rule.name}, reverse("console:rules"))

    def context(self) -> dict[str, Any]:
        letters = _waiting(self, self.rule)
        dropped = ngettext(
            "%(count)s letter that waits will not be sent.", "%(count)s letters that wait will not be sent.", letters
        )
        return {
            "title": _("Delete the rule “%(name)s”?") % {"name": self.rule.name},
            "here": _("Delete"),
            "what": [
                _("It tells nobody any more, for good: a deleted rule cannot be switched on again."),
                *([dropped % {"count": letters}] if letters else []),
                *([_("What waits for a worker is taken back.")] if switching.under_way(self.rule) else []),
                _("What it has told stays on the pages of the clients."),
            ],
            "do": _("Delete the rule"),
            "back": reverse("console:rule", args=[self.rule.pk]),
            "crumbs": [crumb(_("Rules"), "rules"), crumb(self.rule.name, "rule", self.rule.pk)],
        }


def _waiting(page: Any, rule: Rule) -> int:
    """Letters of the rule that are not sent yet."""
    rows = page.visible(Delivery).filter(notice__rule=rule, notice__state="waiting", state=DeliveryState.WAITING)
    return int(rows.count())


def _said(rule: Rule, state: str) -> str:
    said = {
        RuleState.ACTIVE: _("The rule “%(name)s” is on."),
        RuleState.SHADOW: _("The rule “%(name)s” is in the shadow: it only records."),
        RuleState.INACTIVE: _("The rule “%(name)s” is off."),
    }
    return said[RuleState(state)] % {"name": rule.name}

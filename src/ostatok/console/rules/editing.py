"""A rule is made or edited: with what it says in words, and what saving it would do, before it is done."""

from datetime import timedelta
from typing import Any, ClassVar, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.crumbs import crumb
from ostatok.console.form_pages import FormPage
from ostatok.console.rules import words
from ostatok.console.rules.forms import RuleForm
from ostatok.console.rules.views import with_parts
from ostatok.intake.description.problems import DescriptionError
from ostatok.parties.access import Permission
from ostatok.rules import preview
from ostatok.rules.models import Rule, RuleState, TriggerKind
from ostatok.web import complaints, previews, switching

_SHOWN: Final = 8
#: A form that is filled in asks again and again: it waits no longer than this for each answer.
_PATIENCE: Final = timedelta(seconds=5)


class RulePage(FormPage):
    """The form of a rule. A new one is asked for its kind first; `?from=` begins with a copy of another."""

    needs: ClassVar[Permission] = Permission.CHANGE_RULES
    template: ClassVar[str] = "console/rules/form.html"
    rule: Rule | None = None
    like: Rule | None = None
    tried: dict[str, Any] | None = None

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.prepare()
        if not self.kind:
            return render(self.request, "console/rules/kinds.html", {**self.context(), "kinds": words.KINDS})
        return self.show(self.form())

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        """Save, or, where `try` was pressed, show what saving would do."""
        if "try" not in self.request.POST:
            return super().post(self.request)
        self.prepare()
        form = self.form(self.request.POST)
        self.tried = tried(self, form)
        return self.show(form)

    def prepare(self) -> None:
        rows = with_parts(self.visible(Rule), self.request.actor).exclude(state=RuleState.DELETED)
        if pk := self.kwargs.get("pk"):
            self.rule = self.found(rows, pk=pk)
            self.allow(self.needs, self.rule.organization)
        elif (copied := self.request.GET.get("from", "")[:18]).isdecimal():
            self.like = self.found(rows, pk=int(copied))
        shown = self.rule or self.like
        self.kind = shown.kind if shown else self.request.GET.get("kind", "")
        if self.kind and self.kind not in TriggerKind.values:
            raise Http404

    def form(self, data: QueryDict | None = None) -> RuleForm:
        return RuleForm(data, actor=self.request.actor, kind=self.kind, rule=self.rule, like=self.like)

    def answer(self, form: RuleForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        name = self.rule.name if self.rule else form.cleaned_data["name"]
        return self.done(_("The rule “%(name)s” is saved.") % {"name": name}, self._page_of(form))

    def _page_of(self, form: RuleForm) -> str:
        at = self.rule.organization if self.rule else form.cleaned_data["organization"]
        name = self.rule.name if self.rule else form.cleaned_data["name"]
        saved = self.visible(Rule).filter(organization=at, name=name).exclude(state=RuleState.DELETED).first()
        return reverse("console:rule", args=[saved.pk]) if saved else reverse("console:rules")

    def context(self) -> dict[str, Any]:
        trail = [crumb(_("Rules"), "rules")]
        if self.rule:
            trail.append(crumb(self.rule.name, "rule", self.rule.pk))
        return {
            "title": _("Edit “%(name)s”") % {"name": self.rule.name} if self.rule else _("New rule"),
            "here": _("Edit") if self.rule else _("New rule"),
            "lede": words.KINDS.get(self.kind, ""),
            "kind": self.kind,
            "rule": self.rule,
            "tried": self.tried,
            "switching": switching.under_way(self.rule) if self.rule else None,
            "try_url": _try_url(self.rule, self.request),
            "back": reverse("console:rule", args=[self.rule.pk]) if self.rule else reverse("console:rules"),
            "crumbs": trail,
        }


class Trying(RulePage):
    """The part beside the form, asked for again as it is filled in."""

    template: ClassVar[str] = "console/rules/aside.html"

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        raise Http404

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.prepare()
        if not self.kind:
            raise Http404
        return render(
            self.request, self.template, {"tried": tried(self, self.form(self.request.POST)), "rule": self.rule}
        )


def tried(page: RulePage, form: RuleForm) -> dict[str, Any]:
    """What a form says in words and what saving it would do; `unfinished` where it cannot be saved as it stands."""
    if not form.is_valid():
        return {"unfinished": True}
    item, state = form.item(), form.state_after()
    off = state == RuleState.INACTIVE
    described = {**item, "state": RuleState.ACTIVE if off else state}
    try:
        found = previews.of_described(page.request.actor, described, now=now(), size=_SHOWN, patience=_PATIENCE)
    except DescriptionError as error:
        form.place(error.problems)
        return {"unfinished": True, "problems": complaints.told(error)}
    except preview.TooSlow:
        return {"slow": True, "sentences": words.sentences(form.said(), form.told())}
    return {
        "off": off,
        "shadow": state == RuleState.SHADOW,
        "notify_now": item["notify_now"],
        "preview": found.preview,
        "sentences": words.sentences(form.said(), form.told()),
        "warnings": [complaints.said(warning.message) for warning in found.report.warnings],
    }


def _try_url(rule: Rule | None, request: HttpRequest) -> str:
    if rule:
        return reverse("console:try_rule", args=[rule.pk])
    return f"{reverse('console:try_new_rule')}?{request.GET.urlencode()}"

"""The run-out list by mail: when one gets it oneself, and of what."""

from collections.abc import Sequence
from datetime import time
from typing import Any, ClassVar, Final

from django import forms
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ostatok.console import fields
from ostatok.console.crumbs import Crumb, crumb
from ostatok.console.dashboard.lines import WHOSE
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.notices import subscriptions
from ostatok.notices.models import RunOutSubscription
from ostatok.notices.subscriptions import SubscriptionRefused
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import User
from ostatok.web.pages import Page
from ostatok.web.requests import origin

WORKING, EVERY = "working", "every"
DAYS: Final = ((WORKING, gettext_lazy("On working days, Monday to Friday")), (EVERY, gettext_lazy("Every day")))
_EIGHT: Final = time(8)


class MailForm(forms.Form):
    """When the list comes, and whose clients are in it."""

    at = forms.TimeField(
        label=gettext_lazy("Time"),
        initial=_EIGHT,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("By the clocks of the organization."),
    )
    days = forms.ChoiceField(label=gettext_lazy("Days"), choices=DAYS)
    whose = forms.ChoiceField(label=gettext_lazy("Whose"), required=False, choices=WHOSE)

    def __init__(self, data: Any, *, actor: Actor, kept: RunOutSubscription | None) -> None:
        super().__init__(data, initial=_initial(kept) if kept else None)
        self.fields["organization"] = fields.OrganizationField(actor, Permission.SEE)
        self.order_fields(["organization", "at", "days", "whose"])


class RunOutMail(FormPage):
    """One's own: the form, and below it what comes already."""

    template: ClassVar[str] = "console/dashboard/mail.html"

    def prepare(self) -> None:
        self.own = own(self)

    def form(self, data: QueryDict | None = None) -> MailForm:
        return MailForm(data, actor=self.request.actor, kept=self.own[0] if self.own else None)

    def answer(self, form: MailForm) -> HttpResponse | None:
        chosen = form.cleaned_data
        try:
            kept = subscriptions.subscribe(
                self.request.actor,
                reader(self),
                chosen["organization"],
                at=chosen["at"],
                working_days=chosen["days"] == WORKING,
                mine=bool(chosen["whose"]),
                site=self.request.build_absolute_uri("/"),
                origin=origin(self.request),
                now=now(),
            )
        except SubscriptionRefused as error:
            form.add_error(None, str(error))
            return None
        return self.done(_("The list comes at %(time)s.") % {"time": f"{kept.at:%H:%M}"}, reverse("console:run_out"))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Send it to me every morning"),
            "here": _("By mail"),
            "lede": _("Who runs out, with phones and what was agreed. Where nobody does, no letter comes."),
            "own": self.own,
            "back": reverse("console:run_out"),
            "crumbs": _way(),
        }


class StopRunOutMail(ConfirmPage):
    """One's own list comes no more."""

    needs: ClassVar[Permission] = Permission.SEE

    def prepare(self) -> None:
        rows = subscriptions.visible_to(self.request.actor).filter(user=reader(self))
        self.kept = self.found(rows.select_related("organization", "user"), pk=self.kwargs["pk"])

    def act(self) -> HttpResponse:
        subscriptions.unsubscribe(self.request.actor, self.kept, origin=origin(self.request), now=now())
        return self.done(_("The list comes no more."), reverse("console:run_out"))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Stop the list by mail?"),
            "here": _("Stop"),
            "what": [_("No more letters with the list of %(name)s.") % {"name": self.kept.organization.name}],
            "do": _("Stop it"),
            "back": reverse("console:run_out_mail"),
            "crumbs": _way(),
        }


def own(page: Page) -> Sequence[RunOutSubscription]:
    """What the reader of the page gets already, by organization."""
    rows = subscriptions.visible_to(page.request.actor).filter(user=reader(page))
    return list(rows.select_related("organization").order_by("organization__name", "pk"))


def reader(page: Page) -> User:
    """Who looks at the page: it lets nobody in who did not sign in."""
    if not isinstance(page.request.user, User):
        raise TypeError("a page of the console has a signed-in reader")
    return page.request.user


def _initial(kept: RunOutSubscription) -> dict[str, Any]:
    return {
        "organization": kept.organization_id,
        "at": kept.at,
        "days": WORKING if kept.working_days else EVERY,
        "whose": "mine" if kept.mine else "",
    }


def _way() -> list[Crumb]:
    return [crumb(_("Overview"), "dashboard"), crumb(_("Who runs out"), "run_out")]

"""Pages that ask: forms with an address of their own, and questions before what cannot be taken back."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render

from ostatok.console.described import BUSY, DescribedForm
from ostatok.console.meanwhile import ShowingForm
from ostatok.intake.description.problems import DescriptionError
from ostatok.parties.access import Permission
from ostatok.rules.waiting import BeingChanged
from ostatok.web import changes, complaints
from ostatok.web.pages import Page
from ostatok.web.requests import origin


class FormPage(Page):
    """A form: shown, shown again with what is wrong, or answered."""

    template: ClassVar[str] = "console/form.html"

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.prepare()
        return self.show(self.form())

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.prepare()
        form = self.form(self.request.POST)
        answer = self.answer(form) if form.is_valid() else None
        return answer or self.show(self.anew(form))

    def prepare(self) -> None:
        """Find what the form is about, and check that the actor may change it."""

    def form(self, data: QueryDict | None = None) -> Any:
        """The form, empty or filled in."""
        raise NotImplementedError

    def answer(self, form: Any) -> HttpResponse | None:
        """Do what the valid form asks for and say where to go on; None if it turned out to be wrong after all."""
        raise NotImplementedError

    def anew(self, form: Any) -> Any:
        """The form over what others changed meanwhile; the very form where they did not."""
        conflict = form.conflict if isinstance(form, ShowingForm) else None
        if conflict is None or conflict.is_gone:
            return form
        self.prepare()
        current = self.form()
        current.keep(form)
        return current

    def context(self) -> dict[str, Any]:
        """What the template needs beside the form: `title`, `lede`, `save`, `back` and `crumbs`."""
        return {}

    def show(self, form: forms.Form) -> HttpResponse:
        """The page with the form."""
        return render(self.request, self.template, {"form": form, **self.context()})

    def done(self, said: str, url: str) -> HttpResponse:
        """Tell what was done, on the page to go on with."""
        messages.success(self.request, said)
        return redirect(url)

    def make(self, form: DescribedForm) -> bool:
        """Make true what the form describes, or put the problems at its fields."""
        return form.make(self.request.actor, origin=origin(self.request)) is not None


class ConfirmPage(Page):
    """A question before something that takes things away: it says what will happen, then does it."""

    template: ClassVar[str] = "console/confirm.html"
    needs: ClassVar[Permission]

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.prepare()
        return self.show(())

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        self.prepare()
        try:
            return self.act()
        except DescriptionError as error:
            return self.show(complaints.told(error))
        except BeingChanged:
            return self.show([str(BUSY)])

    def prepare(self) -> None:
        """Find what is to go, and check that the actor may take it away."""
        raise NotImplementedError

    def act(self) -> HttpResponse:
        """Do it. Raises DescriptionError where it cannot be done."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the template says: `title`, `what` happens, `do` on the button, `back` and `crumbs`."""
        raise NotImplementedError

    def show(self, problems: Sequence[str]) -> HttpResponse:
        """The question, and why it could not be done if it could not."""
        return render(self.request, self.template, {"problems": problems, **self.context()})

    def remove(self, section: str, **known_by: str) -> None:
        """Make true that the item of the section is gone. Raises DescriptionError."""
        description = {section: [{**known_by, "state": "deleted"}]}
        changes.apply(self.request.actor, description, origin=origin(self.request))

    def done(self, said: str, url: str) -> HttpResponse:
        """Tell what was done, on the page to go on with."""
        messages.success(self.request, said)
        return redirect(url)

"""Our own pages of signing in: sessions, and what allauth leaves open."""

from typing import Any, cast

from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from ostatok.parties.models import User
from ostatok.web import requests
from ostatok.web.signing_in import forms, languages, second_factor, sessions
from ostatok.web.signing_in.sealing import Unreadable

by_invitation = TemplateView.as_view(template_name="account/by_invitation.html")


class Person(LoginRequiredMixin, FormView):  # type: ignore[type-arg]
    """Somebody's own name and language."""

    template_name = "account/person.html"
    form_class = forms.Person
    success_url = reverse_lazy("account_person")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.request.user}

    def form_valid(self, form: forms.Person) -> HttpResponse:
        """Save, and speak the chosen language from now on."""
        user = form.save()
        response = super().form_valid(form)
        languages.keep(response, user.language)
        with translation.override(user.language):
            messages.success(self.request, _("Saved."))
        return response


person = Person.as_view()


#: No id has so many digits.
_LONG = 19


class Sessions(LoginRequiredMixin, TemplateView):
    """Where somebody is signed in; any of these sessions is ended at once."""

    template_name = "usersessions/usersession_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = self.request.session.session_key
        return super().get_context_data(**kwargs, sessions=sessions.listed(self._user), here=here)

    def post(self, request: HttpRequest) -> HttpResponse:
        """End one session, or all but this."""
        one, here = request.POST.get("session", ""), request.session.session_key
        rows = UserSession.objects.filter(user=self._user).exclude(session_key=here)
        if one:
            rows = rows.filter(pk=int(one)) if one.isdecimal() and len(one) < _LONG else rows.none()
        ended = sessions.end(rows, self._user, actor=self._user.as_actor(), origin=requests.origin(request))
        told = ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", ended)
        messages.success(request, told % {"count": ended})
        return redirect("usersessions_list")

    @property
    def _user(self) -> User:
        return cast(User, self.request.user)


sessions_page = Sessions.as_view()


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]
    """Staff keep a second factor: their last one is not removed."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, unless it is what the user's role needs."""
        user, passkey = self.request.user, self.get_object()
        if second_factor.needed_by(user) and not second_factor.others(user, passkey).exists():
            messages.error(
                self.request, _("Your role needs a second factor. Set up another one first, then remove this one.")
            )
            return redirect("mfa_list_webauthn")
        response: HttpResponse = super().form_valid(form)
        return response


remove_passkey = RemovePasskey.as_view()


class GenerateCodes(GenerateRecoveryCodesView):  # type: ignore[misc]
    """New recovery codes, those too that take the place of some that nobody can read any more."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            known: dict[str, Any] = super().get_context_data(**kwargs)
        except Unreadable:
            known = super(GenerateRecoveryCodesView, self).get_context_data(**kwargs) | {"unused_code_count": 0}
        return known


generate_codes = GenerateCodes.as_view()

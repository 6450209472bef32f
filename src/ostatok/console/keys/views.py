"""Keys of programs: issued, told once, revoked."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.crumbs import crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.keys.forms import PERMISSION_WORDS, KeyForm
from ostatok.console.list_pages import ListPage
from ostatok.parties import access, api_keys
from ostatok.parties.access import Permission
from ostatok.parties.models import ApiKey
from ostatok.web.requests import origin


class Keys(ListPage):
    """Which programs may do what: for owners and auditors."""

    needs: ClassVar[Permission] = Permission.SEE_AUDIT
    template: ClassVar[str] = "console/keys/list.html"
    order: ClassVar[tuple[str, ...]] = ("-created_at", "-pk")

    def rows(self) -> QuerySet[ApiKey]:
        return self.visible(ApiKey).select_related("organization", "created_by")

    def context(self) -> dict[str, Any]:
        moment = now()
        return {
            "keys": [(key, _state(key, moment), _permits(key)) for key in self.page.items],
            "may_change": access.reach(self.request.actor, Permission.CHANGE_USERS) != (),
        }


class IssueKey(FormPage):
    needs: ClassVar[Permission] = Permission.CHANGE_USERS

    def form(self, data: QueryDict | None = None) -> KeyForm:
        return KeyForm(data, actor=self.request.actor)

    def answer(self, form: KeyForm) -> HttpResponse | None:
        moment = now()
        try:
            key, text = api_keys.issue(
                self.request.actor,
                form.cleaned_data["organization"],
                name=form.cleaned_data["name"],
                permissions=form.permissions(),
                expires_at=form.expires_at(moment),
                origin=origin(self.request),
                now=moment,
            )
        except api_keys.KeyRefused as error:
            form.add_error(None, str(error))
            return None
        # Told in this answer and nowhere else: it is not kept, so a redirect could not tell it.
        return render(self.request, "console/keys/issued.html", {"key": key, "text": text, "permits": _permits(key)})

    def context(self) -> dict[str, Any]:
        return {
            "title": _("New API key"),
            "lede": _("For a program that posts entries, reads balances or changes what its rights allow."),
            "save": _("Issue the key"),
            "back": reverse("console:keys"),
            "crumbs": [crumb(_("API keys"), "keys")],
        }


class RevokeKey(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_USERS

    def prepare(self) -> None:
        self.key = self.found(self.visible(ApiKey).select_related("organization"), pk=self.kwargs["pk"])
        self.allow(self.needs, self.key.organization)

    def act(self) -> HttpResponse:
        api_keys.revoke(self.request.actor, self.key, origin=origin(self.request), now=now())
        return self.done(_("The key %(name)s is revoked.") % {"name": self.key.name}, reverse("console:keys"))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Revoke the key %(name)s?") % {"name": self.key.name},
            "here": _("Revoke"),
            "what": [_("Programs that use it are refused from the next request on. It cannot be switched on again.")],
            "do": _("Revoke the key"),
            "back": reverse("console:keys"),
            "crumbs": [crumb(_("API keys"), "keys")],
        }


def _state(key: ApiKey, moment: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "valid" if api_keys.is_valid(key, moment) else "expired"


def _permits(key: ApiKey) -> list[str]:
    return [str(words) for one, words in PERMISSION_WORDS.items() if one.value in key.permissions]

"""What was given up, by why, over which provider and by which rule; from each to its lines in the log."""

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ostatok.console import fields
from ostatok.console.crumbs import crumb
from ostatok.console.list_pages import Filters
from ostatok.delivery import dead, log
from ostatok.delivery.dead import Group
from ostatok.delivery.models import DeliveryState
from ostatok.parties import access
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Organization
from ostatok.web.pages import Page

_STATE: Final = DeliveryState.DEAD.value


class DeadFilters(Filters):
    """Given up in which organization."""

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.fields["organization"] = fields.OrganizationField(
            actor, Permission.SEE, required=False, empty_label=gettext_lazy("any organization"), initial=None
        )
        self.full_clean()


class DeadDeliveries(Page):
    """The groups, the largest first."""

    def get(self, request: HttpRequest, **_where: Any) -> HttpResponseBase:
        narrow = DeadFilters(request.GET, actor=self.request.actor)
        at: Organization | None = narrow.chosen("organization")
        found = dead.of(self.request.actor, organization=at.pk if at else None)
        context = {
            "filters": narrow,
            "found": found,
            "groups": [(group, _in_the_log(group, at)) for group in found.groups],
            "may_choose": len(list(self.visible(Organization)[:2])) > 1,
            "may_resend": access.reach(self.request.actor, Permission.RESEND) != (),
            "here": _("Given up, by reason"),
            "crumbs": [crumb(_("Delivery log"), "deliveries")],
        }
        return render(request, "console/deliveries/dead.html", context)


def _in_the_log(group: Group, at: Organization | None) -> str:
    """What narrows the log, and what is to be sent again, to this group."""
    asked = {
        "state": _STATE,
        "reason": group.reason,
        "provider": group.provider or log.NO_PROVIDER,
        "rule": group.rule_id or "",
        "digests": "" if group.rule_id else "on",
        "organization": at.pk if at else "",
    }
    return urlencode({name: value for name, value in asked.items() if value})

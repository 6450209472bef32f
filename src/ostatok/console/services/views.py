"""What the organizations sell, and in which units it is counted."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ostatok.console.crumbs import crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.list_pages import ListPage
from ostatok.console.services.forms import ServiceFilters, ServiceForm, currency_name, quantity_name
from ostatok.kernel import units
from ostatok.ledger.models import Service
from ostatok.parties import access
from ostatok.parties.access import Permission
from ostatok.web import reading
from ostatok.web.pages import Page


class Services(ListPage):
    template: ClassVar[str] = "console/services/list.html"
    order: ClassVar[tuple[str, ...]] = ("name", "pk")
    filters = ServiceFilters

    def rows(self) -> QuerySet[Service]:
        rows = self.visible(Service).select_related("organization")
        at = self.narrow.chosen("organization")
        return rows.filter(organization=at) if at else rows

    def context(self) -> dict[str, Any]:
        return {"may_change": access.reach(self.request.actor, Permission.CHANGE_SERVICES) != ()}


class ServicePage(FormPage):
    """A new service, or one that is there."""

    needs: ClassVar[Permission] = Permission.CHANGE_SERVICES
    template: ClassVar[str] = "console/services/form.html"
    service: Service | None = None

    def prepare(self) -> None:
        if pk := self.kwargs.get("pk"):
            self.service = self.found(self.visible(Service).select_related("organization"), pk=pk)
            self.allow(self.needs, self.service.organization)

    def form(self, data: QueryDict | None = None) -> ServiceForm:
        return ServiceForm(data, actor=self.request.actor, service=self.service)

    def answer(self, form: ServiceForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        return self.done(_("%(name)s is saved.") % {"name": form.cleaned_data["name"]}, reverse("console:services"))

    def context(self) -> dict[str, Any]:
        return {
            "title": self.service.name if self.service else _("New service"),
            "service": self.service,
            "back": reverse("console:services"),
            "crumbs": [crumb(_("Services"), "services")],
        }


class DeleteService(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_SERVICES

    def prepare(self) -> None:
        self.service = self.found(self.visible(Service).select_related("organization"), pk=self.kwargs["pk"])
        self.allow(self.needs, self.service.organization)

    def act(self) -> HttpResponse:
        self.remove("services", organization=self.service.organization.code, code=self.service.code)
        return self.done(_("%(name)s is deleted.") % {"name": self.service.name}, reverse("console:services"))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Delete the service %(name)s?") % {"name": self.service.name},
            "here": _("Delete"),
            "what": [_("Files and programs that name it will be refused. A service that accounts have stays.")],
            "do": _("Delete the service"),
            "back": reverse("console:service", args=[self.service.pk]),
            "crumbs": [crumb(_("Services"), "services"), crumb(self.service.name, "service", self.service.pk)],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownUnit:
    """A unit as the page explains it."""

    code: str
    name: str
    base: str
    factor: int
    example: str


class Units(Page):
    """Which units there are, what each is kept in, and how amounts are shown."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        known = [units.get(code) for code in units.codes()]
        return render(
            request,
            "console/services/units.html",
            {
                "quantities": [_shown(unit, quantity_name(unit.code)) for unit in known if not unit.is_money],
                "currencies": [_shown(unit, currency_name(unit.code)) for unit in known if unit.is_money],
            },
        )


def _shown(unit: units.Unit, name: str) -> ShownUnit:
    in_base = units.to_base(Decimal("1234.5"), unit.code)
    return ShownUnit(
        code=unit.code,
        name=name,
        base=unit.base,
        factor=unit.factor,
        example=reading.amount(in_base, unit.code),
    )

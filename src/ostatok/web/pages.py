"""The base of every page: who may open it, and how its objects are reached."""

from datetime import tzinfo
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.generic import View

from ostatok.parties import access
from ostatok.parties.access import Customer, Doors, Member, Permission
from ostatok.parties.models import Organization
from ostatok.web.requests import FaceRequest

M = TypeVar("M", bound=models.Model)


class Page(View):
    """A view of a face. Nobody is asked to sign in; who has no business on the face finds nothing there;
    who lacks `needs` everywhere is told so.
    """

    needs: ClassVar[Permission] = Permission.SEE
    #: What a POST takes, where that is more than looking.
    needs_to_change: ClassVar[Permission | None] = None
    request: FaceRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if self.request.actor is None:
            raise Http404
        self.let_in()
        with timezone.override(self.zone()):
            return super().dispatch(request, *args, **kwargs)

    def let_in(self) -> None:
        """Raise PermissionDenied where the actor may nowhere do what the page is for."""
        reading = self.request.method in ("GET", "HEAD", "OPTIONS")
        needed = self.needs if reading else self.needs_to_change or self.needs
        if access.reach(self.request.actor, needed) == ():
            raise PermissionDenied

    def zone(self) -> tzinfo:
        """The clock by which the page tells time: that of the topmost organization in which a member has a role."""
        actor = self.request.actor
        if isinstance(actor, Customer):
            return timezone.get_current_timezone()
        rows = (
            Organization.objects.filter(pk__in=actor.roles) if isinstance(actor, Member) else Organization.objects.all()
        )
        name = rows.order_by("path__len", "pk").values_list("timezone", flat=True).first()
        return ZoneInfo(name or "UTC")

    def visible(self, model: type[M]) -> Doors[M]:
        """The rows of a model that the actor may see."""
        rows: Doors[M] = model._default_manager.visible_to(self.request.actor)  # type: ignore[attr-defined]  # noqa: SLF001
        return rows

    def found(self, rows: models.QuerySet[M], **by: Any) -> M:
        """The one row of them, or 404: what is out of reach is not refused, it is not there."""
        row = rows.filter(**by).first()
        if row is None:
            raise Http404
        return row

    def may(self, permission: Permission, organization: Organization) -> bool:
        """Whether the actor may do this in the organization."""
        return access.permits(self.request.actor, permission, organization.path)

    def allow(self, permission: Permission, organization: Organization) -> None:
        """Raise PermissionDenied where the actor may see the organization's things, but not do this with them."""
        if not self.may(permission, organization):
            raise PermissionDenied

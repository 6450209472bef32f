"""Who may look, and how a table is shown: page by page by id, and nothing of it is counted or changed."""

from typing import Any, ClassVar, Final, cast

from django.contrib.admin import AdminSite, ModelAdmin, ShowFacets
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Field, ForeignKey, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ostatok.parties import audit
from ostatok.parties.models import Organization, User
from ostatok.web.requests import FaceRequest, origin
from ostatok.web.signing_in import second_factor

#: Pages of Django's admin that there are; how one signs in and out is the product's affair.
_PAGES: Final = frozenset({"index", "app_list", "jsi18n"})


class Site(AdminSite):
    """For superusers who have shown a second factor in this session; for anybody else nothing is here."""

    site_header = site_title = _("All tables")
    index_title = _("To look at. Changes are made in the console and by descriptions.")
    site_url = None
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not isinstance(user, User) or not user.is_active or not user.is_superuser:
            return False
        return second_factor.shown_in(request, user) or not second_factor.needed_by(user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A page for whoever may look; for others it is not there, and nobody is asked to sign in."""
        page = require_safe(super().admin_view(view, cacheable))

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise Http404
            answer: HttpResponseBase = page(request, *args, **kwargs)
            return answer

        return guarded

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The tables, called what the database calls them."""
        rooms: list[Any] = super().get_app_list(request, app_label)
        for shown in (one for room in rooms for one in room["models"]):
            shown["name"] = self.get_model_admin(shown["model"]).opts.db_table
        return rooms

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [one for one in super().get_urls() if isinstance(one, URLResolver) or one.name in _PAGES]


class Newest(ChangeList):
    """A list by id, the newest first. Nothing is counted or passed over: a large table costs what a small one does."""

    newest = older = ""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:  # noqa: ARG002 (Django's)
        return ["-pk"]

    def get_results(self, request: HttpRequest) -> None:
        """Take what stands below the id that the page is named for."""
        rows = self.queryset.filter(pk__lt=self.page_num) if PAGE_VAR in request.GET else self.queryset
        found = list(rows[: self.list_per_page + 1])
        shown = found[: self.list_per_page]
        self.result_list, self.result_count, self.full_result_count = shown, len(shown), None
        self.can_show_all = self.multi_page = self.show_admin_actions = self.show_full_result_count = False
        if len(found) > len(shown):
            self.older = self.get_query_string({PAGE_VAR: shown[-1].pk})
        if PAGE_VAR in request.GET:
            self.newest = self.get_query_string()


class Look(ModelAdmin):  # type: ignore[type-arg]
    """A table to look at. No page shows a `hidden` column; `search_fields` have an index and are asked for in full."""

    hidden: ClassVar[frozenset[str]] = frozenset()
    actions = None
    sortable_by = ()
    list_per_page = 100
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Whether one may look: the site has seen to that."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return True

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nothing is asked of a column in the address: a hidden one could be guessed so, and most have no index."""
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return Newest

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        columns = [self.opts.get_field(str(name)) for name in self.get_list_display(request)]
        return [column.name for column in columns if isinstance(column, ForeignKey)]

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Rows whose id, or other column with an index, is what was typed."""
        typed = search_term.strip()
        return queryset.filter(self._is(typed)) if typed else queryset, False

    def _is(self, typed: str) -> Q:
        wanted = Q(pk__in=())
        for name in self.search_fields:
            column = cast("Field[Any, Any]", self.opts.pk if name == "pk" else self.opts.get_field(name))
            try:
                wanted |= Q(**{name: column.to_python(typed)})
            except ValidationError:  # an id is a number, and this is none
                continue
        return wanted

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:  # noqa: ARG002
        return [column.name for column in self.opts.concrete_fields if column.name not in self.hidden]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model:
        """The row that a page is about; that somebody looked at it is recorded."""
        found: Model | None = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        self._record(cast(FaceRequest, request), found)
        return found

    def _record(self, request: FaceRequest, row: Model) -> None:
        here = row.pk if isinstance(row, Organization) else getattr(row, "organization_id", None)
        act = audit.Act(action="data.seen", subject=f"{self.opts.model_name} {row.pk} (admin)", organization_id=here)
        audit.record_all(request.actor, [act], origin=origin(request), at=now())

    def get_urls(self) -> list[URLPattern]:
        """A list, and a page for each row: no others are there."""
        name, view = f"{self.opts.app_label}_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("<path:object_id>/change/", view(self.change_view), name=f"{name}_change"),
        ]

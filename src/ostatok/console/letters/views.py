"""Templates: what each letter says in each language, whose words those are, and what they said before."""

import difflib
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ostatok.console import fields
from ostatok.console.crumbs import Crumb, crumb
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.letters import places, vocabulary
from ostatok.console.letters.forms import LetterForm, known_by
from ostatok.console.letters.places import Place
from ostatok.console.list_pages import Filters
from ostatok.notices import wordings
from ostatok.notices.models import Template
from ostatok.notices.source import PERCENT_NAMES
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Language, Organization
from ostatok.web.pages import Page

_PARTS = ("subject", "text", "html")


class OrganizationFilter(Filters):
    """Whose templates are shown."""

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        self.fields["organization"] = fields.OrganizationField(actor, Permission.SEE, required=False, empty_label=None)
        self.full_clean()


class Templates(Page):
    """Every letter of one organization, by trigger and language."""

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        narrow = OrganizationFilter(self.request.GET, actor=self.request.actor)
        seen = self.visible(Organization).order_by("path", "pk")
        organization = narrow.chosen("organization") or seen.first()
        context = {
            "organization": organization,
            "organizations": seen.order_by("name", "pk")[:500],
            "rows": places.all_of(organization) if organization else [],
            "languages": Language.choices,
            "may_change": organization is not None and self.may(Permission.CHANGE_TEMPLATES, organization),
        }
        return render(self.request, "console/letters/list.html", context)


class OneTemplate(FormPage):
    """One letter: its wording beside how it looks. Everyone who sees it may try it; saving is for those who may."""

    needs: ClassVar[Permission] = Permission.SEE
    needs_to_change: ClassVar[Permission | None] = Permission.CHANGE_TEMPLATES
    template: ClassVar[str] = "console/letters/page.html"
    place: Place

    def prepare(self) -> None:
        self.place = places.one(self)
        if self.request.method == "POST":
            self.allow(Permission.CHANGE_TEMPLATES, self.place.organization)

    def form(self, data: QueryDict | None = None) -> LetterForm:
        return LetterForm(data, place=self.place)

    def answer(self, form: LetterForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        return self.done(_("The template is saved: letters are written in it from now on."), _url(self.place))

    def context(self) -> dict[str, Any]:
        return {
            "place": self.place,
            "may_change": self.may(Permission.CHANGE_TEMPLATES, self.place.organization),
            "variables": vocabulary.of(self.place.language),
            "percent_names": sorted((f"%{name}", meant) for name, meant in PERCENT_NAMES.items()),
            "versions": places.versions(self, self.place),
            "on_whom": self.request.POST.get("client", ""),
            "crumbs": trail(self.place)[:-1],
            "here": trail(self.place)[-1].label,
        }


class Version(Page):
    """What a version said, and how it differs from what is in force; it can be put in force again."""

    needs_to_change: ClassVar[Permission | None] = Permission.CHANGE_TEMPLATES

    def get(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        place, version = self._find()
        current = place.in_force()
        parts = [(part, _diff(getattr(version, part), getattr(current, part))) for part in _PARTS]
        context = {
            "place": place,
            "version": version,
            "parts": [(part, lines) for part, lines in parts if lines],
            "may_change": self.may(Permission.CHANGE_TEMPLATES, place.organization),
            "crumbs": trail(place),
            "here": _("Version %(version)s") % {"version": version.version},
        }
        return render(self.request, "console/letters/version.html", context)

    def post(self, _request: HttpRequest, **_where: Any) -> HttpResponseBase:
        place, version = self._find()
        self.allow(Permission.CHANGE_TEMPLATES, place.organization)
        form = LetterForm({part: getattr(version, part) for part in _PARTS}, place=place)
        page = OneTemplate()
        page.setup(self.request, **self.kwargs)
        page.place = place
        if form.is_valid() and (answer := page.answer(form)):
            return answer
        return page.show(form)

    def _find(self) -> tuple[Place, Template]:
        place = places.one(self)
        rows = self.visible(Template).filter(
            organization=place.organization, kind=place.kind, channel=place.channel, language=place.language
        )
        return place, self.found(rows.filter(deleted=False), version=self.kwargs["version"])


class Reset(ConfirmPage):
    """The organization's own wording is taken back; what it inherits is in force again."""

    needs: ClassVar[Permission] = Permission.CHANGE_TEMPLATES

    def prepare(self) -> None:
        self.place = places.one(self)
        self.allow(self.needs, self.place.organization)

    def act(self) -> HttpResponse:
        if self.place.source != wordings.OWN:
            return redirect(_url(self.place))
        self.remove("templates", **known_by(self.place))
        return self.done(_("The wording is taken back."), _url(self.place))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Take back the own wording?"),
            "here": _("Take back"),
            "what": [_("Letters are written in the words of the organization above, or in the product's own.")],
            "do": _("Take it back"),
            "back": _url(self.place),
            "crumbs": trail(self.place),
        }


def trail(place: Place) -> list[Crumb]:
    """The way to a template."""
    shown = f"{place.kind_word}, {place.language_word}"
    return [crumb(_("Templates"), "templates"), Crumb(shown, _url(place))]


def _url(place: Place) -> str:
    return reverse("console:template", args=place.path)


def _diff(before: str, now: str) -> list[tuple[str, str]]:
    """Lines that differ, each with its sign: `-` then, `+` now, blank for its neighbours."""
    lines = list(difflib.unified_diff(before.splitlines(), now.splitlines(), lineterm="", n=2))[2:]
    return [(line[:1].strip(), line[1:]) for line in lines if not line.startswith("@@")]

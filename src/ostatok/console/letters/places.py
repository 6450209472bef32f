"""Where a template stands: whose it is, for which trigger, channel and language, and which wording is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404
from django.utils.functional import Promise

from ostatok.console.rules import words
from ostatok.notices import defaults, wordings
from ostatok.notices.models import Template
from ostatok.notices.rendering import MessageTemplate
from ostatok.notices.wordings import Key, Wording
from ostatok.parties.models import Language, Organization
from ostatok.web.pages import Page


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One wording of one organization: `source` says whose is in force, `row` which version of it if it was written."""

    organization: Organization
    wording: Wording

    @property
    def kind(self) -> str:
        return self.wording.kind

    @property
    def channel(self) -> str:
        return self.wording.channel

    @property
    def language(self) -> str:
        return self.wording.language

    @property
    def source(self) -> str:
        return self.wording.source

    @property
    def row(self) -> Template | None:
        return self.wording.row

    @property
    def kind_word(self) -> str | Promise:
        return words.KINDS[self.kind]

    @property
    def language_word(self) -> str:
        return str(Language(self.language).label)

    @property
    def path(self) -> tuple[int, str, str, str]:
        """As addresses have it."""
        return self.organization.pk, self.kind, self.channel, self.language

    def in_force(self) -> MessageTemplate:
        """The wording that letters are written in now."""
        return self.wording.message()


def all_of(organization: Organization) -> list[list[Place]]:
    """All places of an organization, a row for each kind, a column for each language: one query."""
    newest = wordings.newest(organization)
    return [
        [_place(organization, kind, channel, language, newest) for language in Language.values]
        for kind in defaults.KINDS
        for channel in defaults.CHANNELS
    ]


def one(page: Page) -> Place:
    """The place that an address names. Raises Http404 where there is no such place, or it is not the actor's."""
    named = page.kwargs
    organization = page.found(page.visible(Organization), pk=named["organization"])
    kind, channel, language = named["kind"], named["channel"], named["language"]
    if kind not in defaults.KINDS or channel not in defaults.CHANNELS or language not in Language.values:
        raise Http404
    return _place(organization, kind, channel, language, wordings.newest(organization))


def again(place: Place) -> Place:
    """The same place as it is now."""
    organization = place.organization
    return _place(organization, place.kind, place.channel, place.language, wordings.newest(organization))


def versions(page: Page, place: Place) -> Sequence[Template]:
    """Every version of the organization's own wording, the newest first."""
    kind, channel, language = place.kind, place.channel, place.language
    rows = page.visible(Template).filter(organization=place.organization, kind=kind, channel=channel, language=language)
    return list(rows.order_by("-version")[:50])


def _place(organization: Organization, kind: str, channel: str, language: str, newest: Mapping[Key, Template]) -> Place:
    found = wordings.in_force(organization, kind, channel, language, newest)
    return Place(organization=organization, wording=found)

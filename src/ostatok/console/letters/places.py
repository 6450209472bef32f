"""Where a template stands: whose it is, for which trigger, channel and language, and which wording is in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import Http404
from django.utils.functional import Promise

from ostatok.console.rules import words
from ostatok.notices import defaults
from ostatok.notices.models import Template
from ostatok.notices.rendering import MessageTemplate
from ostatok.parties.models import Language, Organization
from ostatok.web.pages import Page

OWN: Final = "own"
INHERITED: Final = "inherited"
DEFAULT: Final = "default"

#: Organization, kind, channel and language.
Key = tuple[int, str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One wording of one organization: `source` says whose is in force, `row` which version of it if it was written."""

    organization: Organization
    kind: str
    channel: str
    language: str
    source: str
    row: Template | None

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
        default = defaults.message(self.kind, self.channel, self.language)
        if self.row is None:
            return default
        own = MessageTemplate(language=self.language, subject=self.row.subject, text=self.row.text, html=self.row.html)
        return defaults.completed(own, self.kind, self.channel)


def all_of(organization: Organization) -> list[list[Place]]:
    """All places of an organization, a row for each kind, a column for each language: one query."""
    newest = _newest(organization)
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
    return _place(organization, kind, channel, language, _newest(organization))


def versions(page: Page, place: Place) -> Sequence[Template]:
    """Every version of the organization's own wording, the newest first."""
    kind, channel, language = place.kind, place.channel, place.language
    rows = page.visible(Template).filter(organization=place.organization, kind=kind, channel=channel, language=language)
    return list(rows.order_by("-version")[:50])


def _newest(organization: Organization) -> Mapping[Key, Template]:
    """The newest version of each wording of the organization and of those above it.

    Those above may be out of the actor's sight; their wordings are in force here all the same, and nothing but the
    wording is shown of them.
    """
    rows = Template.objects.filter(organization__in=organization.path).order_by(
        "organization", "kind", "channel", "language", "-version"
    )
    newest = rows.distinct("organization", "kind", "channel", "language")
    return {(row.organization_id, row.kind, row.channel, row.language): row for row in newest}


def _place(organization: Organization, kind: str, channel: str, language: str, newest: Mapping[Key, Template]) -> Place:
    for at in reversed(organization.path):
        row = newest.get((at, kind, channel, language))
        if row is not None and not row.deleted:
            source = OWN if at == organization.pk else INHERITED
            break
    else:
        row, source = None, DEFAULT
    return Place(organization=organization, kind=kind, channel=channel, language=language, source=source, row=row)

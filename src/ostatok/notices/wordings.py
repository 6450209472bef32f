"""Which wording is in force: an organization's own, that of one above it, or the product's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ostatok.notices import defaults
from ostatok.notices.models import Template
from ostatok.notices.rendering import MessageTemplate
from ostatok.parties.models import Organization

Source = Literal["own", "inherited", "default"]
OWN: Final = "own"
INHERITED: Final = "inherited"
DEFAULT: Final = "default"

#: Organization, kind, channel and language.
Key = tuple[int, str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """Whose wording letters are written in, and which version of it if it was written."""

    kind: str
    channel: str
    language: str
    source: Source
    row: Template | None

    def message(self) -> MessageTemplate:
        """All of its parts: what the wording leaves empty is the product's own."""
        if self.row is None:
            return defaults.message(self.kind, self.channel, self.language)
        own = MessageTemplate(language=self.language, subject=self.row.subject, text=self.row.text, html=self.row.html)
        return defaults.completed(own, self.kind, self.channel)


def newest(organization: Organization) -> Mapping[Key, Template]:
    """The newest version of each wording of the organization and of those above it.

    Those above may be out of the actor's sight; their wordings are in force here all the same, and nothing but the
    wording is shown of them.
    """
    rows = Template.objects.filter(organization__in=organization.path).order_by(
        "organization", "kind", "channel", "language", "-version"
    )
    found = rows.distinct("organization", "kind", "channel", "language")
    return {(row.organization_id, row.kind, row.channel, row.language): row for row in found}


def in_force(
    organization: Organization, kind: str, channel: str, language: str, newest: Mapping[Key, Template]
) -> Wording:
    """The wording of the nearest organization that has one."""
    for at in reversed(organization.path):
        row = newest.get((at, kind, channel, language))
        if row is not None and not row.deleted:
            source: Source = OWN if at == organization.pk else INHERITED
            return Wording(kind=kind, channel=channel, language=language, source=source, row=row)
    return Wording(kind=kind, channel=channel, language=language, source=DEFAULT, row=None)

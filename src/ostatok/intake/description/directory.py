"""Who is who: what the codes in a description stand for."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import QuerySet

from ostatok.intake.description.problems import did_you_mean
from ostatok.ledger.models import Service
from ostatok.parties.access import Actor
from ostatok.parties.models import ClientGroup, Contact, Organization

#: Of how many codes with letters in common the nearest is sought: trigrams alone know little of short ones.
_ALIKE: Final = 50

Coded = TypeVar("Coded", Service, ClientGroup, Contact)


class Named(Generic[Coded]):
    """Things that an organization knows by a code, and that those below it may use."""

    def __init__(self, rows: Iterable[Coded]) -> None:
        self._by_code: defaultdict[str, dict[int, Coded]] = defaultdict(dict)
        for row in rows:
            self._by_code[row.code][row.organization_id] = row

    def nearest(self, organization: Organization, code: str) -> Coded | None:
        """What the organization, or the nearest one above it, calls by that code."""
        owners = self._by_code.get(code, {})
        return next((owners[at] for at in reversed(organization.path) if at in owners), None)

    def below(self, organization: Organization, code: str) -> list[Coded]:
        """What the organizations below call by that code."""
        return [row for row in self._by_code.get(code, {}).values() if organization.pk in row.organization.path]

    def meant(self, organization: Organization, code: str) -> list[Coded]:
        """What a rule of the organization means: the nearest one, or else all those below."""
        nearest = self.nearest(organization, code)
        return [nearest] if nearest else self.below(organization, code)


@dataclass(slots=True)
class Directory:
    """Organizations by code, and what is above them. `reload` after they changed."""

    actor: Actor
    by_code: dict[str, Organization] = field(default_factory=dict)
    by_id: dict[int, Organization] = field(default_factory=dict)

    def reload(self, codes: Collection[str]) -> None:
        """Load the organizations with these codes that the actor may see, and those above them."""
        seen = Organization.objects.visible_to(self.actor)
        mentioned = list(seen.filter(code__in=codes))
        above = {at for organization in mentioned for at in organization.path}
        self.by_id = {row.pk: row for row in [*mentioned, *Organization.objects.filter(pk__in=above)]}
        self.by_code = {organization.code: organization for organization in mentioned}

    def roots(self) -> list[int]:
        """Ids of the trees that all loaded organizations stand in."""
        return sorted({organization.path[0] for organization in self.by_id.values()})

    def services(self, codes: Collection[str]) -> Named[Service]:
        """Services with these codes in the loaded trees."""
        return Named(self._coded(Service.objects.all(), codes))

    def groups(self, codes: Collection[str]) -> Named[ClientGroup]:
        """Client groups with these codes in the loaded trees."""
        return Named(self._coded(ClientGroup.objects.all(), codes))

    def contacts(self, codes: Collection[str]) -> Named[Contact]:
        """Contacts with these codes in the loaded trees."""
        return Named(self._coded(Contact.objects.all(), codes))

    def _coded(self, rows: QuerySet[Coded], codes: Collection[str]) -> QuerySet[Coded]:
        within = rows.filter(organization__path__overlap=self.roots())
        return within.filter(code__in=codes).select_related("organization")


def nearest_code(rows: QuerySet[Any], wanted: str, name: str = "code") -> str:
    """`: did you mean "x"?` if a row has something like it, otherwise nothing."""
    alike = rows.annotate(likeness=TrigramSimilarity(name, wanted)).order_by("-likeness", name)
    return did_you_mean(wanted, alike.values_list(name, flat=True)[:_ALIKE], cutoff=0.6)

"""Contacts: people of an organization with their addresses."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from ostatok.intake.description import making
from ostatok.intake.description.making import Identity, Kind, Wanted
from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import ContactItem
from ostatok.intake.description.sections import recipients
from ostatok.parties.models import Contact, ContactPoint

KIND: Final = Kind(section="contacts", word="contact", rows=Contact.objects.all(), key=("organization_id", "code"))

#: Kind, address and label of each point, in the order of the file.
Points = tuple[tuple[str, str, str], ...]


def make(run: Run, items: Sequence[ContactItem]) -> None:
    """Create and change contacts; the points mentioned are all a contact has."""
    run.refuse_repeats(KIND.section, [(item.organization, item.code) for item in items])
    wanted: list[Wanted[Contact]] = []
    points: dict[Identity, Points] = {}
    for path, item, at in run.placed(KIND.section, items):
        values = item.mentioned("name", "position")
        wanted.append(Wanted(path, (at.pk, item.code), at.pk, f"{at.code}/{item.code}", values))
        if item.mentions("points"):
            points[at.pk, item.code] = _points(run, path, item)
    wanted = making.compare(run, KIND, wanted)
    _compare_points(wanted, points)
    made = making.save(run, KIND, wanted)
    _write_points({made[one.identity].pk: points[one.identity] for one in wanted if _rewrites(one, points)})


def remove(run: Run, items: Sequence[ContactItem]) -> None:
    """Remove contacts that no rule tells anything."""
    doomed = [
        Wanted[Contact](path, (at.pk, item.code), at.pk, f"{at.code}/{item.code}", {})
        for path, item, at in run.placed(KIND.section, items, deleted=True)
    ]
    known = making.find(KIND, (one.identity for one in doomed))
    for one in doomed:
        one.old = known.get(one.identity)
    recipients.refuse_if_told(run, doomed, "contact_id")
    making.delete(run, KIND, [one for one in doomed if not run.problems.spoiled(one.path)])


def points_of(contacts: Sequence[int]) -> Mapping[int, Points]:
    """The points of these contacts, in their order."""
    found: defaultdict[int, list[tuple[str, str, str]]] = defaultdict(list)
    rows = ContactPoint.objects.filter(contact__in=contacts).order_by("pk")
    for contact_id, kind, address, label in rows.values_list("contact_id", "kind", "address", "label"):
        found[contact_id].append((kind, address, label))
    return {contact_id: tuple(points) for contact_id, points in found.items()}


def _points(run: Run, path: tuple[str | int, ...], item: ContactItem) -> Points:
    points = tuple((point.kind.value, point.address, point.label) for point in item.points)
    seen: set[tuple[str, str]] = set()
    for index, (kind, address, _) in enumerate(points):
        if (kind, address) in seen:
            run.problems.add((*path, "points", index, "address"), "stands here twice")
        seen.add((kind, address))
    return points


def _compare_points(wanted: Sequence[Wanted[Contact]], points: Mapping[Identity, Points]) -> None:
    old = points_of([one.old.pk for one in wanted if one.old and one.identity in points])
    for one in wanted:
        if one.identity in points:
            before = old.get(one.old.pk, ()) if one.old else ()
            if before != points[one.identity]:
                one.inner_changes["points"] = (before, points[one.identity])


def _rewrites(one: Wanted[Contact], points: Mapping[Identity, Points]) -> bool:
    return one.identity in points and "points" in one.inner_changes


def _write_points(points: Mapping[int, Points]) -> None:
    ContactPoint.objects.filter(contact__in=points).delete()
    ContactPoint.objects.bulk_create(
        ContactPoint(contact_id=contact_id, kind=kind, address=address, label=label)
        for contact_id, own in points.items()
        for kind, address, label in own
    )

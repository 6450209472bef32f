"""Groups of clients."""

from collections.abc import Sequence
from typing import Final

from ostatok.intake.description import making
from ostatok.intake.description.making import Kind, Wanted
from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import GroupItem
from ostatok.parties.models import ClientGroup, GroupMembership

KIND: Final = Kind(section="groups", word="group", rows=ClientGroup.objects.all(), key=("organization_id", "code"))


def make(run: Run, items: Sequence[GroupItem]) -> None:
    """Create and rename groups."""
    run.refuse_repeats(KIND.section, [(item.organization, item.code) for item in items])
    wanted = making.compare(
        run,
        KIND,
        (
            Wanted(path, (at.pk, item.code), at.pk, f"{at.code}/{item.code}", item.mentioned("name"))
            for path, item, at in run.placed(KIND.section, items)
        ),
    )
    making.save(run, KIND, wanted)
    run.touched.codes.update({("group", one.identity[1]): one.path for one in wanted if one.old is None})


def remove(run: Run, items: Sequence[GroupItem]) -> None:
    """Remove groups; their clients stay, in the groups they have besides."""
    doomed = [
        Wanted[ClientGroup](path, (at.pk, item.code), at.pk, f"{at.code}/{item.code}", {})
        for path, item, at in run.placed(KIND.section, items, deleted=True)
    ]
    known = making.find(KIND, (one.identity for one in doomed))
    for one in doomed:
        one.old = known.get(one.identity)
        run.touched.codes["group", one.identity[1]] = (*one.path, "state")
    members = GroupMembership.objects.filter(group__in=[group.pk for group in known.values()])
    run.touched.clients.update(members.values_list("client_id", flat=True))
    making.delete(run, KIND, doomed)

"""Clients: those who pay and are told, with their groups and tags."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Count

from ostatok.intake.description import making
from ostatok.intake.description.directory import Named
from ostatok.intake.description.making import Identity, Kind, Wanted
from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import ClientItem
from ostatok.intake.description.sections import managers
from ostatok.intake.description.source import Path
from ostatok.ledger.models import Account
from ostatok.parties import bulk
from ostatok.parties.access import Actor, Permission, permits
from ostatok.parties.models import Client, ClientGroup, GroupMembership, Organization

KIND: Final = Kind(section="clients", word="client", rows=Client.objects.all(), key=("organization_id", "code"))

_FIELDS: Final = ("name", "tax_id", "email", "phone", "language", "timezone", "status", "bank_account")

#: Groups of a client: their codes by id.
Groups = Mapping[int, str]


def make(run: Run, items: Sequence[ClientItem]) -> None:
    """Create and change clients; the tags and groups mentioned are all a client has, as far as the actor sees them."""
    run.refuse_repeats(KIND.section, [(item.organization, item.code) for item in items])
    known = run.directory.groups({code for item in items for code in item.groups})
    wanted: list[Wanted[Client]] = []
    groups: dict[Identity, Groups] = {}
    placed = list(run.placed(KIND.section, items))
    managed = managers.wanted(run, placed)
    for path, item, at in placed:
        values = _values(item) | managed.get(path, {})
        wanted.append(Wanted(path, (at.pk, item.code), at.pk, f"{at.code}/{item.code}", values))
        if item.mentions("groups"):
            groups[at.pk, item.code] = _groups(run, path, at, item.groups, known)
    wanted = making.compare(run, KIND, wanted)
    before = groups_of(run.directory.actor, (one.old.pk for one in wanted if one.old and one.identity in groups))
    _compare_groups(wanted, groups, before)
    made = making.save(run, KIND, wanted)
    _write_groups(wanted, made, groups, before)
    run.touched.clients.update(one.old.pk for one in wanted if one.old and _seen_by_rules(one))


def remove(run: Run, items: Sequence[ClientItem]) -> None:
    """Remove clients that have no account."""
    doomed = [
        Wanted[Client](path, (at.pk, item.code), at.pk, f"{at.code}/{item.code}", {})
        for path, item, at in run.placed(KIND.section, items, deleted=True)
    ]
    known = making.find(KIND, (one.identity for one in doomed))
    accounts = Account.objects.filter(client__in=[client.pk for client in known.values()])
    counts = dict(accounts.order_by().values_list("client_id").annotate(Count("pk")))
    for one in doomed:
        one.old = known.get(one.identity)
        if one.old and (count := counts.get(one.old.pk)):
            message = f"cannot be removed: it has accounts ({count}); remove them too, or write status: closed"
            run.problems.add((*one.path, "state"), message)
    making.delete(run, KIND, [one for one in doomed if not run.problems.spoiled(one.path)])


def groups_of(actor: Actor, clients: Iterable[int]) -> Mapping[int, Groups]:
    """Codes and ids of the groups of these clients that the actor sees: an organization above may have put them into
    groups of its own.
    """
    seen = ClientGroup.objects.visible_to(actor).values("pk")
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for chunk in making.chunks(clients, making.CHUNK):
        rows = GroupMembership.objects.filter(client__in=chunk, group__in=seen)
        for client_id, group_id, code in rows.values_list("client_id", "group_id", "group__code"):
            found[client_id][group_id] = code
    return found


def _values(item: ClientItem) -> dict[str, Any]:
    values = item.mentioned(*_FIELDS)
    if item.mentions("tags"):
        values["tags"] = sorted(item.tags)
    return values


def _seen_by_rules(one: Wanted[Client]) -> bool:
    return bool(one.inner_changes) or not one.changes.keys().isdisjoint({"status", "tags"})


def _groups(run: Run, path: Path, at: Organization, codes: Sequence[str], known: Named[ClientGroup]) -> Groups:
    groups = {}
    for index, code in enumerate(codes):
        group = known.nearest(at, code)
        if group is None or not permits(run.directory.actor, Permission.SEE, group.organization.path):
            near = ClientGroup.objects.visible_to(run.directory.actor).filter(organization__in=at.path)
            hint = run.hint(near, code)
            run.problems.add((*path, "groups", index), f'unknown group "{code}"{hint}')
        else:
            groups[group.pk] = code
    return groups


def _compare_groups(
    wanted: Sequence[Wanted[Client]], groups: dict[Identity, Groups], before: Mapping[int, Groups]
) -> None:
    """Note which clients are to be in other groups than they are in; of these only those seen are compared and left."""
    for one in wanted:
        if one.identity in groups:
            old = before.get(one.old.pk, {}) if one.old else {}
            new = groups[one.identity] = _meant(groups[one.identity], old)
            if old.keys() != new.keys():
                one.inner_changes["groups"] = (sorted(old.values()), sorted(new.values()))


def _meant(stated: Groups, held: Groups) -> Groups:
    """Of several groups of one code, those that the client is in stay; in none of them yet, it joins the nearest."""
    codes = set(stated.values())
    kept = {pk: code for pk, code in held.items() if code in codes}
    return kept | {pk: code for pk, code in stated.items() if code not in kept.values()}


def _write_groups(
    wanted: Sequence[Wanted[Client]],
    made: Mapping[Identity, Client],
    groups: Mapping[Identity, Groups],
    before: Mapping[int, Groups],
) -> None:
    changed = {made[one.identity].pk: groups[one.identity] for one in wanted if "groups" in one.inner_changes}
    lost: defaultdict[int, list[int]] = defaultdict(list)
    for client in changed.keys() & before.keys():
        for group in before[client].keys() - changed[client].keys():
            lost[group].append(client)
    for group, members in lost.items():
        GroupMembership.objects.filter(group=group, client__in=members).delete()
    bulk.insert(
        [
            GroupMembership(client_id=client, group_id=group)
            for client, own in changed.items()
            for group in own.keys() - before.get(client, {}).keys()
        ]
    )

"""Users and their roles. Passwords never stand in a file: a new user has none until it sets one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.contrib.auth.hashers import make_password

from ostatok.intake.description import making
from ostatok.intake.description.making import Identity, Kind, Wanted
from ostatok.intake.description.run import PERMISSIONS, Run
from ostatok.intake.description.schema import RoleItem, UserItem
from ostatok.intake.description.sections import recipients
from ostatok.intake.description.source import Path
from ostatok.parties import access
from ostatok.parties.access import Role, System
from ostatok.parties.models import ClientUser, Membership, Organization, User

KIND: Final = Kind(
    section="users",
    word="user",
    rows=User.objects.all(),
    key=("email",),
    required=(),
    fresh=lambda: {"password": make_password(None)},
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A role as the file wants it, None where it is taken away, and its place there."""

    role: str | None
    place: Path


#: Roles by organization.
Roles = Mapping[int, Asked]


def make(run: Run, items: Sequence[UserItem]) -> None:
    """Create and change users; roles not mentioned stay."""
    run.refuse_repeats(KIND.section, [item.email for item in items])
    wanted: list[Wanted[User]] = []
    roles: dict[Identity, Roles] = {}
    for index, item in enumerate(items):
        if not item.deleted:
            path = (KIND.section, index)
            wanted.append(Wanted(path, (item.email,), None, item.email, item.mentioned("name", "language")))
            roles[item.email,] = dict(_roles(run, path, item.roles))
    wanted = making.compare(run, KIND, wanted)
    _refuse_strangers(run, wanted)
    _refuse_shared(run, [one for one in wanted if one.old and one.changes and not run.problems.spoiled(one.path)])
    changed = _changed_roles(run, wanted, roles)
    made = making.save(run, KIND, wanted)
    _write_roles({made[identity].pk: own for identity, own in changed.items()})


def remove(run: Run, items: Sequence[UserItem]) -> None:
    """Remove users that no rule tells anything."""
    doomed = [
        Wanted[User]((KIND.section, index), (item.email,), None, item.email, {})
        for index, item in enumerate(items)
        if item.deleted
    ]
    # Who is out of sight is not there to be removed: to refuse it would tell that the address is known.
    seen = replace(KIND, rows=User.objects.visible_to(run.directory.actor))
    known = making.find(seen, (one.identity for one in doomed))
    for one in doomed:
        one.old = known.get(one.identity)
    _refuse_unpermitted(run, [one for one in doomed if one.old])
    _refuse_shared(run, [one for one in doomed if one.old and not run.problems.spoiled(one.path)])
    _refuse_stronger(run, [one for one in doomed if one.old and not run.problems.spoiled(one.path)])
    recipients.refuse_if_told(run, doomed, "user_id")
    making.delete(run, KIND, [one for one in doomed if not run.problems.spoiled(one.path)])


def _refuse_unpermitted(run: Run, wanted: Sequence[Wanted[User]]) -> None:
    """Users are known in the whole installation; who may change users in none of their organizations may not here."""
    for one in _unseen(run, wanted):
        run.problems.add(one.path, "you may not change this user")


def _refuse_strangers(run: Run, wanted: Sequence[Wanted[User]]) -> None:
    """Who signs in elsewhere is asked first: a role given unasked would let its giver into that user's affairs."""
    for one in _unseen(run, wanted):
        run.problems.add(one.path, "this address signs in elsewhere already: invite it")


def _unseen(run: Run, wanted: Sequence[Wanted[User]]) -> list[Wanted[User]]:
    seen = User.objects.visible_to(run.directory.actor, PERMISSIONS[KIND.section])
    mine = set(seen.filter(pk__in=[one.old.pk for one in wanted if one.old]).values_list("pk", flat=True))
    return [one for one in wanted if one.old and one.old.pk not in mine]


def _refuse_shared(run: Run, wanted: Sequence[Wanted[User]]) -> None:
    """Who also works, or is a customer, out of the actor's reach is not the actor's to rename or remove; its roles
    here are.
    """
    if isinstance(run.directory.actor, System):
        return
    ids = [one.old.pk for one in wanted if one.old]
    held = Membership.objects.filter(user__in=ids).values_list("user_id", "organization__path")
    seen = ClientUser.objects.filter(user__in=ids).values_list("user_id", "client__organization__path")
    elsewhere = {user for user, path in [*held, *seen] if not run.permits(KIND.section, path)}
    for one in wanted:
        if one.old and (one.old.pk in elsewhere or one.old.is_superuser):
            run.problems.add(one.path, "this user is not yours alone: only the roles here are yours to change")


def _refuse_stronger(run: Run, doomed: Sequence[Wanted[User]]) -> None:
    """All roles of a user go with it, so each must be the actor's to take."""
    held = Membership.objects.filter(user__in=[one.old.pk for one in doomed if one.old])
    rows = held.values_list("user_id", "role", "organization__path")
    stronger = {user for user, role, at in rows if not access.may_grant(run.directory.actor, Role(role), at)}
    for one in doomed:
        if one.old and one.old.pk in stronger:
            run.problems.add(one.path, "you may not remove somebody who may do more than you")


def _roles(run: Run, path: Path, items: Sequence[RoleItem]) -> Iterator[tuple[int, Asked]]:
    for index, item in enumerate(items):
        place = (*path, "roles", index)
        if at := run.organization(KIND.section, (*place, "organization"), item.organization):
            yield at.pk, Asked(None if item.deleted or item.role is None else item.role.value, place)


def _changed_roles(
    run: Run, wanted: Sequence[Wanted[User]], roles: Mapping[Identity, Roles]
) -> Mapping[Identity, Roles]:
    held = Membership.objects.filter(user__in=[one.old.pk for one in wanted if one.old])
    rows = held.values_list("user_id", "organization_id", "role")
    before: dict[tuple[int | None, int], str] = {(user, at): role for user, at, role in rows}
    changed: dict[Identity, Roles] = {}
    for one in wanted:
        user = one.old.pk if one.old else None
        own = {at: asked for at, asked in roles[one.identity].items() if before.get((user, at)) != asked.role}
        changed[one.identity] = own
        for at, asked in own.items():
            _refuse_excess(run, run.directory.by_id[at], before.get((user, at)), asked)
            one.inner_changes[f"role in {run.directory.by_id[at].code}"] = (before.get((user, at)), asked.role)
    return changed


def _refuse_excess(run: Run, at: Organization, held: str | None, asked: Asked) -> None:
    """Nobody gives a role that may do more, and nobody changes or takes what it could not have given."""
    if asked.role is not None and not access.may_grant(run.directory.actor, Role(asked.role), at.path):
        run.problems.add((*asked.place, "role"), "you may not give a role that may do more than you")
    elif held is not None and not access.may_grant(run.directory.actor, Role(held), at.path):
        run.problems.add(asked.place, "you may not change the role of somebody who may do more than you")


def _write_roles(changed: Mapping[int, Roles]) -> None:
    Membership.objects.bulk_create(
        [
            Membership(user_id=user_id, organization_id=at, role=asked.role)
            for user_id, roles in changed.items()
            for at, asked in roles.items()
            if asked.role is not None
        ],
        update_conflicts=True,
        unique_fields=["user", "organization"],
        update_fields=["role"],
    )
    # Last: whoever has another role above a client stays its manager.
    for user_id, roles in changed.items():
        if gone := [at for at, asked in roles.items() if asked.role is None]:
            Membership.objects.filter(user=user_id, organization__in=gone).delete()

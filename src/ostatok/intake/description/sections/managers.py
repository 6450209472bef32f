"""Who looks after a client: a user with a role in its organization or in one above it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import ClientItem
from ostatok.intake.description.source import Path
from ostatok.parties.models import Membership, Organization, User

#: Users within the actor's reach by e-mail, and the ids of the organizations that each has a role in.
_Staff = Mapping[str, tuple[int, frozenset[int]]]


def wanted(run: Run, placed: Sequence[tuple[Path, ClientItem, Organization]]) -> Mapping[Path, dict[str, Any]]:
    """The `manager_id` of clients that mention a manager: two queries, however many they are."""
    naming = [one for one in placed if one[1].mentions("manager")]
    staff = _staff(run, {item.manager for _, item, _ in naming if item.manager})
    return {path: {"manager_id": _manager(run, path, at, item.manager, staff)} for path, item, at in naming}


def of(managers: Iterable[int | None], reached: Any) -> Mapping[int, str]:
    """E-mails of these managers by id: of those who have a role in what is reached."""
    within = Membership.objects.filter(user__in={one for one in managers if one}, organization__in=reached)
    return dict(within.values_list("user_id", "user__email"))


def _staff(run: Run, emails: Iterable[str]) -> _Staff:
    seen = User.objects.visible_to(run.directory.actor).filter(email__in=list(emails))
    users = dict(seen.values_list("pk", "email"))
    works: defaultdict[int, set[int]] = defaultdict(set)
    for user, at in Membership.objects.filter(user__in=users).values_list("user_id", "organization_id"):
        works[user].add(at)
    return {email: (pk, frozenset(works[pk])) for pk, email in users.items()}


def _manager(run: Run, path: Path, at: Organization, email: str, staff: _Staff) -> int | None:
    if not email:
        return None
    user, works = staff.get(email, (None, frozenset()))
    if user is not None and not works.isdisjoint(at.path):
        return user
    if ("users", email) in run.spoiled:
        run.problems.spoil(path)
    elif user is not None:
        run.problems.add((*path, "manager"), "has no role in this organization or above it")
    else:
        hint = run.hint(User.objects.visible_to(run.directory.actor), email, "email")
        run.problems.add((*path, "manager"), f'unknown user "{email}"{hint}')
    return None

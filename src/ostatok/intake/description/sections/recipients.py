"""Whom rules tell: the client, its organization, users, contacts, addresses."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.db import models
from django.db.models import Q

from ostatok.intake.description.directory import Named
from ostatok.intake.description.making import Identity, Wanted
from ostatok.intake.description.rule_schema import Recipient, RuleItem
from ostatok.intake.description.run import Run
from ostatok.intake.description.source import Path
from ostatok.parties.access import Permission, permits
from ostatok.parties.models import Contact, Membership, Organization, User
from ostatok.rules.models import RecipientKind, Rule, RuleRecipient, RuleState

M = TypeVar("M", bound=models.Model)

#: Stands for the name, which is never empty, of a rule that is out of sight.
_UNSEEN: Final = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient, with what the codes in the file stand for."""

    kind: str
    channel: str
    user_id: int | None = None
    contact_id: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class _People:
    """Contacts by code, users by e-mail, which of these the actor sees, and the paths of where they have roles."""

    contacts: Named[Contact]
    users: Mapping[str, User]
    seen: frozenset[int]
    roles: Mapping[int, Sequence[Sequence[int]]]


def wanted(run: Run, placed: Sequence[tuple[Path, RuleItem, Organization]]) -> Mapping[Path, frozenset[Told]]:
    """The recipients of rules that mention any."""
    people = _people(run, [(at, recipient) for _, item, at in placed for recipient in item.recipients])
    found: dict[Path, frozenset[Told]] = {}
    for path, item, at in placed:
        if item.mentions("recipients"):
            told = (
                _told(run, (*path, "recipients", index), at, one, people) for index, one in enumerate(item.recipients)
            )
            found[path] = frozenset(one for one in told if one)
    return found


def compare(rules: Sequence[Wanted[Rule]], told: Mapping[Path, frozenset[Told]]) -> None:
    """Note for each rule that mentions recipients whether they are others now."""
    kept = of_rules(one.old.pk for one in rules if one.old)
    for one in rules:
        before = kept.get(one.old.pk, frozenset()) if one.old else frozenset()
        if one.path in told and before != told[one.path]:
            one.inner_changes["recipients"] = (_shown(before), _shown(told[one.path]))


def write(rules: Sequence[Wanted[Rule]], made: Mapping[Identity, Rule], told: Mapping[Path, frozenset[Told]]) -> None:
    """Make the changed recipients those of the file."""
    changed = {made[one.identity].pk: told[one.path] for one in rules if "recipients" in one.inner_changes}
    RuleRecipient.objects.filter(rule__in=changed).delete()
    RuleRecipient.objects.bulk_create(
        RuleRecipient(
            rule_id=rule_id,
            kind=one.kind,
            channel=one.channel,
            user_id=one.user_id,
            contact_id=one.contact_id,
            address=one.address,
        )
        for rule_id, recipients in changed.items()
        for one in sorted(recipients, key=order)
    )


def refuse_if_told(run: Run, doomed: Sequence[Wanted[M]], column: str) -> None:
    """Note those of `doomed` that rules not deleted tell; `column` is where a recipient names them.

    A rule that the actor does not see holds them too, without its name: else it would lose whom it tells unasked.
    """
    ids = [one.old.pk for one in doomed if one.old]
    rows = RuleRecipient.objects.filter(**{f"{column}__in": ids}).exclude(rule__state=RuleState.DELETED)
    names: defaultdict[Any, set[str]] = defaultdict(set)
    for key, rule, at in rows.values_list(column, "rule__name", "rule__organization__path"):
        names[key].add(rule if permits(run.directory.actor, Permission.SEE, at) else _UNSEEN)
    for one in doomed:
        told = names.get(one.old.pk, set()) if one.old else set()
        if rules := ", ".join(f'"{name}"' for name in sorted(told - {_UNSEEN})):
            run.problems.add((*one.path, "state"), f"cannot be removed: told by the rules {rules}")
        elif told:
            run.problems.add((*one.path, "state"), "cannot be removed: told by a rule that you do not see")


def of_rules(rules: Iterable[int]) -> Mapping[int, frozenset[Told]]:
    """Whom these rules tell."""
    found: defaultdict[int, set[Told]] = defaultdict(set)
    rows = RuleRecipient.objects.filter(rule__in=list(rules))
    for row in rows:
        found[row.rule_id].add(Told(row.kind, row.channel, row.user_id, row.contact_id, row.address))
    return {rule_id: frozenset(told) for rule_id, told in found.items()}


def _people(run: Run, asked: Sequence[tuple[Organization, Recipient]]) -> _People:
    users = _users(run, asked)
    ids = [user.pk for user in users.values()]
    seen = User.objects.visible_to(run.directory.actor).filter(pk__in=ids).values_list("pk", flat=True)
    roles: defaultdict[int, list[list[int]]] = defaultdict(list)
    for user_id, path in Membership.objects.filter(user__in=ids).values_list("user_id", "organization__path"):
        roles[user_id].append(path)
    contacts = run.directory.contacts({one.contact for _, one in asked if one.contact})
    return _People(contacts, users, frozenset(seen), roles)


def _users(run: Run, asked: Sequence[tuple[Organization, Recipient]]) -> Mapping[str, User]:
    """Those whom the actor sees, and those with a role in or above a rule's organization, whom it may tell unseen."""
    named = User.objects.filter(email__in={one.user for _, one in asked if one.user})
    above = Membership.objects.filter(organization__in={pk for at, one in asked if one.user for pk in at.path})
    seen = User.objects.visible_to(run.directory.actor)
    return {user.email: user for user in named.filter(Q(pk__in=seen.values("pk")) | Q(pk__in=above.values("user_id")))}


def _told(run: Run, path: Path, at: Organization, one: Recipient, people: _People) -> Told | None:
    if one.user is not None:
        return _told_user(run, (*path, "user"), at, one, people)
    if one.contact is not None:
        return _told_contact(run, (*path, "contact"), at, one, people)
    address = one.to if one.kind == RecipientKind.ADDRESS else ""
    return Told(one.kind.value, one.channel, address=address)


def _told_user(run: Run, path: Path, at: Organization, one: Recipient, people: _People) -> Told | None:
    user = people.users.get(str(one.user))
    if user and any(path[-1] in at.path or at.pk in path for path in people.roles.get(user.pk, ())):
        return Told(RecipientKind.USER, one.channel, user_id=user.pk)
    if ("users", one.user) in run.spoiled:
        run.problems.spoil(path[:2])
        return None
    if user and user.pk in people.seen:
        run.problems.add(path, "has no role in this organization, above or below it")
    else:
        # Who is above may be told by whoever knows the address, and is not given away to others by a hint.
        hint = run.hint(User.objects.visible_to(run.directory.actor), str(one.user), "email")
        run.problems.add(path, f'unknown user "{one.user}"{hint}')
    return None


def _told_contact(run: Run, path: Path, at: Organization, one: Recipient, people: _People) -> Told | None:
    contact = people.contacts.nearest(at, str(one.contact))
    if contact:
        return Told(RecipientKind.CONTACT, one.channel, contact_id=contact.pk)
    if ("contacts", one.contact) in run.spoiled:
        run.problems.spoil(path[:2])
        return None
    near = Contact.objects.visible_to(run.directory.actor).filter(organization__in=at.path)
    hint = run.hint(near, str(one.contact))
    run.problems.add(path, f'unknown contact "{one.contact}"{hint}')
    return None


def _shown(told: frozenset[Told]) -> list[str]:
    return [f"{one.kind} {one.channel}" for one in sorted(told, key=order)]


def order(one: Told) -> tuple[Any, ...]:
    """In which order recipients are written: by kind, then by whom."""
    return one.kind, one.channel, one.user_id or 0, one.contact_id or 0, one.address

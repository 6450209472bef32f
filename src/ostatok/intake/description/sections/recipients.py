"""Whom rules tell: the client, its organization, users, contacts, addresses."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.db import models
from django.db.models import Q

from ostatok.intake.description.directory import Named
from ostatok.intake.description.making import Identity, Wanted
from ostatok.intake.description.rule_schema import UNSEEN, Recipient, RuleItem
from ostatok.intake.description.run import Run
from ostatok.intake.description.source import Path
from ostatok.parties.access import Actor, Permission, permits
from ostatok.parties.models import Contact, Membership, Organization, User
from ostatok.rules.models import RecipientKind, Rule, RuleRecipient, RuleState

M = TypeVar("M", bound=models.Model)

#: Stands for the name, which is never empty, of a rule that is out of sight.
_UNNAMED: Final = ""
#: Recipients who are somebody, so that one may see the rule and not them.
_SOMEBODY: Final = frozenset({RecipientKind.USER, RecipientKind.CONTACT})


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient, with what the codes in the file stand for."""

    kind: str
    channel: str
    user_id: int | None = None
    contact_id: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom rules are to tell, by their places in the file, and whom they tell now, by their ids; those that say it."""

    told: Mapping[Path, frozenset[Told]]
    before: Mapping[int, frozenset[Told]]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where recipients stand: the rule's organization, and whom it tells now: those seen by name, and the others."""

    path: Path
    at: Organization
    named: Mapping[Told, str]
    unseen: frozenset[Told]

    def told_already(self, kind: RecipientKind, name: str, channel: str) -> Told | None:
        """The recipient of that name, who may stay though nobody could add it any more."""
        wanted = (one for one, own in self.named.items() if (one.kind, own, one.channel) == (kind, name, channel))
        return next(wanted, None)


@dataclass(frozen=True, slots=True)
class _People:
    """Contacts by code, users by e-mail, which of these the actor sees, and the paths of where they have roles."""

    contacts: Named[Contact]
    users: Mapping[str, User]
    seen: frozenset[int]
    roles: Mapping[int, Sequence[Sequence[int]]]


def wanted(run: Run, placed: Sequence[tuple[Path, RuleItem, Organization]], known: Mapping[Identity, Rule]) -> Plan:
    """The recipients of rules that mention any; `known` are those that are there. Who is out of sight stays."""
    people = _people(run, [(at, recipient) for _, item, at in placed for recipient in item.recipients])
    naming = [
        (path, item, at, known.get((at.pk, item.name))) for path, item, at in placed if item.mentions("recipients")
    ]
    before = of_rules(rule.pk for *_, rule in naming if rule)
    names = names_of(run.directory.actor, (one for own in before.values() for one in own))
    told: dict[Path, frozenset[Told]] = {}
    for path, item, at, rule in naming:
        now = before.get(rule.pk, frozenset()) if rule else frozenset()
        unseen = frozenset(one for one in now if one.kind in _SOMEBODY and one not in names)
        place = _Place((*path, "recipients"), at, {one: names[one] for one in now if one in names}, unseen)
        stated = (_told(run, place, index, one, people) for index, one in enumerate(item.recipients))
        told[path] = frozenset(one for one in stated if one) | unseen
    return Plan(told, before)


def compare(rules: Sequence[Wanted[Rule]], plan: Plan) -> None:
    """Note for each rule that mentions recipients whether they are others now."""
    for one in rules:
        before = plan.before.get(one.old.pk, frozenset()) if one.old else frozenset()
        if one.path in plan.told and before != plan.told[one.path]:
            one.inner_changes["recipients"] = (_shown(before), _shown(plan.told[one.path]))


def write(rules: Sequence[Wanted[Rule]], made: Mapping[Identity, Rule], plan: Plan) -> None:
    """Make the changed recipients those of the file."""
    changed = {made[one.identity].pk: plan.told[one.path] for one in rules if "recipients" in one.inner_changes}
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
        names[key].add(rule if permits(run.directory.actor, Permission.SEE, at) else _UNNAMED)
    for one in doomed:
        told = names.get(one.old.pk, set()) if one.old else set()
        if rules := ", ".join(f'"{name}"' for name in sorted(told - {_UNNAMED})):
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


def names_of(actor: Actor, told: Iterable[Told]) -> Mapping[Told, str]:
    """What users and contacts among these recipients are called in a description: those whom the actor sees."""
    asked = frozenset(told)
    seen_users = User.objects.visible_to(actor).filter(pk__in={one.user_id for one in asked})
    seen_contacts = Contact.objects.visible_to(actor).filter(pk__in={one.contact_id for one in asked})
    users = dict(seen_users.values_list("pk", "email"))
    contacts = dict(seen_contacts.values_list("pk", "code"))
    names = {one: users.get(one.user_id or 0) or contacts.get(one.contact_id or 0) for one in asked}
    return {one: name for one, name in names.items() if name}


def stated(told: Iterable[Told], names: Mapping[Told, str]) -> list[dict[str, str]]:
    """These recipients as a description has them; those who are somebody and have no name are `unseen`, once."""
    items = [_item(one, names.get(one)) for one in sorted(told, key=order)]
    return [item for index, item in enumerate(items) if item not in items[:index]]


def _item(one: Told, name: str | None) -> dict[str, str]:
    if one.kind not in _SOMEBODY:
        return {"to": one.address or one.kind, "channel": one.channel}
    if name is None:
        return {"to": UNSEEN, "channel": one.channel}
    return {"to": one.kind, one.kind: name, "channel": one.channel}


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


def _told(run: Run, place: _Place, index: int, one: Recipient, people: _People) -> Told | None:
    path = (*place.path, index)
    if one.user is not None:
        return _told_user(run, (*path, "user"), place, one, people)
    if one.contact is not None:
        return _told_contact(run, (*path, "contact"), place, one, people)
    if one.to == UNSEEN:
        if not place.unseen:
            # Whoever sees more would take away those whom the writer of the file did not see.
            run.problems.add((*path, "to"), "stands for nobody: you see everybody whom this rule tells")
        return None
    address = one.to if one.kind == RecipientKind.ADDRESS else ""
    return Told(one.kind.value, one.channel, address=address)


def _told_user(run: Run, path: Path, place: _Place, one: Recipient, people: _People) -> Told | None:
    user, at = people.users.get(str(one.user)), place.at
    if user and any(path[-1] in at.path or at.pk in path for path in people.roles.get(user.pk, ())):
        return Told(RecipientKind.USER, one.channel, user_id=user.pk)
    if kept := place.told_already(RecipientKind.USER, str(one.user), one.channel):
        return kept
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


def _told_contact(run: Run, path: Path, place: _Place, one: Recipient, people: _People) -> Told | None:
    contact = people.contacts.nearest(place.at, str(one.contact))
    if contact:
        return Told(RecipientKind.CONTACT, one.channel, contact_id=contact.pk)
    if kept := place.told_already(RecipientKind.CONTACT, str(one.contact), one.channel):
        return kept
    if ("contacts", one.contact) in run.spoiled:
        run.problems.spoil(path[:2])
        return None
    near = Contact.objects.visible_to(run.directory.actor).filter(organization__in=place.at.path)
    hint = run.hint(near, str(one.contact))
    run.problems.add(path, f'unknown contact "{one.contact}"{hint}')
    return None


def _shown(told: frozenset[Told]) -> list[str]:
    return [f"{one.kind} {one.channel}" for one in sorted(told, key=order)]


def order(one: Told) -> tuple[Any, ...]:
    """In which order recipients are written: by kind, then by whom."""
    return one.kind, one.channel, one.user_id or 0, one.contact_id or 0, one.address

"""The audit: who changed what, when, from where. It only grows, and it outlives what it speaks of.

Personal data and secrets stay out of it: what cannot be erased must not hold what has to be. That they changed is
recorded, what they are is not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from ostatok.parties import actions, bulk, wall
from ostatok.parties.access import Actor
from ostatok.parties.models import AuditRecord, Organization

HIDDEN: Final = "•"

_SECRETS: Final = frozenset({"password", "pin", "secret", "token"})
_PERSONAL: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "client": frozenset({"name", "tax_id", "email", "phone", "bank_account", "manager_id"}),
        "contact": frozenset({"name", "position", "points"}),
        "user": frozenset({"name", "email"}),
        "account": frozenset({"address"}),
    }
)

#: What became of each field: its value before and after.
Changes = Mapping[str, tuple[object, object]]


class UnknownAction(ValueError):
    """The audit knows no such action: it belongs into `parties.actions`, and needs words on the page of the audit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One thing done: `action` is one of `actions.ALL`, such as `rule.changed`; `subject` names the thing as its owner
    would. Raises UnknownAction.
    """

    action: str
    subject: str
    organization_id: int | None
    changes: Changes = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.action not in actions.ALL:
            raise UnknownAction(f"{self.action!r}: {UnknownAction.__doc__}")


def record(
    actor: Actor,
    action: str,
    subject: str,
    organization: Organization | None,
    changes: Changes,
    origin: str,
    at: datetime,
) -> None:
    """Record one act. `origin` is where it came from: `cli`, an address of the network."""
    organization_id = organization.pk if organization else None
    act = Act(action=action, subject=subject, organization_id=organization_id, changes=changes)
    record_all(actor, [act], origin=origin, at=at)


def saw(actor: Actor, subject: str, organization: Organization | None, origin: str, at: datetime) -> None:
    """Record that someone looked at what is not looked at every day: the message as sent, personal data in full.

    On a page or through the API: whoever looks for looks finds both.
    """
    record(actor, "data.seen", subject, organization, {}, origin, at)


def exported(actor: Actor, subject: str, organization: Organization | None, origin: str, at: datetime) -> None:
    """Record that data left as a file: `subject` says which and how much."""
    record(actor, "data.exported", subject, organization, {}, origin, at)


@wall.lowered()
def record_all(actor: Actor, acts: Iterable[Act], *, origin: str, at: datetime) -> None:
    """Record many acts of one actor at one moment, in bulk.

    With the wall down: nobody behind it can write a record himself, so none is forged.
    """
    bulk.insert(
        [
            AuditRecord(
                organization_id=act.organization_id,
                actor=actor.name[:254],
                action=act.action,
                subject=act.subject[:254],
                changes=_shown(act),
                origin=origin,
                at=at,
            )
            for act in acts
        ]
    )


def _shown(act: Act) -> dict[str, list[Any]]:
    hidden = _SECRETS | _PERSONAL.get(act.action.partition(".")[0], frozenset())
    return {
        name: [_hide(value) if name in hidden else _plain(value) for value in values]
        for name, values in act.changes.items()
    }


def _hide(value: object) -> str | None:
    return HIDDEN if value else None


def _plain(value: object) -> Any:
    """As JSON can keep it: amounts, durations and moments as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value)

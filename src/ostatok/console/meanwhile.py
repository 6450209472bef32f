"""Forms that know what they showed: who saves one does not undo unknowingly what others did meanwhile.

What a form shows of a thing travels with it, signed. Saving reads the thing anew, in the transaction that changes it
and under its locks, and stops where a field is neither as it was shown nor as it is to be.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Final

from django import forms
from django.core import signing
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.intake.description import naming
from ostatok.kernel.errors import OstatokError
from ostatok.parties import finding_audit, wall
from ostatok.parties.access import Actor, System
from ostatok.parties.finding_audit import Wanted
from ostatok.parties.models import AuditRecord, User
from ostatok.web import reading

NAME: Final = "shown"
_SALT: Final = "ostatok.shown"
_LONGEST: Final = 80

#: Values by field, as JSON has them.
Values = Mapping[str, Any]


class ChangedMeanwhile(OstatokError):
    """What a form showed is not so any more. `current` has the fields that differ; None: all of it is gone."""

    def __init__(self, current: Values | None) -> None:
        super().__init__("changed meanwhile")
        self.current = current


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One field that somebody else changed: what it says now; `is_kept`: what was typed here differs from both."""

    label: str | Promise
    now: str
    is_kept: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """What the page tells: by whom, who may be nobody one may know, and when, which may be unknown."""

    who: str
    at: datetime | None
    is_gone: bool
    differences: tuple[Difference, ...] = ()


class ShowingForm(forms.Form):
    """A form of something new, or `about` something that is there."""

    section: ClassVar[str]
    #: What is shown and is no field of the form: names with their labels.
    beside: ClassVar[Mapping[str, str | Promise]] = MappingProxyType({})
    conflict: Conflict | None = None

    def __init__(self, data: Any, *, about: Any = None, initial: dict[str, Any] | None = None) -> None:
        self.about = about
        self._read = {} if about is None else self.read(about)
        self._shown, self._shown_at = _unseal(data.get(NAME, "") if data else "")
        super().__init__(data, initial=initial if about is None else dict(self._read))

    def read(self, about: Any) -> dict[str, Any]:
        """What is there, by field, as the form shows it."""
        raise NotImplementedError

    def again(self) -> Any:
        """What the form is about, as it is now; None where it is gone."""
        return type(self.about)._default_manager.filter(pk=self.about.pk).first()  # noqa: SLF001 (Django's name)

    def item(self) -> dict[str, Any]:
        """The item as the cleaned form states it."""
        raise NotImplementedError

    @property
    def shown_field(self) -> SafeString | str:
        """What travels with the form: every template has it within its form."""
        if self.about is None:
            return ""
        seal = self.data.get(NAME) if self.is_bound else None
        return format_html('<input type="hidden" name="{}" value="{}">', NAME, seal or _seal(self._read))

    @contextmanager
    def as_shown(self) -> Iterator[None]:
        """For the transaction that saves it. Raises ChangedMeanwhile.

        What showed nothing, as a script that posts a form, has nothing to compare.
        """
        if self.about is not None and self.data.get(NAME):
            self._compare()
        yield

    def keep(self, typed: "ShowingForm") -> None:
        """Show what is there now, and over it what was typed."""
        self.conflict = typed.conflict
        self.initial.update({name: typed.typed(name) for name in self.fields if typed.touches(name)})

    def typed(self, name: str) -> Any:
        """What was sent of a field."""
        value = self[name].data
        return value.replace("\r\n", "\n") if isinstance(value, str) else value

    def touches(self, name: str) -> bool:
        """Whether whoever filled the form in changed a field; so is what was not shown."""
        shown = self._shown or {}
        return name not in shown or not self.agrees(name, shown[name])

    def agrees(self, name: str, value: Any) -> bool:
        """Whether what was sent of a field is this value; of what stands beside the fields nothing is."""
        return name in self.fields and not self.fields[name].has_changed(value, self.typed(name))

    def label(self, name: str) -> str | Promise:
        """What a field, or what stands beside them, is called."""
        return self.beside.get(name) or self.fields[name].label or name

    def tell(self, name: str, value: Any) -> str:
        """A value of a field in words."""
        field = self.fields.get(name)
        known = dict(_pairs(getattr(field, "choices", ())))
        values = value if isinstance(value, list) else [value]
        told = ", ".join(known.get(str(one), "…" if known else str(one)) for one in values if one not in (None, ""))
        return f"{told[:_LONGEST]}…" if len(told) > _LONGEST else told or reading.NOTHING

    def note(self, actor: Actor, change: ChangedMeanwhile) -> None:
        """Keep what somebody else did, for the page to tell."""
        record = _latest(naming.subject(self.section, self.item()), self._shown_at)
        self.conflict = Conflict(
            who=_name(actor, record),
            at=record.at if record else None,
            is_gone=change.current is None,
            differences=tuple(self._differences(change.current or {})),
        )

    def _compare(self) -> None:
        if self._shown is None:
            raise ChangedMeanwhile({})
        about = self.again()
        if about is None:
            raise ChangedMeanwhile(None)
        current = _plain(self.read(about))
        differ = [name for name, value in self._shown.items() if self._writes(name) and current.get(name) != value]
        lost = {name: current.get(name) for name in differ if not self.agrees(name, current.get(name))}
        if lost:
            raise ChangedMeanwhile(lost)

    def _writes(self, name: str) -> bool:
        return name in self.fields or name in self.beside

    def _differences(self, current: Values) -> Iterator[Difference]:
        for name, value in current.items():
            yield Difference(label=self.label(name), now=self.tell(name, value), is_kept=self.touches(name))


def _seal(values: Values) -> str:
    return signing.dumps([now().isoformat(), _plain(values)], salt=_SALT, compress=True)


def _unseal(text: str) -> tuple[Values | None, datetime | None]:
    try:
        at, values = signing.loads(text, salt=_SALT)
        return values, datetime.fromisoformat(at)
    except (signing.BadSignature, ValueError, TypeError):
        return None, None


def _plain(values: Values) -> Any:
    return json.loads(json.dumps(values))


def _pairs(choices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Choices by what is sent for them, those in groups too."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _pairs(label)
        else:
            yield str(value), str(label)


def _latest(subject: str, since: datetime | None) -> AuditRecord | None:
    """What was done last to something since it was shown."""
    if since is None:
        return None
    wanted = Wanted(subject=subject[:254], exactly=frozenset({"subject"}), since=since)
    with wall.lowered():
        return next(iter(finding_audit.records(System(), wanted, size=1).items), None)


def _name(actor: Actor, record: AuditRecord | None) -> str:
    """Who that was, for those who may see the record or that colleague."""
    if record is None:
        return ""
    may_know = (
        record.actor == actor.name
        or User.objects.visible_to(actor).filter(email=record.actor).exists()
        or AuditRecord.objects.visible_to(actor).filter(pk=record.pk).exists()
    )
    return record.actor if may_know else _("somebody")

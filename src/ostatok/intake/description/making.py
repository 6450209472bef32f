"""Comparing what is written with what is there, and writing the difference, set by set."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from django.db import models

from ostatok.intake.description.run import Run
from ostatok.intake.description.source import Path
from ostatok.parties import bulk

CHUNK: Final = 10_000

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")
Identity = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kind(Generic[M]):
    """A section and its rows. `key` are the fields that tell its objects apart, `required` those a new one needs."""

    section: str
    word: str
    rows: models.QuerySet[M]
    key: tuple[str, ...]
    required: tuple[str, ...] = ("name",)
    #: What a new object has besides what the file says of it.
    fresh: Callable[[], Mapping[str, Any]] = dict
    #: Fields that hold ids, and what they are ids of: the audit, which outlives ids, tells codes.
    codes: Mapping[str, models.QuerySet[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Wanted(Generic[M]):
    """One object as the file wants it: `values` by field, only those mentioned.

    `old` is what is there, None if nothing is; `changes` are what differs, by field, before and after. What an object
    has in other tables (its groups, addresses, bands) is compared by its section, which puts it into `inner_changes`.
    """

    path: Path
    identity: Identity
    organization_id: int | None
    name: str
    values: dict[str, Any]
    old: M | None = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    inner_changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def find(kind: Kind[M], identities: Iterable[Identity]) -> dict[Identity, M]:
    """Find the objects with these keys: one query for each 10,000."""
    found: dict[Identity, M] = {}
    for chunk in chunks(identities, CHUNK):
        within = {f"{name}__in": set(column) for name, column in zip(kind.key, zip(*chunk, strict=True), strict=True)}
        rows = kind.rows.filter(**within)
        found.update({tuple(getattr(row, name) for name in kind.key): row for row in rows})
    return found


def compare(run: Run, kind: Kind[M], wanted: Iterable[Wanted[M]]) -> list[Wanted[M]]:
    """Match what is wanted with what is there; those that cannot be made are left out and noted."""
    everything = list(wanted)
    known = find(kind, (one.identity for one in everything))
    for one in everything:
        one.old = known.get(one.identity)
        if one.old is None:
            _require(run, kind, one)
        else:
            one.changes = _differences(one.old, one.values)
    return [one for one in everything if not run.problems.spoiled(one.path)]


def save(run: Run, kind: Kind[M], wanted: Sequence[Wanted[M]]) -> dict[Identity, M]:
    """Write what differs, count it and note it for the audit; returns all objects by key."""
    known = {one.identity: one.old or _new(kind, one) for one in wanted}
    bulk.insert([known[one.identity] for one in wanted if one.old is None])
    _update([one for one in wanted if one.old is not None and one.changes])
    codes = {name: _codes(rows, name, wanted) for name, rows in kind.codes.items()}
    for one in wanted:
        _note(run, kind, one, codes)
    return known


def delete(run: Run, kind: Kind[M], doomed: Sequence[Wanted[M]]) -> None:
    """Delete what `compare` found; what is not there counts as unchanged."""
    gone = [one for one in doomed if one.old is not None]
    for chunk in chunks(gone, CHUNK):
        kind.rows.filter(pk__in=[one.old.pk for one in chunk if one.old]).delete()
    for one in doomed:
        run.tally.count(kind.section, "deleted" if one.old else "unchanged")
    for one in gone:
        run.tally.act(kind.word, "deleted", one.name, one.organization_id, {})


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut rows into lists of at most `size`."""
    source = iter(rows)
    while chunk := list(islice(source, size)):
        yield chunk


def _require(run: Run, kind: Kind[M], one: Wanted[M]) -> None:
    for name in kind.required:
        if name not in one.values:
            run.problems.add((*one.path, name.removesuffix("_id")), f"is missing: a new {kind.word} needs it")


def _differences(old: models.Model, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    kept = ((name, getattr(old, name), value) for name, value in values.items())
    return {name: (before, after) for name, before, after in kept if before != after}


def _new(kind: Kind[M], one: Wanted[M]) -> M:
    keys = dict(zip(kind.key, one.identity, strict=True))
    return kind.rows.model(**keys, **kind.fresh(), **one.values)


def _update(changed: Sequence[Wanted[M]]) -> None:
    columns = sorted({column for one in changed for column in one.changes})
    bulk.update([_changed(one.old, one.changes) for one in changed if one.old], columns)


def _changed(row: M, changes: Mapping[str, tuple[Any, Any]]) -> M:
    for column, (_, after) in changes.items():
        setattr(row, column, after)
    return row


def _note(run: Run, kind: Kind[M], one: Wanted[M], codes: Mapping[str, Mapping[int, str]]) -> None:
    changes = one.changes | one.inner_changes
    fate = "created" if one.old is None else "changed" if changes else "unchanged"
    run.tally.count(kind.section, fate)
    if fate == "created":
        changes |= _given(one)
    if fate != "unchanged":
        told = dict(_with_codes(name, change, codes) for name, change in changes.items())
        run.tally.act(kind.word, fate, one.name, one.organization_id, told)


def _given(one: Wanted[Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (None, value) for name, value in one.values.items() if value not in (None, "")}


def _codes(rows: models.QuerySet[Any], name: str, wanted: Iterable[Wanted[Any]]) -> dict[int, str]:
    """The codes of all ids that a field had or gets: one query for each 10,000."""
    changes = (one.changes.get(name, ()) if one.old else (one.values.get(name),) for one in wanted)
    ids = {pk for change in changes for pk in change if pk is not None}
    found: dict[int, str] = {}
    for chunk in chunks(ids, CHUNK):
        found.update(rows.filter(pk__in=chunk).values_list("pk", "code"))
    return found


def _with_codes(
    name: str, change: tuple[Any, Any], codes: Mapping[str, Mapping[int, str]]
) -> tuple[str, tuple[Any, Any]]:
    if name not in codes:
        return name, change
    before, after = change
    return name.removesuffix("_id"), (codes[name].get(before), codes[name].get(after))

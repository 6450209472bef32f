"""Clients and accounts found by parts of what they are called, and listed in order (searching.sql).

Found by: name, code, tax id, phone; or number and address of an account. Each word of the text must be found, in
small letters or capitals: one or two letters as the beginning of a word, more as any part of one. A phone is known
by its digits. A text with an @ is part of an e-mail address of a client, and looked for nowhere else. A text finds a
thousand rows at most; whether there may be more is said by `is_cut`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.db import connection, models

from ostatok.kernel import slices, sql
from ostatok.kernel.slices import Slice
from ostatok.ledger.models import Account
from ostatok.ledger.standing import Band
from ostatok.parties import access
from ostatok.parties.access import Actor, Customer, Permission
from ostatok.parties.models import Client

CLIENT_ORDER: Final = ("name", "id")
ACCOUNT_ORDER: Final = ("number", "id")

#: A text finds so many rows at most, and as many rows of the other table (migrations/0005_searching.py).
MOST: Final = 1_000

_SQL = sql.load("ostatok.ledger", "searching.sql")
_MOST_WORDS: Final = 6
_LONG_ENOUGH: Final = 3
_NATIONAL_DIGITS: Final = 10
_NUMBER = re.compile(r"[+(]?\d[\d\s()./-]*")
_WORD = re.compile(r"[^\W_]+")
# As long as one word at least, or every address there is would be looked at.
_MAIL = re.compile(r"(?=.*[^\W_]{3})\S*@\S*")
_LIKE_MEANS = re.compile(r"[\\%_]")
_M = TypeVar("_M", bound=models.Model)

#: A place in a list: the name or number of a row, and its id.
Key = tuple[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What narrows a list: a text, and ids or codes; None narrows nothing.

    `organization` includes those below it; `service` and `band` ask for any balance that has both; `manager` is a user.
    """

    text: str = ""
    organization: int | None = None
    statuses: Sequence[str] | None = None
    group: int | None = None
    tag: str | None = None
    service: int | None = None
    band: Band | None = None
    manager: int | None = None


def clients(
    actor: Actor, search: Search, *, after: Key | None = None, before: Key | None = None, size: int = 50
) -> Slice[Client]:
    """Clients that the actor sees, in CLIENT_ORDER, after or before a key; with their organizations."""
    found = _found("clients", actor, search, after, before, size)
    return _slice(Client.objects.visible_to(actor).select_related("organization"), found, before is not None, size)


def accounts(
    actor: Actor, search: Search, *, after: Key | None = None, before: Key | None = None, size: int = 50
) -> Slice[Account]:
    """Accounts that the actor sees, in ACCOUNT_ORDER; with their clients and organizations.

    `group`, `tag`, `manager`: unused.
    """
    found = _found("accounts", actor, search, after, before, size)
    rows = Account.objects.visible_to(actor).select_related("client", "organization")
    return _slice(rows, found, before is not None, size)


def clients_are_cut(actor: Actor, search: Search) -> bool:
    """Whether a text finds more clients than are told: only then may some be missing."""
    return _is_cut("clients", "accounts", actor, search)


def accounts_are_cut(actor: Actor, search: Search) -> bool:
    """Whether a text finds more accounts than are told."""
    return _is_cut("accounts", "clients", actor, search)


def _is_cut(block: str, through: str, actor: Actor, search: Search) -> bool:
    """Rows are found by themselves, and through the first rows of the other table: either may be too many."""
    if not patterns(search.text) or isinstance(actor, Customer):
        return False
    if len(_found(block, actor, search, None, None, MOST)) >= MOST:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_SQL[f"{through}_are_many"], _given(actor, search))
        [are_many] = cursor.fetchone()
    return bool(are_many)


def patterns(text: str) -> list[str]:
    """What LIKE is asked for, of texts in which every word stands in small letters after a blank; or of addresses."""
    folded = text.lower().replace("ё", "е").strip()
    if _MAIL.fullmatch(folded):
        return ["%" + _LIKE_MEANS.sub(r"\\\g<0>", folded) + "%"]
    if _NUMBER.fullmatch(folded):
        return [_pattern(_digits(folded))]
    return [_pattern(word) for word in _WORD.findall(folded)[:_MOST_WORDS]]


def _digits(written: str) -> str:
    """The digits of a number; of a phone only those that do not depend on 8 or +7 before them."""
    digits = re.sub(r"\D", "", written)
    is_whole = len(digits) == _NATIONAL_DIGITS + 1 and digits[0] in "78"
    return digits[1:] if is_whole or re.match(r"\+7\D*\d", written) else digits


def _pattern(word: str) -> str:
    return f"%{word}%" if len(word) >= _LONG_ENOUGH else f"% {word}%"


def _found(block: str, actor: Actor, search: Search, after: Key | None, before: Key | None, size: int) -> list[int]:
    """Ids of the rows nearest to the key, one more than `size` if there are more."""
    if isinstance(actor, Customer):
        return []
    beyond, beyond_id = before or after or (None, None)
    place = {"beyond": beyond, "beyond_id": beyond_id, "backwards": before is not None, "size": size + 1}
    with connection.cursor() as cursor:
        cursor.execute(_SQL[block], {**_given(actor, search), **place})
        return [id_ for (id_,) in cursor.fetchall()]


def _given(actor: Actor, search: Search) -> Mapping[str, Any]:
    roots = access.reach(actor, Permission.SEE)
    return {
        "patterns": patterns(search.text),
        "roots": None if roots is None else list(roots),
        "organization": search.organization,
        "statuses": None if search.statuses is None else list(search.statuses),
        "group": search.group,
        "tag": search.tag,
        "service": search.service,
        "band": None if search.band is None else str(search.band),
        "manager": search.manager,
    }


def _slice(rows: models.QuerySet[_M], ids: Sequence[int], backwards: bool, size: int) -> Slice[_M]:
    known = {row.pk: row for row in rows.filter(pk__in=ids)}
    return slices.of([known[id_] for id_ in ids if id_ in known], size=size, backwards=backwards)

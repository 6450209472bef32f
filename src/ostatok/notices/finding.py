"""Notices found by about whom, by which rule, by their state and time, the newest first (finding.sql).

A page costs what it shows, not how much was told since: one of an organization, of a rule or of days long past is read
from there, and nobody's page walks over the notices of others.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from ostatok.kernel import slices, sql
from ostatok.kernel.slices import Slice
from ostatok.ledger.models import Account
from ostatok.notices.models import Notice, NoticeState
from ostatok.parties.access import Actor
from ostatok.parties.models import Client, Organization
from ostatok.rules.models import Rule

#: The names of what makes a notice's place in the list.
ORDER: Final = ("raised_at", "pk")
#: What is over for nobody yet, or went wrong, is rare: an index of its own finds it.
OPEN: Final = (NoticeState.WAITING, NoticeState.FAILED)
#: What a line about a notice shows besides.
RELATED: Final = ("organization", "rule", "client", "account", "balance__service", "band")

_SQL = sql.load("ostatok.notices", "finding.sql")
#: A code or number that more clients have than this is not looked up further.
_MOST: Final = 1_000

#: A place in the list: when a notice was raised, written as text or not, and its id.
Key = tuple[datetime | str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What narrows the notices; None narrows nothing.

    `organization` is an id and includes those below it; `rule` is the name of one, `client` a code, `account` a number,
    each of whatever organization; `since` ≤ raised < `until`.
    """

    organization: int | None = None
    rule: str | None = None
    client: str | None = None
    account: str | None = None
    state: NoticeState | None = None
    since: datetime | None = None
    until: datetime | None = None


def notices(actor: Actor, wanted: Wanted, *, after: Key | None = None, size: int = 50) -> Slice[Notice]:
    """Notices that the actor may see, after a key; with the rule, whom and what they are about. Few queries."""
    found = _found(actor, wanted, after, size + 1)
    rows = Notice.objects.visible_to(actor).filter(pk__in=found)
    known = {row.pk: row for row in rows.select_related(*RELATED)}
    return slices.of([known[pk] for pk in found if pk in known], size=size)


def _found(actor: Actor, wanted: Wanted, after: Key | None, size: int) -> list[int]:
    paths = _paths(actor, wanted.organization)
    rules = None if wanted.rule is None else _rules(wanted.rule, paths)
    beyond_at, beyond_id = after or (None, None)
    given = {
        **_about(actor, wanted),
        "organizations": list(paths),
        "rules": None if rules is None else list(rules),
        "state": wanted.state.value if wanted.state else None,
        "since": wanted.since,
        "until": wanted.until,
        "beyond_at": beyond_at,
        "beyond_id": beyond_id,
        "size": size,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL[_head(wanted, paths, rules)], given)
        return [pk for (pk,) in cursor.fetchall()]


def _head(wanted: Wanted, paths: Collection[int], rules: dict[int, int] | None) -> str:
    """What leads to the fewest notices. A rule of an organization above has told most of what it has to others."""
    if wanted.client is not None or wanted.account is not None:
        return "of_clients"
    own = rules is not None and all(owner in paths for owner in rules.values())
    return "of_rules" if own and wanted.state not in OPEN else "of_organizations"


def _paths(actor: Actor, organization: int | None) -> dict[int, list[int]]:
    """The organizations meant, each with its path from the root."""
    rows = Organization.objects.visible_to(actor)
    if organization is not None:
        rows = rows.filter(path__contains=[organization])
    return dict(rows.values_list("pk", "path"))


def _rules(name: str, paths: dict[int, list[int]]) -> dict[int, int]:
    """Rules of that name that may speak about clients there, with their organizations; those deleted too."""
    places = {at for path in paths.values() for at in path}
    return dict(Rule.objects.filter(name=name, organization__in=places).values_list("pk", "organization_id"))


def _about(actor: Actor, wanted: Wanted) -> dict[str, Any]:
    """Ids of the clients and accounts meant: few, for each organization has one of a code or number at most."""
    if wanted.client is None and wanted.account is None:
        return {"clients": None, "accounts": None}
    clients = Client.objects.visible_to(actor)
    if wanted.client is not None:
        clients = clients.filter(code=wanted.client)
    if wanted.account is None:
        return {"clients": list(clients.values_list("pk", flat=True)[:_MOST]), "accounts": None}
    accounts = Account.objects.visible_to(actor).filter(number=wanted.account)
    if wanted.client is not None:
        accounts = accounts.filter(client__in=clients)
    pairs = list(accounts.values_list("client_id", "pk")[:_MOST])
    return {"clients": [client for client, _ in pairs], "accounts": [account for _, account in pairs]}

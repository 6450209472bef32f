"""Accounts and their balances. A balance that was posted to stays, and so does its account."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ostatok.intake.description import making
from ostatok.intake.description.making import Identity, Kind, Wanted
from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import AccountItem
from ostatok.intake.description.sections import balances
from ostatok.intake.description.source import Path
from ostatok.ledger.models import Account, Balance
from ostatok.parties.models import Client, Organization

KIND: Final = Kind(
    section="accounts",
    word="account",
    rows=Account.objects.all(),
    key=("organization_id", "number"),
    required=("client_id",),
    codes={"client_id": Client.objects.all()},
)


def make(run: Run, items: Sequence[AccountItem]) -> None:
    """Create and change accounts, and the balances they have; services not mentioned stay."""
    run.refuse_repeats(KIND.section, [(item.organization, item.number) for item in items])
    placed = list(run.placed(KIND.section, items))
    clients = _clients((at.pk, item.client) for _, item, at in placed if item.client)
    wanted = making.compare(run, KIND, list(_wanted(run, placed, clients)))
    plan = balances.plan(run, wanted, placed)
    wanted = [one for one in wanted if not run.problems.spoiled(one.path)]
    made = making.save(run, KIND, wanted)
    balances.write(run, plan, made)
    run.touched.accounts.update(one.old.pk for one in wanted if one.old and _seen_by_rules(one))


def _seen_by_rules(one: Wanted[Account]) -> bool:
    return not one.changes.keys().isdisjoint({"client_id", "billing", "status"})


def remove(run: Run, items: Sequence[AccountItem]) -> None:
    """Remove accounts that nothing was ever posted to."""
    doomed = [
        Wanted[Account](path, (at.pk, item.number), at.pk, f"{at.code}/{item.number}", {})
        for path, item, at in run.placed(KIND.section, items, deleted=True)
    ]
    known = making.find(KIND, (one.identity for one in doomed))
    own = Balance.objects.filter(account__in=[account.pk for account in known.values()])
    posted = set(own.filter(seq__gt=0).values_list("account_id", flat=True))
    for one in doomed:
        one.old = known.get(one.identity)
        if one.old and one.old.pk in posted:
            message = "cannot be removed: it has entries, and entries stay; write status: closed instead"
            run.problems.add((*one.path, "state"), message)
    own.exclude(account__in=posted).delete()
    making.delete(run, KIND, [one for one in doomed if not run.problems.spoiled(one.path)])


def _clients(keys: Iterable[Identity]) -> Mapping[Identity, int]:
    found: dict[Identity, int] = {}
    for chunk in making.chunks(keys, making.CHUNK):
        organizations, codes = zip(*chunk, strict=True)
        rows = Client.objects.filter(organization__in=set(organizations), code__in=codes)
        found.update({(at, code): pk for at, code, pk in rows.values_list("organization_id", "code", "pk")})
    return found


def _wanted(
    run: Run, placed: Sequence[tuple[Path, AccountItem, Organization]], clients: Mapping[Identity, int]
) -> Iterator[Wanted[Account]]:
    for path, item, at in placed:
        values: dict[str, Any] = item.mentioned("address", "billing", "status")
        if item.mentions("client"):
            values["client_id"] = clients.get((at.pk, item.client))
            if values["client_id"] is None:
                _unknown_client(run, path, item, at)
        yield Wanted(path, (at.pk, item.number), at.pk, f"{at.code}/{item.number}", values)


def _unknown_client(run: Run, path: Path, item: AccountItem, at: Organization) -> None:
    if ("clients", item.client) in run.spoiled:
        run.problems.spoil(path)
        return
    hint = run.hint(at.clients.all(), item.client)
    run.problems.add((*path, "client"), f'unknown client "{item.client}" of {at.code}{hint}')

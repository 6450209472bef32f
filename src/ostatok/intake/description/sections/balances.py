"""The balances of accounts: new ones are opened, limits of those that exist are changed as a look at the rules."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ostatok.intake.description import making
from ostatok.intake.description.directory import Named
from ostatok.intake.description.making import Identity, Wanted
from ostatok.intake.description.run import Run
from ostatok.intake.description.schema import AccountItem, AccountServiceItem
from ostatok.intake.description.source import Path
from ostatok.intake.description.values import Amount
from ostatok.kernel import units
from ostatok.kernel.errors import OstatokError
from ostatok.ledger.limits import LimitChange
from ostatok.ledger.models import Account, Balance, Service
from ostatok.parties import bulk
from ostatok.parties.models import Organization

_LIMITS: Final = ("credit_limit", "held", "package")

Limits = dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Line:
    """One service of one account as the file wants it; `limits` are in base units, only those mentioned."""

    path: Path
    account: Identity
    service: Service
    limits: Limits
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A balance that is there."""

    pk: int
    service: Service
    posted_to: bool
    limits: Limits


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to balances."""

    new: list[Line] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


def plan(run: Run, wanted: Sequence[Wanted[Account]], placed: Sequence[tuple[Path, AccountItem, Organization]]) -> Plan:
    """Compare the services of accounts with the balances there are; what differs is noted with its account."""
    known = run.directory.services({service.code for _, item, _ in placed for service in item.services})
    lines: defaultdict[Path, list[Line]] = defaultdict(list)
    shared: dict[Path, Amount] = {}
    for path, item, at in placed:
        lines[path].extend(_lines(run, path, at, item, known))
        if item.credit_limit is not None:
            shared[path] = item.credit_limit
    result = Plan()
    existing = _balances_of([one.old.pk for one in wanted if one.old])
    for one in wanted:
        own = existing.get(one.old.pk, {}) if one.old else {}
        _share(run, one.path, shared.get(one.path), lines[one.path], own, one.identity)
        for line in lines[one.path]:
            _plan_line(run, result, one, line, own.get(line.service.pk))
    return result


def write(run: Run, todo: Plan, accounts: Mapping[Identity, Account]) -> None:
    """Open new balances and remove those never posted to; limits that change are left to the rules."""
    new = [line for line in todo.new if line.account in accounts]
    bulk.insert([_opened(accounts[line.account], line) for line in new])
    for gone in making.chunks(todo.gone, making.CHUNK):
        Balance.objects.filter(pk__in=gone).delete()
    run.touched.accounts.update(accounts[line.account].pk for line in new)


def _opened(account: Account, line: Line) -> Balance:
    return Balance(
        organization_id=account.organization_id,
        number=account.number,
        account_id=account.pk,
        service_id=line.service.pk,
        **line.limits,
    )


def _balances_of(accounts: Sequence[int]) -> Mapping[int, Mapping[int, Kept]]:
    """Balances by account and service."""
    found: defaultdict[int, dict[int, Kept]] = defaultdict(dict)
    services: dict[int, Service] = {}
    for chunk in making.chunks(accounts, making.CHUNK):
        rows = Balance.objects.filter(account__in=chunk).values_list("account", "service", "pk", "seq", *_LIMITS)
        kept = list(rows)
        services |= Service.objects.in_bulk({service for _, service, *_ in kept} - services.keys())
        for account, service, pk, seq, *limits in kept:
            amounts = {name: amount or Decimal(0) for name, amount in zip(_LIMITS, limits, strict=True)}
            found[account][service] = Kept(pk, services[service], seq > 0, amounts)
    return found


def _lines(run: Run, path: Path, at: Organization, item: AccountItem, known: Named[Service]) -> Iterator[Line]:
    seen: set[int] = set()
    for index, own in enumerate(item.services):
        place = (*path, "services", index)
        service = known.nearest(at, own.code)
        if service is None:
            _unknown_service(run, place, at, own.code)
        elif service.pk in seen:
            run.problems.add(place, f'the service "{own.code}" stands here twice')
        else:
            seen.add(service.pk)
            limits = dict(_limits(run, place, own, service.unit))
            yield Line(place, (at.pk, item.number), service, limits, own.deleted)


def _unknown_service(run: Run, path: Path, at: Organization, code: str) -> None:
    if ("services", code) in run.spoiled:
        run.problems.spoil(path[:2])
        return
    # Those above too: an account may have them, and the forms of its organization offer them.
    hint = run.hint(Service.objects.filter(organization__in=at.path), code)
    run.problems.add(path, f'unknown service "{code}"{hint}')


def _limits(run: Run, path: Path, own: AccountServiceItem, unit: str) -> Iterator[tuple[str, Decimal]]:
    for name, amount in own.mentioned(*_LIMITS).items():
        try:
            # A package of nothing and none are the same to the rules: neither is a mark.
            yield name, amount.to_base(unit) if amount is not None else Decimal(0)
        except OstatokError as error:
            run.problems.add((*path, name), str(error))


def _share(
    run: Run,
    path: Path,
    amount: Amount | None,
    lines: list[Line],
    own: Mapping[int, Kept],
    identity: Identity,
) -> None:
    """Let the account's credit limit be that of its money balances, but for those that state their own."""
    if amount is None:
        return
    mentioned = {line.service.pk for line in lines}
    lines.extend(
        Line(path, identity, balance.service, {})
        for balance in own.values()
        if balance.service.pk not in mentioned and units.get(balance.service.unit).is_money
    )
    of_money = [line for line in lines if units.get(line.service.unit).is_money]
    if not of_money:
        run.tally.warnings.append(((*path, "credit_limit"), "no service of this account is counted in money"))
    for line in of_money:
        try:
            line.limits.setdefault("credit_limit", amount.to_base(line.service.unit))
        except OstatokError as error:
            run.problems.add((*path, "credit_limit"), str(error))


def _plan_line(run: Run, todo: Plan, one: Wanted[Account], line: Line, existing: Kept | None) -> None:
    if line.deleted:
        _plan_removal(run, todo, one, line, existing)
    elif existing is None:
        todo.new.append(line)
        one.inner_changes[line.service.code] = (None, dict(line.limits))
    else:
        _plan_limits(run, one, line, existing)


def _plan_removal(run: Run, todo: Plan, one: Wanted[Account], line: Line, existing: Kept | None) -> None:
    if existing is not None and existing.posted_to:
        message = f"cannot be removed: the account has entries for {line.service.code}, and entries stay"
        run.problems.add((*line.path, "state"), message)
    elif existing is not None:
        todo.gone.append(existing.pk)
        one.inner_changes[line.service.code] = ({}, None)


def _plan_limits(run: Run, one: Wanted[Account], line: Line, existing: Kept) -> None:
    before = existing.limits
    changed = {name: value for name, value in line.limits.items() if before[name] != value}
    if changed:
        run.touched.limits.append(LimitChange(balance_id=existing.pk, **changed))
        one.inner_changes[line.service.code] = ({name: before[name] for name in changed}, dict(changed))

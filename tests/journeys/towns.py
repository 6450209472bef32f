"""Many accounts with the bands of seed 000, files of their entries, and what has to follow from those."""

from collections.abc import Iterable
from decimal import Decimal
from random import Random

from tests.journeys.desk import Row, entry, query

BANDS = ((20, 10), (10, 5), (5, None))


def description(
    accounts: int, *, code: str = "energo", rule: str = "balance_band, bands: [[20, 10], [10, 5], [5, null]]"
) -> str:
    """So many clients with one account each, named by their place, and a rule about all of them."""
    lines = [
        "organizations:",
        f"  - {{code: {code}, name: {code}, timezone: Europe/Moscow, language: ru}}",
        "services:",
        f"  - {{organization: {code}, code: appps, name: АППС, unit: min}}",
        "clients:",
        *(
            f'  - {{organization: {code}, code: "{number(n)}", name: Клиент {n}, email: c{n}@client.test}}'
            for n in range(accounts)
        ),
        "accounts:",
        *(
            f'  - {{organization: {code}, number: "{number(n)}", client: "{number(n)}", services: [appps]}}'
            for n in range(accounts)
        ),
    ]
    return "\n".join([*lines, *([_rule(code, rule)] if rule else [])])


def _rule(code: str, trigger: str) -> str:
    recipients = "recipients: [{to: client, channel: email}]"
    return f"rules:\n  - {{organization: {code}, name: Остаток, trigger: {{kind: {trigger}}}, {recipients}}}"


def number(account: int) -> str:
    return f"{account:06d}"


def random_entries(accounts: int, rows: int, *, seed: int) -> list[Row]:
    """A top-up for everybody, then charges, now and then another top-up."""
    random = Random(seed)
    made = [entry("top_up", 100, account=number(n)) for n in range(accounts)]
    while len(made) < rows:
        account = number(random.randrange(accounts))
        kind, amount = ("top_up", 100) if random.random() < 0.03 else ("charge", random.randint(1, 30))
        made.append(entry(kind, amount, account=account))
    return made


Fired = tuple[str, int, int]


def raised() -> list[Fired]:
    """Every notice: account, place of its entry among the account's, upper edge of the band."""
    return query(
        "select b.number, n.occasion, e.upper::integer from notice n"
        " join balance b on b.id = n.balance_id join rule_band e on e.id = n.band_id order by 1, 2"
    )


def expected() -> list[Fired]:
    """The notices that entries must have raised, in the order in which they were posted: DESIGN §6.5, told anew."""
    rows = query(
        "select b.number, e.seq, e.kind, e.amount from entry e join balance b on b.id = e.balance_id order by 1, 2"
    )
    by_account: dict[str, list[tuple[int, int, Decimal]]] = {}
    for account, *rest in rows:
        by_account.setdefault(account, []).append(tuple(rest))
    return [(account, *fired) for account, moves in by_account.items() for fired in _fired(moves)]


def _fired(moves: Iterable[tuple[int, int, Decimal]]) -> Iterable[tuple[int, int]]:
    left, mark = Decimal(0), Decimal(0)
    passed = -1
    for seq, kind, amount in moves:
        left += amount
        if kind == 1:
            mark = amount
        inside = _band(left, mark)
        if kind == 1:
            passed = inside
        elif inside > passed:
            passed = inside
            yield seq, BANDS[inside][0]


def _band(left: Decimal, mark: Decimal) -> int:
    """The place of the band that what is left is in, -1 for none."""
    if not mark:
        return -1
    percent = left / mark * 100
    return next(
        (n for n, (upper, lower) in enumerate(BANDS) if percent < upper and (lower is None or percent >= lower)), -1
    )

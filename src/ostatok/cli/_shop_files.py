"""The files of the demo's shop, as an operator would hand them over: its customers, and a month's movements each."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from ostatok.cli import _purchases
from ostatok.cli._purchases import Movement

ORGANIZATION: Final = "shop"
SERVICE: Final = "store"
_COLUMNS: Final = ("account", "service", "kind", "amount", "occurred_at", "ref", "memo")


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopFiles:
    """A description of the customers, and the months in their order."""

    customers: Path
    months: list[Path]


def write(sample: Path, directory: Path) -> ShopFiles:
    """Make all files out of the sample of purchases."""
    movements = list(_purchases.movements(_purchases.read(sample)))
    customers = directory / "shop-customers.yaml"
    _write_customers(movements, customers)
    return ShopFiles(customers=customers, months=_write_months(movements, directory))


def _write_customers(movements: Sequence[Movement], path: Path) -> None:
    """Write a description, for `ostatok apply`: a client and an account for each customer, known by one number."""
    customers = sorted({movement.customer for movement in movements})
    path.write_text("\n".join(_description(customers)) + "\n", encoding="utf-8")


def _description(customers: Sequence[str]) -> Iterator[str]:
    yield "clients:"
    for one in customers:
        yield (
            f'  - {{organization: {ORGANIZATION}, code: "{one}", name: "Customer {one}",'
            f" email: customer{one}@customers.test}}"
        )
    yield "accounts:"
    for one in customers:
        yield f'  - {{organization: {ORGANIZATION}, number: "{one}", client: "{one}", services: [{SERVICE}]}}'


def _write_months(movements: Iterable[Movement], directory: Path) -> list[Path]:
    """Write a file of entries a month, for `ostatok import entries`; return them in their order."""
    paths = []
    for month, group in groupby(movements, key=lambda movement: f"{movement.at:%Y-%m}"):
        path = directory / f"shop-{month}.csv"
        _write_entries(group, path)
        paths.append(path)
    return paths


def _write_entries(movements: Iterable[Movement], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for one in movements:
            writer.writerow(
                (one.customer, SERVICE, one.kind, one.dollars, one.at.isoformat(timespec="minutes"), one.ref, one.memo)
            )

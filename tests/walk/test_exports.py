"""Every file that a page hands out: no cell is a formula for the program that opens it, wherever it is split."""

import csv
import io
from collections.abc import Mapping
from http import HTTPStatus

import pytest
from django.db import transaction
from django.test import Client as Browser

from ostatok.intake.models import ImportRefusal
from ostatok.parties.models import Client
from tests.walk import codes, routes
from tests.walk.asking import ask
from tests.walk.estate import NORTH, Estate

pytestmark = pytest.mark.django_db
FORMULAS = (
    "=1+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "+1+cmd",
    "-2+3+cmd",
    "\t=1+1",
    "x;=1+cmd|' /C calc'!A0;y",
    "x,@SUM(1)",
)
EXPORTS = sorted(name for name in codes.NO_PAGES if "export" in name or name.endswith("refused"))


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("name", EXPORTS)
def test_no_cell_is_a_formula(name: str, formula: str, place: Estate, browsers: Mapping[str, Browser]) -> None:
    with transaction.atomic():
        Client.objects.update(name=formula, phone=formula[:32], tax_id=formula[:32])
        ImportRefusal.objects.update(values=[formula], message=formula, text=formula)
        answer = ask(browsers["owner"], "GET", routes.every()[name].path(codes.values(name, place, NORTH)))
        transaction.set_rollback(True)

    assert (answer.status, answer.type) == (HTTPStatus.OK, "text/csv")
    text = answer.text.lstrip("\ufeff")
    assert text.count(",") + text.count(";") > 1
    for separator in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "@", "+", "\t", "\r")) or cell == formula] == []

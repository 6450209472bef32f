"""Accounts: found, opened, limited, closed."""

from typing import Any

import pytest
from django.test import Client as Browser

from ostatok.ledger.models import Account, Balance
from ostatok.notices.models import Notice
from tests.console.reading import at, said, seen
from tests.faces import MARKER, World


def test_accounts_are_found_by_a_part_of_the_number_with_what_is_left(clerk: Browser) -> None:
    page = seen(clerk, at("accounts"), text="10000")
    assert "100001" in page
    assert "АД 15 min low" in page
    assert MARKER not in page
    assert "No account fits" in seen(clerk, at("accounts"), text="20000")


def test_an_account_is_opened_with_its_services(clerk: Browser, world: World) -> None:
    client = world.clients["quiet"]
    services = list(world.accounts["100001"].balances.values_list("service", flat=True))[:2]
    form = {"number": "100777", "services": services, "billing": "prepaid", "address": "Невский, 1"}
    assert "Account 100777 is open." in said(clerk.post(at("new_account", client.pk), form, follow=True))
    account = Account.objects.get(number="100777")
    assert (account.client, account.balances.count()) == (client, 2)


def test_a_number_that_is_taken_is_refused(clerk: Browser, world: World) -> None:
    form = {"number": "100001", "billing": "prepaid"}
    page = said(clerk.post(at("new_account", world.clients["quiet"].pk), form))
    assert "There is an account of this number already." in page


def _limits(balance: Balance, **limits: str) -> dict[str, Any]:
    others = balance.account.balances.exclude(pk=balance.pk).values_list("pk", flat=True)
    empty = {f"{name}_{pk}": "" for pk in others for name in ("credit_limit", "held", "package")}
    return {**empty, **{f"{name}_{balance.pk}": limits.get(name, "") for name in ("credit_limit", "held", "package")}}


def test_a_hold_is_a_look_at_the_rules(clerk: Browser, world: World) -> None:
    balance = world.balance("100001", "ad")
    before = Notice.objects.count()
    form = _limits(balance, held="9", credit_limit="50,5")
    said(clerk.post(at("account_limits", balance.account_id), form, follow=True))
    balance.refresh_from_db()
    assert (balance.held, balance.credit_limit) == (9 * 60, 3030)
    assert Notice.objects.count() == before + 1


def test_a_limit_that_is_no_amount_is_refused_at_its_field(clerk: Browser, world: World) -> None:
    balance = world.balance("100001", "ad")
    page = said(clerk.post(at("account_limits", balance.account_id), _limits(balance, held="-1")))
    assert "Write an amount of 0 or more." in page


def test_closing_an_account_asks_first(clerk: Browser, world: World) -> None:
    account = world.accounts["100001"]
    page = at("account_status", account.pk, "closed")
    assert "Close account 100001?" in seen(clerk, page)
    clerk.post(page)
    account.refresh_from_db()
    assert account.status == Account.Status.CLOSED


def test_an_account_with_entries_stays(clerk: Browser, world: World) -> None:
    account = world.accounts["100001"]
    assert "it has entries" in said(clerk.post(at("delete_account", account.pk)))
    assert Account.objects.filter(pk=account.pk).exists()


@pytest.mark.parametrize("name", ["account", "edit_account", "account_limits", "delete_account"])
def test_outsiders_find_no_account_and_who_looks_changes_none(
    outsider: Browser, looker: Browser, world: World, name: str
) -> None:
    page = at(name, world.accounts["100001"].pk)
    assert outsider.get(page).status_code == 404
    assert outsider.post(page).status_code in (404, 405)
    assert looker.post(page).status_code in (403, 405)
    assert looker.get(at("account", world.accounts["100001"].pk)).status_code == 200

"""A text finds a thousand rows at most: pages and the API say so, and no file looks complete that is not."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ostatok.ledger.models import Account
from ostatok.parties.models import AuditRecord, Client
from tests.faces import World

pytestmark = pytest.mark.django_db

MANY = "Гаражный кооператив"
SAID = "The first 1000 found"


@pytest.fixture
def crowd(world: World) -> World:
    """A thousand clients and one, each with an account, called alike."""
    clients = Client.objects.bulk_create(
        Client(organization=world.north, code=f"g{n}", name=f"{MANY} № {n}") for n in range(1_001)
    )
    Account.objects.bulk_create(
        Account(organization=world.north, number=f"G{n:06}", client=client, address="Гаражная улица")
        for n, client in enumerate(clients)
    )
    return world


@pytest.mark.parametrize("name", ["clients", "accounts"])
def test_a_list_says_that_it_is_not_all_that_fits(crowd: World, clerk: Browser, name: str) -> None:
    url = reverse(f"console:{name}")
    assert SAID in clerk.get(url, {"text": "кооператив"}).content.decode()
    assert SAID in clerk.get(url, {"text": "гаражная"}).content.decode()
    assert SAID not in clerk.get(url, {"text": "кооператив 77"}).content.decode()
    assert SAID not in clerk.get(url).content.decode()


def test_a_file_of_a_search_that_is_cut_is_refused(crowd: World, clerk: Browser) -> None:
    url = reverse("console:export_clients")
    before = AuditRecord.objects.count()
    answer = clerk.get(url, {"text": "кооператив"}, follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("console:clients"))
    assert "More clients fit this text than a search tells" in answer.content.decode()
    assert AuditRecord.objects.count() == before
    whole = b"".join(clerk.get(url).streaming_content).decode()  # type: ignore[attr-defined]
    assert whole.count(MANY) == 1_001
    assert "CUT HERE" not in whole


def test_a_file_that_is_cut_says_so_in_its_last_line(
    crowd: World, clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostatok.web.taken_out.MOST", 1_000)
    answer = clerk.get(reverse("console:export_clients"))
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1 + 1_000 + 1
    assert lines[-1].startswith('"CUT HERE: the list has more than 1000 rows') or lines[-1].startswith("CUT HERE")

"""A template is tried on a real client: with its own figures, its own lowest balance, nothing that is not its own."""

import pytest

from ostatok.delivery import trying
from ostatok.ledger.models import Service
from ostatok.notices.rendering import MessageTemplate
from ostatok.parties.models import Client
from tests import faces

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> faces.World:
    return faces.build()


def tried(text: str, client: Client | None, kind: str = "balance_band", *, may_send_pin: bool = False) -> trying.Tried:
    template = MessageTemplate(language="ru", subject="x", text=text)
    return trying.render(template, kind, "email", client=client, may_send_pin=may_send_pin, now=faces.NOW)


def written(text: str, client: Client | None, kind: str = "balance_band") -> str:
    found = tried(text, client, kind)
    assert found.rendered, found.problems
    return found.rendered.text.strip()


def test_the_lowest_balance_of_the_client_is_shown(world: faces.World) -> None:
    text = "{{ client_name }}: {{ service_name }}, {{ left }}, {{ percent }}"
    assert written(text, world.clients["romashka"]) == "ООО «Ромашка и партнёры»: АД, 15 минут, 15\u00a0%".replace(
        "15 минут", "15\u00a0минут"
    )


def test_a_band_that_fits_the_balance_is_made_up(world: faces.World) -> None:
    assert written("{{ band_upper }}", world.clients["ric"]) == "5\u00a0%"


def test_a_threshold_that_was_just_passed_is_made_up(world: faces.World) -> None:
    assert "минут" in written("{{ threshold }}", world.clients["romashka"], "balance_below")


def test_what_the_organization_lacks_comes_from_above(world: faces.World) -> None:
    organization = world.clients["romashka"].organization
    organization.email = ""
    organization.save()
    client = Client.objects.select_related("organization").get(pk=world.clients["romashka"].pk)
    assert written("{{ organization_email }}", client) == "ops@energo.test"


def test_a_client_without_balances_is_tried_with_made_up_figures(world: faces.World) -> None:
    assert "Ромашка" in written("{{ client_name }}", None)
    assert "Ромашка" in written("{{ client_name }}", world.clients["quiet"])


def test_a_mistake_keeps_it_from_being_shown(world: faces.World) -> None:
    found = tried("{{ nonsense }}", world.clients["romashka"])
    assert found.rendered is None
    assert [problem.part for problem in found.errors] == ["text"]


def test_the_pin_is_masked_even_where_it_may_be_sent(world: faces.World) -> None:
    found = tried("{{ pin }}", None, may_send_pin=True)
    assert found.rendered
    assert "2468" not in found.rendered.text


def test_the_rule_that_speaks_to_the_client_gives_its_words(world: faces.World) -> None:
    text = "{{ rule_name }}: {{ band_upper }}, {{ next_percent }}"
    assert written(text, world.clients["romashka"]).replace("\u00a0", " ") == "Остаток минут: 20 %, 10 %"


def test_the_last_entries_are_the_clients_own(world: faces.World) -> None:
    shown = written("{% for e in last_entries %}{{ e.kind }} {{ e.amount }}\n{% endfor %}", world.clients["romashka"])
    assert [line.replace("\u00a0", " ") for line in shown.splitlines()] == [
        "списание \N{MINUS SIGN}45 минут",
        "списание \N{MINUS SIGN}40 минут",
        "пополнение 100 минут",
    ]


def test_where_to_top_up_is_what_the_service_says_before_what_its_organization_does(world: faces.World) -> None:
    client = world.clients["romashka"]
    client.organization.top_up_url = "https://pay.organization.test/"
    client.organization.save()
    assert written("{{ top_up_url }}", client) == "https://pay.organization.test/"
    Service.objects.filter(code="ad", organization=client.organization).update(top_up_url="https://pay.service.test/")
    assert written("{{ top_up_url }}", client) == "https://pay.service.test/"

"""Templates: whose wording is in force, tried before it is saved, sent to oneself, put back."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ostatok.delivery.channels.email.sink import Sink
from ostatok.delivery.models import Delivery
from ostatok.notices.models import Template
from ostatok.parties.access import Role
from tests import faces
from tests.delivery.conftest import sink as sink  # noqa: PLC0414 (a fixture)

pytestmark = pytest.mark.django_db

WORDING = {
    "subject": "Осталось {{ left }}",
    "text": "{{ client_name }}, {{ left }}",
    "html": "<p>{{ client_name }}</p>",
}


@pytest.fixture
def browser(world: faces.World) -> Browser:
    return world.member(Role.SERVICE_ADMINISTRATOR)


def url(world: faces.World, name: str = "template", *args: Any, at: str = "north") -> str:
    place = [world.organizations[at].pk, "balance_band", "email", "ru"]
    return reverse(f"console:{name}", args=[*place, *args])


def save(browser: Browser, world: faces.World, **fields: str) -> Any:
    return browser.post(url(world), {**WORDING, **fields})


def read(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_template_is_saved_as_a_new_version(browser: Browser, world: faces.World) -> None:
    assert "own wording; saving makes an own one" in read(browser, url(world))
    save(browser, world)
    save(browser, world, subject="Мало")
    assert list(Template.objects.values_list("version", "subject")) == [(1, "Осталось {{ left }}"), (2, "Мало")]
    assert "Own wording, version 2" in read(browser, url(world))
    assert "own wording" in read(browser, reverse("console:templates") + f"?organization={world.north.pk}")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{ nonsense }}", "there is no variable"),
        ("{% for i in (1..9) %}{% endfor %}", "ranges"),
        ("a\n{% include 'x' %}", "line 2: the tag"),
        ("{{ left", "not closed"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_saved(
    browser: Browser, world: faces.World, written: str, said: str
) -> None:
    response = save(browser, world, text=written)
    assert said in " ".join(response.context["form"].errors["text"])
    assert not Template.objects.exists()


def test_a_wording_is_tried_on_a_chosen_client_and_not_saved(browser: Browser, world: faces.World) -> None:
    text = browser.post(url(world, "try_template"), {**WORDING, "client": "ТСЖ"}).content.decode()
    assert "ТСЖ «Академическая, 14, корпус 2»" in text
    assert "−9" in text
    assert not Template.objects.exists()


def test_a_wording_is_never_tried_on_a_siblings_client(browser: Browser, world: faces.World) -> None:
    text = browser.post(url(world, "try_template"), {**WORDING, "client": faces.MARKER}).content.decode()
    assert faces.MARKER not in text
    assert "With made-up figures" in text


def test_the_letter_stands_in_a_frame_that_can_do_nothing(browser: Browser, world: faces.World) -> None:
    response = browser.post(url(world, "try_letter"), {**WORDING, "html": "<script>alert(1)</script>{{ left }}"})
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_huge_output_is_cut_with_a_clear_error(browser: Browser, world: faces.World) -> None:
    loops = "{% for a in last_entries %}" * 6 + "{{ client_name }}" + "{% endfor %}" * 6
    text = browser.post(url(world, "try_template"), {**WORDING, "text": loops}).content.decode()
    assert "steps" in text
    assert "cannot be saved" in text


def test_a_test_goes_to_ones_own_address_and_is_no_notice(
    browser: Browser, world: faces.World, sink: Sink, settings: Any
) -> None:
    settings.OSTATOK_EMAIL_URL = f"smtp://127.0.0.1:{sink.port}?timeout=5"
    before = Delivery.objects.count()
    response = browser.post(url(world, "send_template"), {**WORDING, "client": "romashka"})
    assert response.status_code == 200
    assert 'name="client" value="romashka"' in response.content.decode()
    [mail] = sink.mails
    assert mail.recipient == "service_administrator@north.test"
    assert b"test" in mail.content
    assert Delivery.objects.count() == before
    assert not Template.objects.exists()


def test_what_it_can_say_is_told_in_the_readers_words_with_examples_in_the_templates_language(
    browser: Browser, world: faces.World
) -> None:
    browser.cookies["django_language"] = "pl"
    page = read(browser, url(world))
    assert "Górna granica przedziału, w który weszło saldo" in page
    assert "<td>15 минут</td>" in page
    assert "nil, jeśli niemało, inaczej <code>low</code>, <code>lower</code>, <code>crit</code>" in page
    assert "15 minutes" not in page


def test_an_old_version_is_compared_and_put_in_force_again(browser: Browser, world: faces.World) -> None:
    save(browser, world)
    save(browser, world, subject="Мало")
    address = url(world, "template_version", 1)
    text = read(browser, address)
    assert "<del>− Осталось {{ left }}</del>" in text
    assert "<ins>+ Мало</ins>" in text
    browser.post(address)
    assert Template.objects.latest("version").subject == "Осталось {{ left }}"


def test_an_own_wording_is_taken_back(browser: Browser, world: faces.World) -> None:
    save(browser, world)
    browser.post(url(world, "reset_template"))
    assert Template.objects.latest("version").deleted
    assert "own wording; saving makes" in read(browser, url(world))


def test_what_is_not_written_comes_from_above(world: faces.World) -> None:
    above = world.member(Role.OWNER, "energo")
    above.post(url(world, at="energo"), WORDING)
    text = read(world.member(Role.LOOK), url(world))
    assert "The wording of the organization above" in text
    assert "Осталось {{ left }}" in text


PAGES = ("template", "reset_template")
TRIALS = ("try_template", "try_letter", "send_template")


@pytest.mark.parametrize("name", PAGES + TRIALS)
def test_a_template_of_a_sibling_is_not_there(world: faces.World, name: str) -> None:
    stranger = world.member(Role.SERVICE_ADMINISTRATOR, "south")
    assert stranger.post(url(world, name), WORDING).status_code == 404
    assert Browser().post(url(world, name), WORDING).status_code == 302
    assert not Template.objects.exists()


@pytest.mark.parametrize("role", [Role.LOOK, Role.CLERK, Role.AUDITOR])
def test_who_may_not_change_templates_may_read_and_try_them(world: faces.World, role: Role) -> None:
    browser = world.member(role)
    assert browser.get(url(world)).status_code == 200
    assert browser.post(url(world, "try_template"), WORDING).status_code == 200
    for name in ("template", "send_template", "reset_template"):
        assert browser.post(url(world, name), WORDING).status_code == 403
    assert not Template.objects.exists()


def test_nonsense_in_the_address_is_not_there(browser: Browser, world: faces.World) -> None:
    for wrong in ("nonsense/email/ru", "balance_band/pigeon/ru", "balance_band/email/xx"):
        assert browser.get(f"/console/templates/{world.north.pk}/{wrong}/").status_code == 404

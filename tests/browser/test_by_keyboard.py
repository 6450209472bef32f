"""What keys do where a browser would do something else by itself."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect

from ostatok import pipeline
from ostatok.parties.access import Role
from ostatok.rules.models import Rule
from tests.browser.conftest import Opener
from tests.browser.window import Window
from tests.cli.serving import Served
from tests.faces import World

pytestmark = pytest.mark.django_db
NEW_RULE = "/console/rules/new/?kind=balance_below"


@pytest.fixture
def window(look: Opener, site: Served, world: World) -> Window:
    """The owner's window."""
    return look(site, user=world.staff["north", Role.OWNER])


def test_enter_in_the_list_of_services_picks_and_never_saves(window: Window) -> None:
    rules = Rule.objects.count()
    window.go(NEW_RULE)
    window.page.get_by_label("Name", exact=True).fill("Мало минут")
    window.page.get_by_label("Threshold", exact=True).fill("5")
    services = picker(window)
    services.focus()

    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("Enter")
    picked(window, "АД")
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("Enter")
    picked(window, "АД", "АППС")
    window.page.keyboard.press("Enter")
    picked(window, "АД")

    window.page.keyboard.press("Escape")
    expect(services).to_be_focused()
    expect(services).to_have_attribute("aria-expanded", "false")
    window.page.keyboard.press("Enter")
    expect(window.page).to_have_url(f"{origin(window)}{NEW_RULE}")
    assert Rule.objects.count() == rules


def test_what_is_picked_by_a_search_is_counted_at_once(window: Window) -> None:
    window.go(NEW_RULE)
    window.page.get_by_label("Name", exact=True).fill("Мало минут")
    window.page.get_by_label("Threshold", exact=True).fill("5")
    window.page.get_by_label("Unit", exact=True).select_option("KZT")
    expect(window.page.locator("#saving")).to_contain_text("It speaks to 4 balances")
    picker(window).fill("апп")

    window.page.keyboard.press("Enter")

    picked(window, "АППС")
    expect(window.page.locator("#saving")).to_contain_text("Nobody joins anew")


def test_a_call_is_noted_in_the_list_without_losing_the_place(window: Window) -> None:
    pipeline.refresh_outlook(now=datetime.now(UTC))
    window.go("/console/run-out/")
    row = window.page.get_by_role("row").filter(has_text="Академическая")
    opener = row.get_by_role("link", name="Note")
    opener.focus()
    window.page.keyboard.press("Enter")
    outcome = row.get_by_label("What came of it")
    expect(outcome).to_be_focused()
    window.page.keyboard.press("Escape")
    expect(row.get_by_role("link", name="Note a call")).to_be_focused()

    opener.press("Enter")
    expect(outcome).to_be_focused()
    row.get_by_role("link", name="Cancel").press("Enter")
    expect(opener).to_be_focused()

    opener.press("Enter")
    row.get_by_label("In a few words").fill("busy")
    row.get_by_role("button", name="Save").press("Enter")
    expect(row.get_by_role("link", name="Note again")).to_be_focused()
    expect(row).to_contain_text("called: busy")


def test_another_language_keeps_the_focus_on_its_button(window: Window) -> None:
    window.go("/console/services/")
    switch = window.page.get_by_role("group", name="Language")
    expect(switch.get_by_role("button", name="English", pressed=True)).to_be_visible()

    switch.get_by_role("button", name="Polski").press("Enter")

    chosen = window.page.locator("[data-language-form] [lang=pl]")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(chosen).to_be_focused()
    expect(window.page).to_have_url(f"{origin(window)}/console/services/")


def picker(window: Window) -> Locator:
    return window.page.get_by_role("combobox", name="Services")


def picked(window: Window, *names: str) -> None:
    """These are picked, in this order; each chip ends with the button that takes it off."""
    chips = window.page.locator("fieldset#id_service .chip")
    expect(chips).to_have_text([f"{name}×" for name in names])


def origin(window: Window) -> str:
    return str(window.page.evaluate("location.origin"))

"""What keys do where a browser would do something else by itself."""

import pytest
from playwright.sync_api import Locator, expect

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


def picker(window: Window) -> Locator:
    return window.page.get_by_role("combobox", name="Services")


def picked(window: Window, *names: str) -> None:
    """These are picked, in this order; each chip ends with the button that takes it off."""
    chips = window.page.locator("fieldset#id_service .chip")
    expect(chips).to_have_text([f"{name}×" for name in names])


def origin(window: Window) -> str:
    return str(window.page.evaluate("location.origin"))

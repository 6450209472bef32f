"""Every page, with something on it and without: axe-core finds nothing, light or dark, and a phone is wide enough.

Whatever the browser itself finds amiss (an error, a breach of the policy, a request to elsewhere) fails the test too:
see the fixture `look`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import RequestFactory
from playwright.sync_api import Route

from ostatok.ledger.models import Account
from ostatok.parties.access import Role
from ostatok.parties.models import Client, ClientUser, User
from ostatok.web import errors
from tests import faces
from tests.browser import axe
from tests.browser.conftest import Opener, empty
from tests.browser.window import DESK, HEIGHT, PHONE, Window
from tests.cli.serving import Served
from tests.walk import codes, estate, routes
from tests.walk.estate import NORTH, Estate

pytestmark = pytest.mark.django_db
ROUTES = routes.every()
#: Pages by who may see them, the one who sees most first.
SEEN = {
    name: next(face for face in ("owner", "customer", "nobody") if row[face] == 200)
    for (method, name), row in codes.rows().items()
    if method == "GET" and name not in codes.NO_PAGES and 200 in (row["owner"], row["customer"], row["nobody"])
}
LISTS = [name for name in SEEN if name.startswith("console:") and not ROUTES[name].arguments]
#: Pages about a client of whom nothing is known yet, and an account that nothing was posted to.
BARE = ["client", "client_why", "client_access", "account", "post_entry"]
CABINET = [name for name in SEEN if name.startswith("cabinet:")]


@pytest.fixture(scope="module")
def shared(tables: str) -> Iterator[None]:
    """Tables that are empty again when the tests of this module are over."""
    yield
    empty()


@pytest.fixture(scope="module")
def place(shared: None) -> Estate:
    """The world with one of everything."""
    return estate.furnish(faces.build())


@pytest.fixture(scope="module")
def beginner(shared: None) -> User:
    """The owner of an organization that has nothing yet."""
    faces.describe(
        {
            "organizations": [{"code": "new", "name": "ООО «Начало»", "language": "en"}],
            "users": [{"email": "owner@new.test", "roles": [{"organization": "new", "role": "owner"}]}],
        }
    )
    user = User.objects.get(email="owner@new.test")
    faces.totp(user)
    return user


@dataclass(frozen=True, kw_only=True)
class Bare:
    """A client without an account and its customer, and an account without an entry."""

    customer: User
    newcomer: User
    client: Client
    account: Account


@pytest.fixture(scope="module")
def bare(beginner: User) -> Bare:
    """What a beginner has entered first, in an organization of its own so that the lists of the other stay empty."""
    here = {"organization": "bare"}
    faces.describe(
        {
            "organizations": [{"code": "bare", "name": "ООО «Пустота»", "language": "en"}],
            "users": [{"email": "owner@bare.test", "roles": [{"organization": "bare", "role": "owner"}]}],
            "services": [{**here, "code": "ad", "name": "АД", "unit": "min"}],
            "clients": [{**here, "code": code, "name": f"Клиент {code}"} for code in ("none", "one")],
            "accounts": [{**here, "number": "1", "client": "one", "services": ["ad"]}],
        }
    )
    newcomer = User.objects.get(email="owner@bare.test")
    faces.totp(newcomer)
    customer = User.objects.create_user("nobody@bare.test", faces.PASSWORD, name="Никто", language="en")
    client = Client.objects.get(organization__code="bare", code="none")
    ClientUser.objects.create(user=customer, client=client)
    return Bare(
        customer=customer,
        newcomer=newcomer,
        client=client,
        account=Account.objects.get(organization__code="bare"),
    )


@pytest.mark.parametrize("name", SEEN)
def test_a_page_is_sound(name: str, sit: Opener, site: Served, place: Estate) -> None:
    window = sit(site, user=person(SEEN[name], place))

    assert window.go(ROUTES[name].path(codes.values(name, place, NORTH))) == 200
    assert faults(window) == []


@pytest.mark.parametrize("name", LISTS)
def test_a_page_without_anything_on_it_is_sound(name: str, sit: Opener, site: Served, beginner: User) -> None:
    window = sit(site, user=beginner)

    assert window.go(ROUTES[name].path({})) == 200
    assert faults(window) == []


@pytest.mark.parametrize("name", LISTS)
def test_a_page_fits_a_phone_in_a_language_of_longer_words(name: str, sit: Opener, site: Served, place: Estate) -> None:
    window = sit(site, user=person("owner", place))
    window.speak("ru")
    window.page.set_viewport_size({"width": PHONE, "height": HEIGHT})

    assert window.go(ROUTES[name].path({})) == 200
    assert window.page.locator("html").get_attribute("lang") == "ru"
    assert window.too_wide() == []


@pytest.mark.parametrize("name", BARE)
def test_a_page_about_what_has_nothing_yet_is_sound(name: str, sit: Opener, site: Served, bare: Bare) -> None:
    window = sit(site, user=bare.newcomer)
    about = bare.account if name == "account" else bare.client

    assert window.go(ROUTES[f"console:{name}"].path({"pk": about.pk})) == 200
    assert faults(window) == []


@pytest.mark.parametrize("name", [name for name in CABINET if not ROUTES[name].arguments])
def test_a_cabinet_without_anything_in_it_is_sound(name: str, sit: Opener, site: Served, bare: Bare) -> None:
    window = sit(site, user=bare.customer)

    assert window.go(ROUTES[name].path({})) == 200
    assert faults(window) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [("/console/nowhere/", 404), ("/console/organizations/new/", 403), ("/cabinet/", 404), ("/broken/", 500)],
)
def test_a_page_that_says_what_is_wrong_is_sound(
    path: str, status: int, look: Opener, site: Served, place: Estate
) -> None:
    window = look(site, user=person("owner", place))
    window.page.route("**/broken/", _break)

    assert window.go(path) == status
    assert faults(window) == []
    assert all("status of" in complaint for complaint in window.complaints)
    window.complaints.clear()


def test_a_guest_of_the_cabinet_finds_no_console(look: Opener, site: Served, place: Estate) -> None:
    window = look(site, user=place.world.customer)

    assert window.go("/console/") == 404
    assert faults(window) == []
    window.complaints.clear()


def faults(window: Window) -> list[str]:
    """What is wrong with the page in a window, at a desk and on a phone."""
    found = axe.in_both_themes(window)
    window.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    found += [f"on a phone: {each}" for each in axe.violations(window, *axe.SIZES)]
    found += [f"too wide for a phone: {each}" for each in window.too_wide()]
    window.page.set_viewport_size({"width": DESK, "height": HEIGHT})
    return found + [f"too wide: {each}" for each in window.too_wide()]


def person(face: str, place: Estate) -> User | None:
    if face == "customer":
        return place.world.customer
    return place.world.staff[NORTH, Role.OWNER] if face == "owner" else None


def _break(route: Route) -> None:
    """Answer with the page that is shown when something broke."""
    answer = errors.broken(RequestFactory().get("/broken/"))
    route.fulfill(status=answer.status_code, content_type="text/html", body=answer.content)

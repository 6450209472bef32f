"""What an operator does on a morning, and what the client sees of it: at a desk, on a phone, by keyboard alone."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from ostatok.delivery.channels.email.sink import Sink
from ostatok.ledger.models import EntryKind
from ostatok.parties.access import Role
from ostatok.parties.models import User
from tests import faces
from tests.browser import axe
from tests.browser.conftest import Opener
from tests.browser.hands import Hand, Keys, Mouse
from tests.browser.window import DESK, PHONE, Window
from tests.cli.serving import Served
from tests.faces import NOW, PASSWORD, World
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db
ROMASHKA = "ООО «Ромашка и партнёры»"

#: Two good rows, and three that are not: an unknown account, no amount, a day that is none.
ROWS = f"""account,service,kind,amount,occurred_at,ref
100001,appps,charge,10,{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M:%S}Z,r1
999999,ad,charge,5,{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M:%S}Z,r2
100002,appps,charge,none,{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M:%S}Z,r3
100003,ad,charge,5,the day before,r4
100002,appps,top_up,600,{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}Z,r5
"""


@pytest.fixture
def own_world(own_world: World) -> World:
    """A world in which a notice of romashka's was raised and taken back before it could be sent."""
    day = timedelta(days=1)
    account = "100001"
    faces.post(
        own_world.north,
        (account, "appps", EntryKind.CHARGE, "1500", day),
        (account, "appps", EntryKind.TOP_UP, "2000", day / 2),
    )
    return own_world


@pytest.mark.parametrize(
    ("width", "hand"),
    [(DESK, Mouse()), (PHONE, Mouse()), (DESK, Keys())],
    ids=["at a desk", "on a phone", "by keyboard alone"],
)
def test_an_operator_finds_imports_switches_and_reads_and_the_client_sees_it(
    width: int, hand: Hand, look: Opener, whole_site: Served, own_world: World, sink: Sink, tmp_path: Path
) -> None:
    journey = Journey(look(whole_site, width=width), hand)
    operator = own_world.staff["north", Role.SERVICE_ADMINISTRATOR]

    journey.sign_in(operator, code=secret_of(operator))
    journey.find("ромашк", ROMASHKA)
    journey.read_why()
    journey.import_file(file_of(tmp_path, ROWS))
    sent = len(sink.mails)
    journey.switch_on("Мало денег", told=ROMASHKA)
    sink.wait_for(sent + 2)
    journey.read_mail(ROMASHKA)

    guest = Journey(look(whole_site, width=width), hand)
    guest.sign_in(customer_of(own_world))
    guest.see_panel()


class Journey:
    """The steps, each from where the one before ended; every page on the way is looked over."""

    def __init__(self, window: Window, hand: Hand) -> None:
        self.window, self.page, self.hand = window, window.page, hand

    def sign_in(self, user: User, code: Callable[[], str] | None = None) -> None:
        self.window.go("/")
        self.hand.write(self.page.get_by_label("E-mail"), user.email)
        self.hand.write(self.page.get_by_label("Password"), PASSWORD)
        self.look_over()
        self.hand.press(self.page.get_by_role("button", name="Sign in", exact=True))
        if code:
            self.headed("And the second factor")
            self.look_over()
            self.hand.write(self.page.get_by_label("Code"), code())
            self.hand.press(self.page.get_by_role("button", name="Sign in", exact=True))
        expect(self.page).to_have_url(re.compile(r"/(console|cabinet)/$"))
        self.look_over()

    def find(self, part: str, name: str) -> None:
        self.section("Clients")
        self.hand.write(self.page.get_by_role("searchbox"), part)
        expect(self.page.get_by_role("row")).to_have_count(2)
        self.look_over()
        self.hand.press(self.page.get_by_role("link", name=name))
        self.headed(name)

    def read_why(self) -> None:
        """A letter about the one service was sent; the other's was not, because money came first."""
        self.hand.press(self.page.get_by_role("link", name="Why told, why not"))
        expect(self.page.get_by_text("sent, ").first).to_be_visible()
        expect(self.page.get_by_text("not sent: topped up").first).to_be_visible()
        self.look_over()

    def import_file(self, file: Path) -> None:
        self.section("Imports")
        self.look_over()
        self.hand.press(self.page.get_by_role("link", name="Import a file").first)
        self.hand.attach(self.page.get_by_label("CSV file"), file)
        self.look_over()
        self.hand.press(self.page.get_by_role("button", name="Import", exact=True))
        self.headed("march.csv: 3 rows refused")
        for line in ("3", "4", "5"):
            heading = self.page.get_by_role("rowheader", name=re.compile(rf"^(Line )?{line}$"))  # named on a phone
            expect(heading).to_be_visible()
        self.look_over()

    def switch_on(self, rule: str, told: str) -> None:
        self.section("Rules")
        self.look_over()
        self.hand.press(self.page.get_by_role("link", name=f"Who gets it: {rule}"))
        expect(self.page.get_by_role("link", name=told)).to_be_visible()
        self.look_over()
        self.hand.press(self.page.get_by_role("main").get_by_role("link", name=rule).last)
        self.hand.tick(self.page.get_by_role("checkbox", name="Notify them now"))
        self.look_over()
        self.hand.press(self.page.get_by_role("button", name="Switch on", exact=True))
        expect(self.page.get_by_text("On", exact=True).first).to_be_visible()

    def read_mail(self, about: str) -> None:
        self.section("Delivery log")
        self.look_over()
        row = self.page.get_by_role("row").filter(has_text="Мало денег").filter(has_text="romashka@north.test")
        self.hand.press(row.get_by_role("link").first)
        expect(self.page.frame_locator("iframe").get_by_text(about).first).to_be_visible()
        self.look_over()

    def see_panel(self) -> None:
        expect(self.page.get_by_text("7812345678")).to_be_visible()
        for service, left in (("АД", "15 мин"), ("АППС", "2 190 мин"), ("Интернет", "400,00 ₸")):
            panel = self.page.get_by_role("region", name=service, exact=True)
            expect(panel).to_contain_text(re.compile(left.replace(" ", r"\s")))

    def section(self, name: str) -> None:
        """Go to a section of the navigation, which a phone has behind a button."""
        link = self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True)
        if not link.is_visible():
            self.hand.press(self.page.get_by_role("button", name="Menu"))
        self.hand.press(link)
        self.headed(name)

    def headed(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=words)).to_be_visible(timeout=30_000)

    def look_over(self) -> None:
        """Nothing is amiss for axe-core, and nothing reaches beyond the window."""
        assert axe.violations(self.window) == []
        assert self.window.too_wide() == []


def file_of(directory: Path, rows: str) -> Path:
    path = directory / "march.csv"
    path.write_text(rows, encoding="utf-8")
    return path


def secret_of(user: User) -> Callable[[], str]:
    """Give the user a password and an app with codes; return what the app shows."""
    user.authenticator_set.all().delete()  # type: ignore[attr-defined]  # allauth's rows about this user
    secret = people.app_of(user)
    _give_password(user)
    return lambda: people.code(secret)


def customer_of(world: World) -> User:
    _give_password(world.customer)
    return world.customer


def _give_password(user: User) -> None:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

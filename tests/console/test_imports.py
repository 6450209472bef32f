"""Files handed over: taken in or refused at once, followed, their refused rows handed back without formulas."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from ostatok.cli.worker import POSTING
from ostatok.intake import uploads
from ostatok.intake.models import Import
from ostatok.ledger.models import Entry
from ostatok.parties.access import Role
from ostatok.parties.models import User
from tests import faces

pytestmark = pytest.mark.django_db

HEAD = "account,service,kind,amount,occurred_at,ref,memo\n"
GOOD = "100001,ad,charge,0.5,2026-01-05,r1,\n"
BAD = '999999,ad,charge,1,2026-01-05,r2,"=HYPERLINK(""http://x"")"\n100001,ad,charge,-2,2026-01-05,r3,\n100001,ad\n'


@pytest.fixture
def browser(world: faces.World) -> Browser:
    return world.member(Role.CLERK)


def upload(browser: Browser, world: faces.World, content: str | bytes = HEAD + GOOD + BAD, **fields: Any) -> Any:
    raw = content if isinstance(content, bytes) else content.encode()
    form = {"organization": world.north.pk, "kind": "entries", "encoding": "utf-8", **fields}
    return browser.post(reverse("console:upload"), {**form, "file": SimpleUploadedFile("march.csv", raw)})


def posted(one: Import) -> Import:
    uploads.run(one.pk, POSTING, clock=lambda: faces.NOW, stopping=lambda: False)
    one.refresh_from_db()
    return one


def body(response: Any) -> str:
    return (b"".join(response) if response.streaming else response.content).decode()


def page(browser: Browser, name: str, *args: Any) -> str:
    response = browser.get(reverse(f"console:{name}", args=args))
    assert response.status_code == 200
    return body(response)


def test_a_file_is_handed_over_followed_and_its_result_read_row_by_row(browser: Browser, world: faces.World) -> None:
    response = upload(browser, world)
    one = Import.objects.get()
    assert response["Location"] == reverse("console:import", args=[one.pk])
    assert 'hx-trigger="every 2s"' in page(browser, "import", one.pk)
    posted(one)
    text = page(browser, "import", one.pk)
    assert "march.csv: 3 rows refused" in text
    assert "there is no account" in text
    assert "hx-trigger=" not in page(browser, "import_progress", one.pk)
    assert browser.get(reverse("console:import_progress", args=[one.pk]))["HX-Refresh"] == "true"
    assert "march.csv" in page(browser, "imports")


def test_a_refused_row_stands_under_the_names_of_its_columns(browser: Browser, world: faces.World) -> None:
    upload(browser, world)
    text = page(browser, "import", posted(Import.objects.get()).pk)
    assert '<th scope="col"><code>account</code></th>' in text
    assert '<td data-label="account"><span class="nowrap">999999</span></td>' in text
    assert "<code>reverses</code>" not in text
    assert "<code>100001,ad</code>" in text


def test_a_file_that_is_imported_again_brings_nothing_new(browser: Browser, world: faces.World) -> None:
    for _ in range(2):
        upload(browser, world, HEAD + GOOD)
        one = posted(Import.objects.latest("pk"))
    text = page(browser, "import", one.pk)
    assert "march.csv: nothing new, all rows were there already" in text
    assert "nothing changed" in text
    assert "all rows are in" not in text
    assert "nothing new" in page(browser, "imports")


def test_a_file_of_which_every_row_was_refused_says_so(browser: Browser, world: faces.World) -> None:
    upload(browser, world, HEAD + BAD)
    text = page(browser, "import", posted(Import.objects.get()).pk)
    assert "march.csv: every row refused" in text
    assert "some rows refused" not in text


def test_a_file_without_rows_says_so(browser: Browser, world: faces.World) -> None:
    upload(browser, world, HEAD)
    assert "march.csv: no rows in it" in page(browser, "import", posted(Import.objects.get()).pk)


def test_notices_that_an_import_led_to_are_a_step_away(browser: Browser, world: faces.World) -> None:
    upload(browser, world, HEAD + "100001,ad,charge,11,2026-01-05,r9,\n")
    one = posted(Import.objects.get())
    assert one.notices
    assert f"{reverse('console:deliveries')}?organization={world.north.pk}&amp;since=" in page(
        browser, "import", one.pk
    )


def test_refused_rows_are_downloaded_without_formulas_and_can_be_imported_as_they_are(
    browser: Browser, world: faces.World
) -> None:
    upload(browser, world)
    one = posted(Import.objects.get())
    text = page(browser, "import_refused", one.pk)
    assert "'=HYPERLINK" in text
    assert ",-2," in text
    assert "unknown_account" in text
    again = upload(browser, world, text.replace("999999", "100001").replace(",-2,", ",2,"))
    assert again.status_code == 302
    assert posted(Import.objects.latest("pk")).posted == 2


@pytest.mark.parametrize("language", ["ru", "pl", "kk"])
def test_refused_rows_open_in_the_spreadsheet_of_their_reader_and_come_back(
    browser: Browser, world: faces.World, language: str
) -> None:
    browser.cookies["django_language"] = language
    head = HEAD.replace(",", ";")
    upload(
        browser, world, head + "999999;ad;charge;0,75;2026-01-05;r1;x,=1+1\n" + "100001;ad;charge;-9,5;2026-01-05;-7;\n"
    )
    text = page(browser, "import_refused", posted(Import.objects.get()).pk)
    assert "\r\n999999;ad;charge;0,75;2026-01-05;r1;x,'=1+1;" in text
    assert "\r\n100001;ad;charge;-9,5;2026-01-05;-7;;" in text
    upload(browser, world, text.replace("999999", "100001").replace(";-9,5;", ";9,5;"))
    assert posted(Import.objects.latest("pk")).posted == 2
    assert Entry.objects.get(ref="r1").amount == Decimal(-45)


def test_what_was_no_amount_does_not_become_one_where_the_reader_writes_amounts_so(
    browser: Browser, world: faces.World
) -> None:
    upload(browser, world, HEAD + '100001,ad,charge,"1,234",2026-01-05,r1,\n')
    browser.cookies["django_language"] = "ru"
    text = page(browser, "import_refused", posted(Import.objects.get()).pk)
    assert ";'1,234;" in text
    upload(browser, world, text)
    assert posted(Import.objects.latest("pk")).posted == 0


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", ["entries", "balances"])
def test_a_sample_in_the_readers_language_is_read_back(
    browser: Browser, world: faces.World, kind: str, language: str
) -> None:
    browser.cookies["django_language"] = language
    upload(browser, world, page(browser, "import_sample", kind), kind=kind)
    one = posted(Import.objects.get())
    assert (one.state, one.refused) == ("done", 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"PK\x03\x04", "save it as CSV"), (b"", "empty"), (b"a,b\n1,2\n", "must name the columns")],
)
def test_what_is_no_table_is_told_at_the_field(browser: Browser, world: faces.World, content: bytes, said: str) -> None:
    response = upload(browser, world, content)
    assert said in response.context["form"].errors["file"][0]
    assert not Import.objects.exists()


def test_a_file_that_is_too_large_is_told_at_the_field(
    browser: Browser, world: faces.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostatok.web.uploads.LIMIT", 100)
    response = upload(browser, world, HEAD + GOOD * 10)
    assert "larger than 64 MB" in response.context["form"].errors["file"][0]


def test_a_waiting_import_is_stopped(browser: Browser, world: faces.World) -> None:
    upload(browser, world)
    one = Import.objects.get()
    url = reverse("console:cancel_import", args=[one.pk])
    assert "What was posted stays" in browser.get(url).content.decode()
    browser.post(url)
    assert posted(one).state == "cancelled"


def test_a_sample_can_be_imported_as_it_is(browser: Browser, world: faces.World) -> None:
    for kind in ("entries", "balances"):
        sample = page(browser, "import_sample", kind)
        assert "100001,appps," in sample
        upload(browser, world, sample, kind=kind)
        one = posted(Import.objects.latest("pk"))
        assert (one.state, one.refused) == ("done", 0)
    assert browser.get("/console/imports/samples/secrets.csv").status_code == 404


def test_who_has_no_account_yet_gets_a_sample_all_the_same(world: faces.World) -> None:
    faces.describe(
        {
            "organizations": [{"code": "new", "name": "ООО «Начало»"}],
            "users": [{"email": "owner@new.test", "roles": [{"organization": "new", "role": "owner"}]}],
        }
    )
    owner = User.objects.get(email="owner@new.test")
    faces.totp(owner)
    beginner = faces.signed_in(owner)
    assert "100001,internet,top_up," in page(beginner, "import_sample", "entries")


def test_nothing_is_imported_into_a_sibling(browser: Browser, world: faces.World) -> None:
    response = upload(browser, world, organization=world.south.pk)
    assert "organization" in response.context["form"].errors
    assert faces.MARKER not in response.content.decode()
    assert not Import.objects.exists()


@pytest.mark.parametrize("name", ["import", "import_progress", "import_refused", "cancel_import"])
def test_an_import_of_a_sibling_is_not_there(browser: Browser, world: faces.World, name: str) -> None:
    upload(browser, world)
    url = reverse(f"console:{name}", args=[Import.objects.get().pk])
    assert world.outsider.get(url).status_code == 404
    assert world.outsider.post(url).status_code in (404, 405)
    assert browser.get(url).status_code == 200
    assert Browser().get(url).status_code == 302
    assert "march.csv" not in page(world.outsider, "imports")


@pytest.mark.parametrize("role", [Role.LOOK, Role.AUDITOR])
def test_who_may_not_post_may_not_import(world: faces.World, role: Role) -> None:
    browser = world.member(role)
    assert browser.get(reverse("console:upload")).status_code == 403
    assert upload(browser, world).status_code == 403
    assert browser.get(reverse("console:imports")).status_code == 200
    assert not Import.objects.exists()

"""The overview and the run-out list: who is called first, and what was not sent."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client as Browser

from ostatok import pipeline
from ostatok.delivery.models import Delivery, DeliveryState
from ostatok.ledger.models import BandCount, EntryKind, Feed, Outlook
from ostatok.parties.access import Role, System
from ostatok.parties.models import AuditRecord, CallNote, Client
from tests import faces
from tests.console.reading import at, said, seen
from tests.faces import MARKER, World


@pytest.fixture(autouse=True)
def foretold(world: World) -> None:
    """The worker has looked at the balances."""
    pipeline.refresh_outlook(now=datetime.now(UTC))


def test_the_overview_says_who_runs_out_and_how_balances_stand(clerk: Browser) -> None:
    text = seen(clerk, at("dashboard"))
    assert re.search(r"(Nobody|\d clients?) runs? out today", text)
    assert "ТСЖ «Академическая, 14, корпус 2»" in text
    assert "5 balances." in text
    assert MARKER not in text


def test_balances_that_were_used_up_long_ago_are_not_said_to_last(clerk: Browser) -> None:
    def whom() -> str:
        return seen(clerk, at("dashboard")).partition("Whom to call")[2].partition("All balances")[0]

    Outlook.objects.update(runs_out_at=None)
    BandCount.objects.filter(band="crit").delete()
    assert "Nobody runs out within a week" in whom()
    one = BandCount.objects.visible_to(System()).filter(organization__code="north").first()
    BandCount.objects.filter(pk=one and one.pk).update(band="crit", balances=170)
    assert "170 balances are almost gone or used up . Nobody else runs out within a week" in whom()
    assert 'href="/console/clients/?band=crit">170' in clerk.get(at("dashboard")).content.decode()


def test_the_overview_counts_what_was_not_sent_by_reason(clerk: Browser, world: World) -> None:
    ours = Delivery.objects.filter(organization=world.north).order_by("pk")
    Delivery.objects.filter(pk=ours[0].pk).update(state=DeliveryState.DEAD, reason="address_refused")
    text = seen(clerk, at("dashboard"))
    assert "Not sent today 1 1 needs mending" in text
    assert "Why not sent 1 delivery since midnight. the provider refused the address 1" in text
    link = re.search(r'href="([^"]+reason=address_refused)"', clerk.get(at("dashboard")).content.decode())
    assert link is not None
    assert "romashka@north.test" in seen(clerk, link[1].replace("&amp;", "&"))
    assert "Waiting to be sent" in text


def test_the_overview_says_when_data_last_came_and_warns_of_silence(clerk: Browser, world: World) -> None:
    assert re.search(
        r"Whether data comes .* ООО «Энергосбыт-Сервис Северо-Запад» (just now|\d+ \w+ ago)",
        seen(clerk, at("dashboard")),
    )
    Feed.objects.filter(organization=world.north).update(posted_at=datetime.now(UTC) - timedelta(days=2))
    text = seen(clerk, at("dashboard"))
    assert "no data for more than a day. The last came 2 days ago" in text
    assert MARKER not in text


def test_who_runs_out_first_stands_first_with_phone_and_forecast(clerk: Browser) -> None:
    text = seen(clerk, at("run_out"))
    first, second = text.index("Академическая"), text.index("Ромашка")
    assert first < second
    assert "used up already" in text
    assert "+7 921 000-00-01" in text
    assert MARKER not in text


def test_a_line_says_how_long_the_balance_beside_it_lasts(clerk: Browser, world: World) -> None:
    def line() -> str:
        lines = seen(clerk, at("run_out")).split("account ")
        return next(line for line in lines if line.startswith("100001 · АД")).partition(" Note a call")[0]

    assert "used up already" not in line()
    faces.post(world.north, ("100001", "ad", EntryKind.CHARGE, "15", timedelta(minutes=1)))
    assert re.search(r"АД .* 0 (min|sec) .* used up already", line())
    faces.post(world.north, ("100001", "ad", EntryKind.TOP_UP, "90000", timedelta(0)))
    assert re.search(r"АД .* 90,000 min", line())
    assert "used up already" not in line()


def test_a_call_is_noted_from_the_list_and_leaves_those_to_call(clerk: Browser, world: World) -> None:
    client = world.clients["romashka"]
    path = at("client_note", client.pk)
    assert "<form" in clerk.get(path, headers={"HX-Request": "true"}).content.decode()
    cell = clerk.post(path, {"kind": "called", "text": "оплатят завтра"}, headers={"HX-Request": "true"})
    assert "called: оплатят завтра" in said(cell)
    assert "<html" not in cell.content.decode()
    assert "called: оплатят завтра" in said(clerk.get(path, {"close": "1"}, headers={"HX-Request": "true"}))
    CallNote.objects.update(kind="promised", promised_until=faces.NOW.date() - timedelta(days=3))
    assert re.search(r"promised by \d+ \w+, overdue : оплатят завтра", seen(clerk, at("run_out")))
    assert "Ромашка" not in seen(clerk, at("run_out"), called="no")
    assert "Ромашка" in seen(clerk, at("run_out"))
    promise = {"kind": "promised", "promised_until": f"{faces.NOW + timedelta(days=1):%Y-%m-%d}"}
    answer = clerk.post(path + "?next=" + at("run_out"), promise)
    assert answer.headers["Location"] == at("run_out")
    assert "Академическая" not in seen(clerk, at("run_out"), called="promised")
    assert clerk.post(path + "?next=https://evil.test/", {"kind": "called"}).headers["Location"] == at(
        "client", client.pk
    )


def test_the_list_is_narrowed_by_service(clerk: Browser) -> None:
    assert "Ромашка" in seen(clerk, at("run_out"), service="ad")
    assert "Nobody fits" in seen(clerk, at("run_out"), service="internet")


def test_a_manager_sees_and_exports_her_own(clerk: Browser, outsider: Browser, world: World) -> None:
    assert "None of yours" in seen(clerk, at("run_out"), whose="mine")
    assert "Nobody fits" in seen(clerk, at("run_out"), whose="mine", service="internet")
    Client.objects.filter(code="romashka").update(manager=world.staff["north", Role.CLERK])
    text = seen(clerk, at("run_out"), whose="mine")
    assert "Ромашка" in text
    assert "Академическая" not in text
    exported = b"".join(clerk.get(at("export_run_out"), {"whose": "mine"}).streaming_content)  # type: ignore[attr-defined]
    assert "romashka" in exported.decode()
    assert "tszh" not in exported.decode()
    assert "Ромашка" not in seen(outsider, at("run_out"), whose="mine")


def test_the_list_is_exported_with_what_was_agreed_and_audited(clerk: Browser, looker: Browser, world: World) -> None:
    clerk.post(at("client_note", world.clients["romashka"].pk), {"kind": "called", "text": "=1+1"})
    text = b"".join(clerk.get(at("export_run_out")).streaming_content).decode()  # type: ignore[attr-defined]
    assert "romashka,ООО «Ромашка и партнёры»" in text
    assert "'=1+1" in text
    assert MARKER not in text
    assert AuditRecord.objects.filter(action="run_out.exported", organization=world.north).exists()
    assert looker.get(at("export_run_out")).status_code == 403


def test_the_file_says_what_came_of_the_last_call_and_whose_client_it_is(clerk: Browser, world: World) -> None:
    romashka, tszh = world.clients["romashka"], world.clients["tszh"]
    Client.objects.filter(pk=romashka.pk).update(manager=world.staff["north", Role.CLERK])
    Client.objects.filter(pk=tszh.pk).update(manager=world.staff["energo", Role.CLERK])
    clerk.post(at("client_note", romashka.pk), {"kind": "called", "text": "перезвонить"})
    promise = {"kind": "promised", "promised_until": "2030-01-31", "text": "после выставки"}
    clerk.post(at("client_note", romashka.pk), promise)
    clerk.post(at("client_note", tszh.pk), {"kind": "note", "text": "звонить утром"})
    text = b"".join(clerk.get(at("export_run_out")).streaming_content).decode()  # type: ignore[attr-defined]
    rows = {row["client"]: row for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}
    told = ("note_kind", "promised_until", "note", "manager")
    assert [rows["romashka"][name] for name in told] == [
        *("promised", "2030-01-31", "после выставки"),
        "clerk@north.test",
    ]
    # A note is no call, and a manager above the reader is not named.
    assert [rows["tszh"][name] for name in told] == ["note", "", "звонить утром", ""]
    assert datetime.fromisoformat(rows["tszh"]["noted_at"]).date() == faces.NOW.date()
    assert "called" not in rows["tszh"]


def test_who_may_only_look_notes_nothing(looker: Browser, outsider: Browser, world: World) -> None:
    path = at("client_note", world.clients["romashka"].pk)
    assert "Note a call" not in seen(looker, at("run_out"))
    assert looker.post(path, {"kind": "called"}).status_code == 403
    assert outsider.post(path, {"kind": "called"}).status_code == 404
    assert not CallNote.objects.exists()


def test_an_organization_without_balances_is_told_the_first_step(world: World) -> None:
    text = seen(world.member(Role.OWNER, "south"), at("dashboard"))
    assert "Whom to call" in text
    assert "Северо-Запад" not in text

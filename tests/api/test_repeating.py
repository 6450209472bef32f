"""A POST under an `Idempotency-Key` is done once, however often it is sent."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.http import HttpResponse

from ostatok.intake.models import Import
from ostatok.parties.access import Role
from ostatok.parties.models import ApiKey, CallNote, Invitation
from ostatok.web import jobs, repeats
from ostatok.web.models import KeptAnswer
from tests import faces
from tests.api.program import Program, problem, program, told
from tests.faces import World

pytestmark = pytest.mark.django_db

NOTE = {"kind": "promised", "text": "Оплатят в понедельник"}
NOTES = "clients/romashka/notes"
KEY = {"name": "reports", "permissions": ["see"], "expires_at": (faces.NOW + timedelta(days=90)).isoformat()}
CSV = "account,service,kind,amount,occurred_at,ref\n100001,ad,charge,1,2026-11-21T12:00:00Z,r1\n"


def keyed(who: Program, path: str, body: Any, key: str = "k1") -> HttpResponse:
    """Post under an idempotency key."""
    return who.ask("POST", path, body, headers={"Idempotency-Key": key})


def test_a_note_sent_twice_is_written_once_and_answered_the_same(north: Program) -> None:
    first = told(keyed(north, NOTES, NOTE), 201)
    assert told(keyed(north, NOTES, NOTE), 201) == first
    assert told(keyed(north, NOTES, NOTE, '"k1"'), 201) == first  # as a structured field writes it
    assert CallNote.objects.count() == 1
    assert told(keyed(north, NOTES, NOTE, "k2"), 201)["id"] != first["id"]
    assert told(north.post(NOTES, NOTE), 201)["id"] != first["id"]


def test_another_request_under_the_same_key_is_refused(north: Program) -> None:
    told(keyed(north, NOTES, NOTE), 201)
    for path, body in ((NOTES, {**NOTE, "text": "Не оплатят"}), ("clients/ric/notes", NOTE), ("keys", KEY)):
        problem(keyed(north, path, body), 422, "key-reused")
    assert CallNote.objects.count() == 1


def test_a_key_is_its_callers_own(world: World, north: Program) -> None:
    told(keyed(north, NOTES, NOTE), 201)
    told(keyed(program(world.north), NOTES, {**NOTE, "text": "Другое"}), 201)
    told(keyed(Program(browser=world.member(Role.CLERK)), NOTES, NOTE), 201)
    assert set(KeptAnswer.objects.values_list("caller", flat=True)) >= {f"user {world.staff['north', Role.CLERK].pk}"}
    assert CallNote.objects.count() == 3


def test_a_request_that_was_refused_may_be_mended_under_its_key(north: Program) -> None:
    problem(keyed(north, NOTES, {**NOTE, "account": "no"}), 422, "invalid")
    told(keyed(north, NOTES, NOTE), 201)


def test_an_api_key_is_issued_once_and_its_text_told_once(north: Program) -> None:
    issued = told(keyed(north, "keys", KEY), 201)
    again = problem(keyed(north, "keys", KEY), 409, "made-already")
    assert issued["prefix"] in again["detail"]
    assert ApiKey.objects.filter(name="reports").count() == 1
    kept = KeptAnswer.objects.get()
    assert (kept.answer, kept.made) == (None, f"the key {issued['prefix']}")
    assert issued["text"].split("_", 2)[2] not in str(KeptAnswer.objects.values())


def test_somebody_is_invited_once_and_told_the_same(north: Program, mailoutbox: list[Any]) -> None:
    new = {"email": "ivan@north.test", "role": "clerk"}
    first = told(keyed(north, "invitations", new), 201)
    assert told(keyed(north, "invitations", new), 201) == first
    assert (Invitation.objects.count(), len(mailoutbox)) == (1, 1)


def test_a_link_that_was_handed_over_is_told_once(north: Program, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        1,
    )
    new = {"email": "ivan@north.test", "role": "clerk"}
    link = told(keyed(north, "invitations", new), 201)["link"]
    again = problem(keyed(north, "invitations", new), 409, "made-already")
    assert f"the invitation {Invitation.objects.get().pk};" in again["detail"]
    assert link.rstrip("/").rpartition("/")[2] not in str(KeptAnswer.objects.values())


def test_a_file_is_handed_over_once(north: Program) -> None:
    def hand_over(text: str) -> HttpResponse:
        headers = {"Idempotency-Key": "k1"}
        return north.send("imports", text, "text/csv", headers=headers, kind="entries")

    first = told(hand_over(CSV), 202)
    assert told(hand_over(CSV), 202) == first
    problem(hand_over(CSV.replace("r1", "r2")), 422, "key-reused")
    assert Import.objects.count() == 1


def test_a_request_that_is_being_answered_is_not_begun_again(world: World, north: Program, database_url: str) -> None:
    assert north.key is not None
    asked = repeats.Request(organization=world.north, caller=f"key {north.key.pk}", key="k1", content=b"")
    with _held(database_url, asked.lock):
        response = keyed(north, NOTES, NOTE)
        problem(response, 409, "still-running")
        assert response.headers["Retry-After"] == "1"
        told(keyed(north, NOTES, NOTE, "k2"), 201)
    told(keyed(north, NOTES, NOTE), 201)


@contextmanager
def _held(url: str, lock: int) -> Iterator[None]:
    """Another process that answers the same request."""
    with psycopg.connect(url) as other:
        other.execute("select pg_advisory_xact_lock(%s)", [lock])
        yield


def test_after_a_day_a_key_is_new_again_and_what_was_kept_is_forgotten(north: Program) -> None:
    first = told(keyed(north, NOTES, NOTE), 201)
    day = repeats.KEPT + timedelta(seconds=1)
    KeptAnswer.objects.update(at=faces.NOW - day)
    assert told(keyed(north, NOTES, {**NOTE, "text": "Другое"}), 201)["id"] != first["id"]
    told(keyed(north, NOTES, NOTE, "k2"), 201)
    KeptAnswer.objects.filter(key="k2").update(at=faces.NOW - day)
    jobs.blueprint().tasks["forget_answers"](timestamp=int(faces.NOW.timestamp()))
    assert KeptAnswer.objects.get().key == "k1"


def test_what_is_kept_of_a_request_is_its_digest(north: Program) -> None:
    told(keyed(north, NOTES, NOTE), 201)
    kept = KeptAnswer.objects.get()
    assert len(kept.fingerprint) == hashlib.sha256().digest_size * 2
    assert kept.organization.code == "north"


@pytest.mark.parametrize("key", ["", "два", "a b", "x" * 256])
def test_a_key_that_is_none_is_refused(north: Program, key: str) -> None:
    problem(keyed(north, NOTES, NOTE, key), 422, "invalid")
    assert not CallNote.objects.exists()

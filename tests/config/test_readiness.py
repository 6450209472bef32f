"""`/readyz`: open to strangers, so it costs next to nothing, and says no until the schema is there."""

import threading

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from ostatok.config import health, schema

pytestmark = pytest.mark.django_db

ONE = ("sessions", "0001_initial")


@pytest.fixture(autouse=True)
def just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process has not been asked yet."""
    monkeypatch.setattr(health, "watch", schema.Watch())


def readyz() -> tuple[int, str]:
    answer = Browser().get("/readyz")
    return answer.status_code, answer.json()["status"]


def test_a_process_that_was_ready_asks_the_database_one_cheap_thing() -> None:
    assert readyz() == (200, "ready")
    with CaptureQueriesContext(connection) as asked:
        assert readyz() == (200, "ready")
    assert [query["sql"] for query in asked] == ["SELECT 1"]


def test_a_process_that_was_not_ready_becomes_so() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied(*ONE)
    assert [readyz(), readyz()] == [(503, "the database lacks migrations")] * 2
    recorder.record_applied(*ONE)
    assert readyz() == (200, "ready")
    with CaptureQueriesContext(connection) as asked:
        readyz()
    assert len(asked) == 1


def test_while_one_looks_at_the_migrations_others_are_told_no_at_once() -> None:
    with health.watch.looking, CaptureQueriesContext(connection) as asked:
        assert readyz()[0] == 503
    assert len(asked) == 1
    assert readyz()[0] == 200


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_gone_is_told_before_and_after() -> None:
    answers = [_without_database(), readyz(), _without_database(), readyz()]
    down = (503, "the database does not answer")
    assert answers == [down, (200, "ready"), down, (200, "ready")]


def _without_database() -> tuple[int, str]:
    """What a thread is answered, whose connection leads nowhere."""
    answers: list[tuple[int, str]] = []

    def ask() -> None:
        connection.settings_dict = {**connection.settings_dict, "HOST": "127.0.0.1", "PORT": "1"}
        answers.append(readyz())

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return answers[0]

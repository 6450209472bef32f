"""Whoever loses a race tries again; whoever is simply wrong is told so at once."""

import psycopg.errors
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from ostatok import pipeline
from tests.ledger.shop import Shop

pytestmark = pytest.mark.django_db


def _deadlocks(times: int) -> "list[int]":
    tried: list[int] = []

    def work(tries: int) -> str:
        tried.append(tries)
        if tries < times:
            raise OperationalError("deadlock detected") from psycopg.errors.DeadlockDetected()
        return "done"

    assert pipeline.until_it_wins(work) == "done"
    return tried


def test_a_transaction_that_met_a_deadlock_is_tried_again() -> None:
    assert _deadlocks(3) == [0, 1, 2, 3]


def test_a_transaction_that_never_wins_says_so() -> None:
    with pytest.raises(pipeline.ContentionError, match="nothing of this batch was posted"):
        _deadlocks(pipeline.ATTEMPTS)


def test_what_a_constraint_forbids_is_not_tried_again() -> None:
    shop, tried = Shop(), []

    def hold_less_than_nothing(tries: int) -> None:
        tried.append(tries)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update balance set held = -1 where id = %s", [shop.minutes.pk])

    with pytest.raises(IntegrityError, match="balance_held_positive"):
        pipeline.until_it_wins(hold_less_than_nothing)
    assert tried == [0]

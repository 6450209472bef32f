"""Workers that are many, killed, stopped or cut off from the database."""

import json
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from ostatok.delivery.channels.email.sink import Hang, Reaction, Sink, Step
from ostatok.delivery.models import Attempt, Delivery, Worker
from ostatok.notices.models import Notice
from tests.delivery.processes import Fleet, repeated, until
from tests.delivery.world import World, all_settled, states

CUT_OFF_WORKERS = """
select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'ostatok worker%'
"""


@pytest.fixture
def fleet(transactional_db: None, database_url: str, sink: Sink, tmp_path: Path) -> Fleet:
    return Fleet(database_url=database_url, sink=sink, logs=tmp_path)


def test_four_workers_at_once_send_each_mail_once(world: World, fleet: Fleet) -> None:
    world.waiting(400)

    with (
        fleet.worker("--once") as one,
        fleet.worker("--once") as two,
        fleet.worker("--once") as three,
        fleet.worker("--once") as four,
    ):
        codes = [process.wait(timeout=120) for process in (one, two, three, four)]

    assert codes == [0, 0, 0, 0], fleet.log()
    assert states() == {"sent": 400}
    assert len(fleet.sink.mails) == 400
    assert repeated(fleet.sink.mails) == 0
    assert Attempt.objects.count() == 400


def test_a_worker_killed_at_any_moment_loses_nothing_and_repeats_at_most_its_leases(world: World, fleet: Fleet) -> None:
    kills, total = 5, 2_000
    world.waiting(total)
    dice = random.Random(7)

    for kill in range(kills):
        before = len(fleet.sink.mails)
        with fleet.worker() as process:
            until(lambda: len(fleet.sink.mails) > before, why="the first mail")  # noqa: B023
            fleet.sink.wait_for(before + dice.randrange(1, 350))
            process.kill()
            process.wait(timeout=10)
        assert Delivery.objects.filter(state="sending").count() <= 50, f"kill {kill}"
    with fleet.worker("--once", "--json") as process:
        printed, _ = process.communicate(timeout=120)

    assert process.returncode == 0, fleet.log()
    assert json.loads(printed)["taken_over"] > 0
    assert states() == {"sent": total}
    assert not Notice.objects.exclude(state="sent").exists()
    assert len({mail.message_id for mail in fleet.sink.mails}) == total
    assert repeated(fleet.sink.mails) <= 50 * kills
    assert Attempt.objects.filter(outcome="unknown", reason="worker_died").count() <= 50 * kills


def test_a_living_worker_takes_over_from_a_killed_one(world: World, fleet: Fleet) -> None:
    fleet = replace(
        fleet, timeout=300
    )  # the first is killed before it gives up, however long the second takes to start
    fleet.sink.script = lambda step, _: Hang() if step is Step.MESSAGE else None
    world.waiting(10)
    with fleet.worker() as killed:
        until(lambda: states() == {"sending": 10}, why="the leases")
        with fleet.worker() as living:
            until(lambda: Worker.objects.count() == 2, why="the second worker")
            fleet.sink.script = lambda *_: None
            killed.kill()
            until(all_settled, why="the take-over")
            living.terminate()
            assert living.wait(timeout=30) == 0

    assert len(fleet.sink.mails) == 10
    assert Attempt.objects.filter(outcome="unknown").count() == 10
    assert states() == {"sent": 10}


def test_a_worker_told_to_stop_finishes_what_is_under_way_and_gives_the_rest_back(world: World, fleet: Fleet) -> None:
    world.waiting(300)
    with fleet.worker("--json") as process:
        fleet.sink.wait_for(20)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=60)
        took = time.monotonic() - began

    assert process.returncode == 0, fleet.log()
    assert took < 30
    counts = json.loads(printed)
    assert counts["sent"] == len(fleet.sink.mails) < 300
    assert states() == {"sent": counts["sent"], "waiting": 300 - counts["sent"]}
    assert not Attempt.objects.exclude(outcome="delivered").exists()
    assert Worker.objects.get().stopped_at is not None


def test_a_worker_told_to_stop_interrupts_what_a_hanging_server_keeps(world: World, fleet: Fleet) -> None:
    hanging: list[str] = []

    def script(step: Step, recipient: str) -> Reaction:
        if step is not Step.MESSAGE:
            return None
        hanging.append(recipient)
        return Hang()

    fleet.sink.script = script
    world.waiting(30)
    with replace(fleet, timeout=300).worker() as process:
        until(lambda: len(hanging) == 20, why="the server to hang")
        process.terminate()
        assert process.wait(timeout=30) == 0, fleet.log()

    interrupted = Attempt.objects.filter(outcome="unknown", reason="interrupted")
    assert interrupted.count() == 20
    assert Delivery.objects.filter(attempts=0, state="waiting").count() == 10
    assert "sending" not in states()


def test_workers_cut_off_from_the_database_come_back_and_record_what_they_hold(world: World, fleet: Fleet) -> None:
    world.waiting(300)
    with fleet.worker() as process:
        for sent in (20, 100, 180):
            fleet.sink.wait_for(sent)
            with connection.cursor() as cursor:
                cursor.execute(CUT_OFF_WORKERS)
        until(all_settled, why="the end")
        process.terminate()
        assert process.wait(timeout=30) == 0

    assert states() == {"sent": 300}
    assert len(fleet.sink.mails) == 300
    assert repeated(fleet.sink.mails) == 0
    assert "lease lost" in fleet.log()


def test_a_new_delivery_wakes_a_sleeping_worker(world: World, fleet: Fleet) -> None:
    with fleet.worker() as process:
        until(Worker.objects.exists, why="the worker")
        until(lambda: "worker started" in fleet.log(), why="the worker")
        world.waiting(1)
        with connection.cursor() as cursor:
            cursor.execute("notify ostatok_outbox")
        fleet.sink.wait_for(1, seconds=4)
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_a_retry_falls_due_while_the_worker_sleeps(world: World, fleet: Fleet) -> None:
    world.waiting(1)
    fleet.sink.down()
    with fleet.worker() as process:
        until(lambda: Attempt.objects.count() >= 2, why="the second attempt")
        fleet.sink.up()
        until(all_settled, why="the mail")
        process.terminate()
        assert process.wait(timeout=30) == 0

    assert states() == {"sent": 1}

"""Rules are switched at once where they speak to few; where to many, by a worker, and whoever asked follows it.

Switching marks everybody below in one transaction, which keeps postings of the tree waiting, and says in it that it is
over: a worker that dies leaves nothing half done, another does it, and nobody does it twice.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import InterfaceError, OperationalError, transaction
from procrastinate import Blueprint
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ostatok.intake.description.problems import DescriptionError
from ostatok.kernel import logs
from ostatok.kernel.errors import OstatokError
from ostatok.parties import api_keys, wall
from ostatok.parties.access import Actor, Key, Member
from ostatok.rules import counting, waiting
from ostatok.rules.models import Rule, Switching
from ostatok.web import changes

_log = logging.getLogger(__name__)

#: A rule that speaks to more balances is switched by a worker: marking so many takes some seconds.
AT_ONCE: Final = 20_000
TASK: Final = "ostatok:switch_rule"
#: So long a switching waits for the job that it came with, before another is made for it.
PATIENCE: Final = timedelta(minutes=1)
_EVERY_MINUTE: Final = "* * * * *"


def described(rule: Rule, state: str, *, notify_now: bool) -> dict[str, Any]:
    """What switching a rule says of it."""
    return {"organization": rule.organization.code, "name": rule.name, "state": state, "notify_now": notify_now}


def under_way(rule: Rule) -> Switching | None:
    """What a worker is to do with the rule, or does."""
    with wall.lowered():
        return Switching.objects.filter(rule=rule, finished_at=None).first()


def speaks_to_many(rule: Rule) -> bool:
    """Whether a worker is to switch it."""
    return counting.watched(rule) > AT_ONCE


def by_worker(
    actor: Member | Key, rule: Rule, state: str, *, notify_now: bool, now: datetime, origin: str
) -> Switching | None:
    """Have a worker switch a rule that speaks to many; None where it speaks to few, and nothing was asked.

    Where that waits for a worker already, it does what was asked last; what a worker is at stays as it is, and is
    returned: see `is_to`. The caller has checked that the actor may.
    """
    wanted = {
        "state": state,
        "notify_now": notify_now,
        "asked_by_id": actor.user_id if isinstance(actor, Member) else None,
        "asked_with_id": actor.key_id if isinstance(actor, Key) else None,
        "asked_at": now,
        "origin": origin,
    }
    before = under_way(rule)
    balances = before.balances if before else counting.watched(rule)
    if before is None and balances <= AT_ONCE:
        return None
    with wall.lowered(), transaction.atomic():
        asked, is_new = Switching.objects.get_or_create(
            rule=rule, finished_at=None, defaults={**wanted, "balances": balances}
        )
        if is_new:
            enqueue(asked.pk)
        elif not asked.is_to(state, notify_now=notify_now):
            _ask_otherwise(asked, wanted)
    return asked


def _ask_otherwise(asked: Switching, wanted: dict[str, Any]) -> None:
    """Unless a worker is at it. One that began and died has done nothing; one that begins just now is seen by that."""
    if not waiting.has_begun(asked):
        unbegun = Switching.objects.filter(pk=asked.pk, finished_at=None, started_at=asked.started_at)
        unbegun.update(**wanted, started_at=None)
    asked.refresh_from_db()


def enqueue(switching_id: int) -> None:
    """Have a worker do it, unless that was asked already. With the caller's transaction."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(TASK, queueing_lock=f"switching:{switching_id}").defer(switching_id=switching_id)


def unfinished(*, before: datetime) -> list[int]:
    """Switchings asked for before a moment that are not over: their worker may be gone."""
    rows = Switching.objects.filter(finished_at=None, asked_at__lt=before)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def run(switching_id: int, *, clock: Callable[[], datetime]) -> None:
    """Switch the rule as whoever asked, who may do now what they may do now; unless another worker is at it."""
    with waiting.at_it(switching_id) as is_ours:
        rows = Switching.objects.filter(pk=switching_id, finished_at=None)
        # Read only once it has begun: until then it may be asked for something else.
        if not is_ours or not rows.update(started_at=clock()):
            return
        one = rows.select_related("rule__organization", "asked_by", "asked_with").first()
        if one is not None and (problem := _switched(one, clock)):
            rows.update(finished_at=clock(), problem=problem)


def _asker(one: Switching, now: datetime) -> Actor | None:
    """Whoever asked, with what they may do now; None for a key that opens nothing any more."""
    if one.asked_with is not None:
        return api_keys.still_actor(one.asked_with, now)
    return None if one.asked_by is None else one.asked_by.as_actor()


def _switched(one: Switching, clock: Callable[[], datetime]) -> str:
    """Do it; returns why it could not be done, empty where it was, or was taken back."""
    asker = _asker(one, clock())
    if asker is None:
        return "the key it was asked for with has expired or was revoked"
    item = described(one.rule, one.state, notify_now=one.notify_now)
    done = partial(waiting.done, one.pk, clock=clock)
    try:
        changes.by_worker(asker, {"rules": [item]}, origin=one.origin, provided=done)
    except waiting.TakenBack:
        return ""
    except DescriptionError as error:
        return "\n".join(problem.message for problem in error.problems)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, it would come again: it is told, and not tried for ever)
        logs.failure(_log, logging.ERROR, "a rule was not switched", switching=one.pk)
        return str(error) if isinstance(error, OstatokError) else "the fault is on our side and is in the log"
    return ""


def blueprint(*, clock: Callable[[], datetime]) -> Blueprint:
    """What a worker does of it."""
    jobs = Blueprint()

    @jobs.task(name="switch_rule")
    def run_switch_rule(switching_id: int) -> None:
        run(switching_id, clock=clock)

    @jobs.periodic(cron=_EVERY_MINUTE)
    @jobs.task(name="resume_switchings", queueing_lock="resume_switchings")
    def run_resume_switchings(timestamp: int) -> None:
        for switching_id in unfinished(before=datetime.fromtimestamp(timestamp, UTC) - PATIENCE):
            enqueue(switching_id)

    return jobs

"""The run-out list by mail: asked for by oneself, changed and stopped."""

import re
from datetime import UTC, datetime, time, timedelta

from django.test import Client as Browser

from ostatok.delivery.models import Delivery
from ostatok.notices.models import Digest, RunOutSubscription
from ostatok.parties.access import Role
from ostatok.parties.models import AuditRecord
from tests.console.reading import at, said, seen
from tests.faces import MARKER, World, signed_in


def _form(world: World, **other: str) -> dict[str, str]:
    return {"organization": str(world.north.pk), "at": "07:30", "days": "working", "whose": "mine", **other}


def test_one_asks_for_it_changes_it_and_stops_it(looker: Browser, world: World) -> None:
    assert "Send it to me every morning" in seen(looker, at("run_out"))
    answer = looker.post(at("run_out_mail"), _form(world), follow=True)
    assert "The list comes at 07:30." in said(answer)
    assert "Comes by mail on working days at 07:30, my clients" in said(answer)
    kept = RunOutSubscription.objects.get()
    assert (kept.user, kept.at, kept.site) == (world.staff["north", Role.LOOK], time(7, 30), "http://testserver/")

    looker.post(at("run_out_mail"), _form(world, days="every", whose=""))
    assert "every day at 07:30" in seen(looker, at("run_out_mail"))
    assert RunOutSubscription.objects.get().pk == kept.pk

    answer = looker.post(at("stop_run_out_mail", kept.pk), follow=True)
    assert "The list comes no more." in said(answer)
    assert not RunOutSubscription.objects.exists()
    acts = AuditRecord.objects.filter(action__startswith="run_out_list").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["run_out_list.created", "run_out_list.changed", "run_out_list.deleted"]


def test_the_same_again_changes_nothing(looker: Browser, world: World) -> None:
    looker.post(at("run_out_mail"), _form(world))
    since = RunOutSubscription.objects.get().since
    looker.post(at("run_out_mail"), _form(world))
    assert RunOutSubscription.objects.get().since == since
    assert AuditRecord.objects.filter(action__startswith="run_out_list").count() == 1


def test_nobody_asks_for_the_list_of_others_or_stops_theirs(
    looker: Browser, clerk: Browser, outsider: Browser, owner: Browser, world: World
) -> None:
    looker.post(at("run_out_mail"), _form(world))
    kept = RunOutSubscription.objects.get()
    for stranger in (clerk, outsider, owner):
        assert stranger.post(at("stop_run_out_mail", kept.pk)).status_code == 404
        assert "07:30" not in seen(stranger, at("run_out"))
    assert "Select a valid choice" in said(outsider.post(at("run_out_mail"), _form(world)))
    above = _form(world, organization=str(world.organizations["energo"].pk))
    assert "Select a valid choice" in said(looker.post(at("run_out_mail"), above))
    assert MARKER not in seen(looker, at("run_out_mail"))
    assert RunOutSubscription.objects.count() == 1


def test_the_log_shows_lists_among_letters(clerk: Browser, outsider: Browser, world: World) -> None:
    user, now = world.staff["north", Role.CLERK], datetime.now(UTC)
    digest = Digest.objects.create(
        organization=world.north, user=user, day=now.date(), mine=False, site="http://testserver/", raised_at=now
    )
    one = Delivery.objects.create(
        organization=world.north,
        digest=digest,
        channel="email",
        recipient=f"user:{user.pk}",
        address=user.email,
        due_at=now + timedelta(hours=1),
        created_at=now,
        state="dropped",
        reason="nobody_runs_out",
        settled_at=now,
    )
    assert "clerk@north.test" in seen(clerk, at("deliveries"), state="dropped")
    assert "nobody runs out: the list is empty" in seen(clerk, at("deliveries"), state="dropped")
    page = seen(clerk, at("delivery", one.pk))
    assert re.search(r"Run-out list \d+ \w+ \d{4}", page)
    assert "Наталья clerk" in page
    assert "does not want the list any more" in seen(clerk, at("retry_delivery", one.pk))
    assert outsider.get(at("delivery", one.pk)).status_code == 404
    assert "@north.test" not in seen(signed_in(world.staff["south", Role.OWNER]), at("deliveries"))

"""A letter says until when it lasts, from what was used lately as of its sending."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ostatok import pipeline
from ostatok.delivery.models import Delivery
from ostatok.kernel import text
from ostatok.ledger import forecast
from ostatok.rules.models import TriggerKind
from tests.delivery.conftest import Post
from tests.delivery.mails import part
from tests.delivery.world import World


def told(post: Post, now: datetime) -> str:
    """The text of the one mail that a worker sends at that moment."""
    post.once(clock=lambda: now)
    [mail] = post.sink.mails
    return part(mail, "plain")


def foretold(now: datetime, *, left: int, used: int) -> str:
    """How the moment prints that many minutes left last until; None of them was used before these days."""
    until = forecast.lasts_until(Decimal(left), Decimal(used), forecast.span(None, now), now)
    assert until is not None
    return text.soon(until, "ru", ZoneInfo("Europe/Moscow"))


def test_a_letter_says_until_when_what_is_left_lasts(world: World, post: Post) -> None:
    world.waiting()
    now = datetime.now(UTC)
    assert f"хватит до {foretold(now, left=15, used=85)}" in told(post, now)


def test_what_was_used_since_the_outlook_was_refreshed_counts(world: World, post: Post) -> None:
    balance = world.client()
    pipeline.refresh_outlook(now=datetime.now(UTC))
    world.charge([balance], 2)
    world.deliveries(world.notices([balance]))
    now = datetime.now(UTC)
    assert f"хватит до {foretold(now, left=13, used=87)}" in told(post, now)


def test_a_letter_about_what_lasts_for_more_than_a_year_does_not_say_until_when(
    make_world: Callable[..., World], post: Post
) -> None:
    world = make_world(kind=TriggerKind.BALANCE_BELOW, threshold=1_000_000)
    balance = world.client()
    world.top_up([balance], 10_000)
    world.deliveries(world.notices([balance], band=None))
    letter = told(post, datetime.now(UTC))
    assert "10" in letter
    assert "хватит до" not in letter


def test_a_letter_about_days_says_for_how_many_it_lasts(make_world: Callable[..., World], post: Post) -> None:
    world = make_world(kind=TriggerKind.FORECAST_BELOW, days=3)
    world.deliveries(world.notices([world.client()], band=None))
    now = datetime.now(UTC)
    letter = told(post, now).replace(text.NBSP, " ")
    assert f"хватит на 1 день, до {foretold(now, left=15, used=85)}".replace(text.NBSP, " ") in letter
    assert "меньше чем на 3 дня" in letter


def test_a_letter_about_days_is_dropped_where_it_lasts_for_as_many_again(
    make_world: Callable[..., World], post: Post
) -> None:
    world = make_world(kind=TriggerKind.FORECAST_BELOW, days=3)
    balance = world.client()
    world.deliveries(world.notices([balance], band=None))
    world.correct([balance], 50)
    post.once()
    assert post.sink.mails == []
    assert Delivery.objects.values_list("state", "reason").get() == ("dropped", "recovered")

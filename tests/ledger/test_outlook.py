"""The outlook, refreshed bit by bit, is what plain arithmetic over all entries says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostatok import pipeline
from ostatok.ledger import forecast, outlook
from ostatok.ledger.limits import LimitChange
from ostatok.ledger.models import Account, Balance, BandCount, Entry, EntryKind, Outlook
from ostatok.ledger.standing import Base
from ostatok.rules import standings
from tests.ledger.shop import NOW, Shop

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def refresh(shop: Shop, *, whole: bool = False) -> outlook.Refreshed:
    return pipeline.refresh_outlook(now=shop.now, whole=whole)


def of_minutes(shop: Shop) -> Outlook:
    return Outlook.objects.get(balance_id=shop.minutes.pk)


def plain_use(shop: Shop, at: datetime) -> Decimal:
    """What was used of the minutes since the first day that counts, by looking at every entry."""
    entries = list(Entry.objects.filter(balance_id=shop.minutes.pk))
    reversed_refs = {entry.reverses for entry in entries}
    return -sum(
        (
            entry.amount
            for entry in entries
            if (entry.kind == EntryKind.CHARGE or (entry.kind == EntryKind.SNAPSHOT and entry.amount < 0))
            and entry.ref not in reversed_refs
            and _nth_day(entry, at) >= 0
        ),
        Decimal(0),
    )


def plain_net(shop: Shop, at: datetime) -> list[Decimal]:
    """By how much the minutes changed on each of the eight days."""
    net = [Decimal(0)] * 8
    for entry in Entry.objects.filter(balance_id=shop.minutes.pk):
        if (nth := _nth_day(entry, at)) >= 0:
            net[nth] += entry.amount
    return net


def _nth_day(entry: Entry, at: datetime) -> int:
    return (min(entry.occurred_at, entry.posted_at).astimezone(UTC).date() - forecast.first_day(at)).days


def check(shop: Shop) -> None:
    """The outlook as of its moment, and the standing as of now, are what plain arithmetic says."""
    found, balance = of_minutes(shop), Balance.objects.get(pk=shop.minutes.pk)
    available = balance.amount + balance.credit_limit - balance.held
    (standing, _), *_ = standings.of_accounts([shop.account], now=shop.now).values()
    for told, until, at in (
        (found.daily_use, found.runs_out_at, found.as_of),
        (standing.daily_use, standing.lasts_until, shop.now),
    ):
        used, span = plain_use(shop, at), forecast.span(balance.first_entry_at, at)
        assert told == forecast.daily_use(used, span)
        assert until == forecast.lasts_until(available, used, span, at) or available <= 0
    assert (found.band, found.base, found.mark) == (standing.band, standing.base, standing.mark)
    assert (found.amount, found.held, found.seq) == (balance.amount, balance.held, balance.seq)
    assert found.net == plain_net(shop, found.as_of)
    if available <= 0:
        assert found.runs_out_at is not None
        assert found.runs_out_at <= shop.now
        assert standing.lasts_until is None


@dataclass
class Story:
    """Steps a history is made of; each moves the clock on and does one thing."""

    shop: Shop
    charges: list[str] = field(default_factory=list)

    def charge(self, minutes: int, ago: timedelta) -> None:
        entry = self.shop.entry("charge", str(minutes), occurred_at=self.shop.now - ago)
        self.charges.append(entry.ref)
        self.shop.post(entry)

    def top_up(self, minutes: int, ago: timedelta) -> None:
        self.shop.post(self.shop.entry("top_up", str(minutes + 1), occurred_at=self.shop.now - ago))

    def reverse(self, minutes: int, _ago: timedelta) -> None:
        if self.charges:
            ref = self.charges.pop(minutes % len(self.charges))
            self.shop.post(self.shop.entry("reversal", None, reverses=ref, occurred_at=self.shop.now))

    def state(self, minutes: int, _ago: timedelta) -> None:
        self.shop.state(str(minutes), self.shop.now)

    def limit(self, minutes: int, _ago: timedelta) -> None:
        change = LimitChange(balance_id=self.shop.minutes.pk, credit_limit=Decimal(minutes * 60))
        pipeline.change_limits(organization_id=self.shop.organization.pk, changes=[change], now=self.shop.now)

    def refresh(self, _minutes: int, _ago: timedelta) -> None:
        refresh(self.shop)


STEPS: dict[str, Callable[[Story, int, timedelta], None]] = {
    "charge": Story.charge,
    "top_up": Story.top_up,
    "reverse": Story.reverse,
    "state": Story.state,
    "limit": Story.limit,
    "refresh": Story.refresh,
}
PAUSES = st.sampled_from([timedelta(minutes=7), timedelta(minutes=7), 5 * HOUR, 3 * DAY, 9 * DAY])
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(sorted(STEPS)),
        st.integers(0, 90),
        st.sampled_from([timedelta(0), HOUR, 2 * DAY, 6 * DAY + 23 * HOUR, 8 * DAY]),
        PAUSES,
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_refreshed_bit_by_bit_it_is_what_plain_arithmetic_says(
    history: list[tuple[str, int, timedelta, timedelta]],
) -> None:
    with transaction.atomic():
        story = Story(Shop())
        story.top_up(100, 2 * DAY)
        for step, minutes, ago, pause in history:
            STEPS[step](story, minutes, ago)
            story.shop.now += pause
        refresh(story.shop)
        check(story.shop)
        assert _counts(story.shop) == [(of_minutes(story.shop).band, 1)]
        refresh(story.shop, whole=True)
        check(story.shop)
        assert _counts(story.shop) == [(of_minutes(story.shop).band, 1)]
        transaction.set_rollback(True)


def _counts(shop: Shop) -> list[tuple[str, int]]:
    of_shop = BandCount.objects.filter(organization_id=shop.organization.pk, balances__gt=0)
    return list(of_shop.values_list("band", "balances"))


def test_a_refresh_looks_only_at_what_was_posted_to(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("top_up", "9", service="money"))
    assert refresh(shop) == outlook.Refreshed(at=shop.now, whole=True, balances=2)
    shop.wait(minutes=20)
    shop.post(shop.entry("charge", "85"))
    assert refresh(shop) == outlook.Refreshed(at=shop.now, whole=False, balances=1)
    shop.wait(minutes=20)
    assert refresh(shop) == outlook.Refreshed(at=shop.now, whole=False, balances=0)


def test_what_was_posted_and_not_refreshed_yet_counts_on_the_panel(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "10"))
    refresh(shop)
    shop.post(shop.entry("charge", "20"))
    (standing, _), *_ = standings.of_accounts([shop.account], now=shop.now).values()
    assert standing.used == 30 * 60


def test_a_change_of_the_credit_limit_alone_is_seen_by_the_next_refresh(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "100"))
    refresh(shop)
    assert of_minutes(shop).runs_out_at == NOW
    change = LimitChange(balance_id=shop.minutes.pk, credit_limit=Decimal(6000))
    pipeline.change_limits(organization_id=shop.organization.pk, changes=[change], now=shop.now)
    refresh(shop)
    assert of_minutes(shop).runs_out_at == NOW + DAY


def test_what_was_foretold_and_did_not_come_true_is_foretold_anew(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "96"))
    refresh(shop)
    assert of_minutes(shop).runs_out_at == NOW + HOUR
    shop.wait(hours=2)
    assert refresh(shop).balances == 1
    assert of_minutes(shop).runs_out_at == shop.now + HOUR


def test_what_has_run_out_ran_out_with_its_last_charge(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "109", occurred_at=NOW - HOUR))
    shop.now += 20 * DAY
    refresh(shop)
    found = of_minutes(shop)
    assert (found.runs_out_at, found.band) == (NOW - HOUR, "crit")
    assert found.percent == -9


def test_closed_accounts_and_closed_clients_have_no_outlook(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"))
    refresh(shop)
    Account.objects.filter(pk=shop.account.pk).update(status=Account.Status.CLOSED)
    refresh(shop, whole=True)
    assert not Outlook.objects.filter(balance_id=shop.minutes.pk).exists()
    assert not BandCount.objects.filter(organization_id=shop.organization.pk).exists()


def test_bands_are_counted_by_service_and_those_that_run_out_soon_too(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "85"), shop.entry("top_up", "9", service="money"))
    refresh(shop)
    counts = BandCount.objects.filter(organization_id=shop.organization.pk).order_by("band")
    assert list(counts.values_list("service__code", "band", "balances", "ran_out", "within_day", "within_week")) == [
        ("ad", "low", 1, 0, 1, 1),
        ("money", "ok", 1, 0, 0, 0),
    ]
    shop.post(shop.entry("charge", "15"))
    refresh(shop)
    counts = BandCount.objects.filter(organization_id=shop.organization.pk, balances__gt=0, service__code="ad")
    assert list(counts.values_list("band", "balances", "ran_out", "within_week")) == [("crit", 1, 1, 0)]


def test_the_base_of_a_segment_is_what_the_percent_is_of(shop: Shop) -> None:
    shop.rule("balance_band", mark="balance_after")
    shop.post(shop.entry("opening", "100"), shop.entry("top_up", "100"))
    refresh(shop)
    found = of_minutes(shop)
    assert (found.base, found.mark) == (Base.BALANCE_AFTER, Decimal(12000))


def test_time_that_went_back_is_read_anew(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "10"))
    for days in (30, -30):
        shop.now += days * DAY
        refresh(shop)
        check(shop)


def test_an_absurd_entry_stops_no_refresh(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "0.000001", service="money"))
    shop.post(*(shop.entry("adjustment", "99999999999999", service="money") for _ in range(3)))
    assert refresh(shop).balances == 1
    assert Outlook.objects.get(balance_id=shop.money.pk).percent == 999_999_999


def test_a_refresh_reads_lately_posted_entries_by_their_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = 'entry_lately'")
        assert "USING brin (posted_at)" in cursor.fetchone()[0]


def test_moments_are_those_of_utc_whatever_the_zone_of_now(shop: Shop) -> None:
    shop.post(shop.entry("top_up", "100"), shop.entry("charge", "10"))
    shop.now = datetime.fromisoformat("2026-11-22T01:00+05:00")
    refresh(shop)
    check(shop)
    assert of_minutes(shop).day == datetime(2026, 11, 21, tzinfo=UTC).date()

"""What a rule in the shadow would have sent; and what rules told lately."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from ostatok.delivery.models import Delivery
from ostatok.ledger.models import EntryKind
from ostatok.notices import lately, shadow
from ostatok.notices.models import Notice
from ostatok.rules.models import Rule
from tests import faces

pytestmark = pytest.mark.django_db

SOON = faces.NOW + timedelta(hours=1)
LONG_AGO = faces.NOW - timedelta(days=30)


@pytest.fixture
def tried_out() -> Rule:
    """A rule in the shadow that met one balance going below its threshold."""
    world = faces.build()
    recipients = [{"to": "client"}, {"to": "organization"}]
    money = {"kind": "balance_below", "amount": 300, "unit": "KZT"}
    item = {"organization": "north", "name": "Тень", "state": "shadow", "trigger": money, "recipients": recipients}
    faces.describe({"rules": [item]})
    faces.post(world.north, ("100001", "internet", EntryKind.CHARGE, "150", timedelta(0)))
    return Rule.objects.get(name="Тень")


def test_a_shadow_rule_tells_what_it_would_have_sent_and_sends_nothing(tried_out: Rule) -> None:
    report = shadow.report(tried_out, since=LONG_AGO, until=SOON, zone=ZoneInfo("Europe/Moscow"))
    assert (report.notices, report.clients, report.messages) == (1, 1, 2)
    [day] = report.by_day
    assert day.day == faces.NOW.astimezone(ZoneInfo("Europe/Moscow")).date()
    assert not Delivery.objects.filter(notice__rule=tried_out).exists()


def test_its_rows_say_about_whom_and_with_which_figures(tried_out: Rule) -> None:
    [line] = shadow.lines(shadow.rows(tried_out, since=LONG_AGO, until=SOON))
    row = dict(zip(shadow.COLUMNS, line, strict=True))
    assert row["client"] == "ООО «Ромашка и партнёры»"
    assert (row["left"], row["available"], row["threshold"], row["unit"]) == (250, 250, 300, "KZT")


def test_what_was_raised_outside_the_period_is_left_out(tried_out: Rule) -> None:
    report = shadow.report(tried_out, since=LONG_AGO, until=faces.NOW, zone=ZoneInfo("UTC"))
    assert (report.notices, report.by_day) == (0, ())


def test_the_last_time_of_a_rule_counts_the_day_before_it(tried_out: Rule) -> None:
    bands = Rule.objects.get(organization__code="north", name="Остаток минут")
    silent = Rule.objects.get(organization__code="north", name="Мало денег")
    Notice.objects.filter(rule=bands).update(state="sent")
    newest = Notice.objects.filter(rule=bands).latest("pk")
    Notice.objects.exclude(pk=newest.pk).filter(rule=bands).update(raised_at=faces.NOW - timedelta(days=3))
    found = lately.of_rules([tried_out.pk, bands.pk, silent.pk])
    assert (found[tried_out.pk].shadow, found[bands.pk].sent) == (1, 1)
    assert found[bands.pk].at == faces.NOW
    assert silent.pk not in found

"""docs/reasons.md has every reason there is, in the words that users read."""

from enum import StrEnum

import pytest

from ostatok.delivery import checks, reason_words, reasons
from ostatok.delivery.models import DeliveryState
from ostatok.notices.models import NoticeState
from ostatok.rules import reason_words as alarm_words
from ostatok.rules.reasons import AlarmReason
from tests.docs.pages import code, page

PAGE = page("reasons.md")


def names(*head: str, heading: str) -> list[str]:
    return [name for row in PAGE.table(*head, heading=heading) for name in code(row[0])]


def test_every_reason_of_an_alarm_is_there_in_its_words() -> None:
    listed = {code(name)[0]: words for name, words, *_ in PAGE.table("reason", "in words", "meaning", "see")}

    assert listed == {reason.value: alarm_words.explain(reason, "en") for reason in AlarmReason}


@pytest.mark.parametrize(
    ("heading", "states"),
    [("What became of a notice", NoticeState.values), ("What became of a delivery", DeliveryState.values)],
)
def test_every_state_is_explained(heading: str, states: list[str]) -> None:
    assert names("state", "meaning", heading=heading) == states


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("Not sent", reasons.DropReason),
        ("Waits", reasons.WaitReason),
        ("Failed, tried again", reasons.TemporaryReason),
        ("Failed for good", reasons.PermanentReason),
        ("Nobody knows", reasons.UnknownReason),
    ],
)
def test_every_reason_of_a_delivery_is_there_in_its_words(heading: str, known: type[StrEnum]) -> None:
    listed = {code(name)[0]: words for name, words, _ in PAGE.table("reason", "in words", "meaning", heading=heading)}

    assert listed == {reason.value: reason_words.REASONS[reason]["en"] for reason in known}


def test_the_limit_of_age_is_the_one_of_the_checks() -> None:
    assert checks.KEEP_FOR.days == 1, "the page says a day"

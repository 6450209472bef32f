"""Reasons are a closed list, and each can be told in every language."""

import pytest

from ostatok.delivery import reason_words, reasons
from ostatok.delivery.models import Attempt, Delivery, DeliveryState
from ostatok.delivery.reasons import DropReason, TemporaryReason
from ostatok.kernel import text
from ostatok.notices.models import NoticeState


def test_the_words_are_of_the_reasons_and_of_nothing_else() -> None:
    assert sorted(reason_words.REASONS) == sorted(reasons.ALL)


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_reason_and_state_has_its_own_words_in_every_language(language: str) -> None:
    told = [reason_words.REASONS[reason][language] for reason in reasons.ALL]
    assert all(told)
    assert len(set(told)) == len(told)
    for state in (*DeliveryState, *NoticeState):
        assert reasons.explain(state=state, reason="", detail="", language=language)


def test_every_reason_fits_its_column() -> None:
    for model in (Delivery, Attempt):
        limit = model._meta.get_field("reason").max_length
        assert limit is not None
        assert max(map(len, reasons.ALL)) <= limit


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ru", "не отправлено: баланс пополнен через 14 с"),
        ("en", "not sent: topped up 14 s later"),
        ("pl", "nie wysłano: doładowano po 14 s"),
        ("kk", "жіберілмеді: баланс 14 с өткенде толықтырылды"),
    ],
)
def test_a_top_up_meanwhile_is_told_with_its_time(language: str, told: str) -> None:
    shown = reasons.explain(state="dropped", reason=DropReason.RECOVERED, detail="14", language=language)
    assert shown.replace("\xa0", " ") == told


@pytest.mark.parametrize(
    ("seconds", "told"), [("119", "119 с"), ("120", "2 мин"), ("7199", "120 мин"), ("9000", "2,5 ч")]
)
def test_the_time_is_as_coarse_as_a_person_would_tell_it(seconds: str, told: str) -> None:
    assert told in reasons.words(DropReason.RECOVERED, seconds, "ru").replace("\xa0", " ")


def test_without_a_top_up_it_is_simply_no_longer_so() -> None:
    assert reasons.explain(state="dropped", reason="recovered", detail="", language="ru") == (
        "не отправлено: к отправке уже неактуально"
    )


def test_what_the_provider_said_is_repeated() -> None:
    assert reasons.explain(
        state="waiting", reason=TemporaryReason.TRY_LATER, detail="451 4.3.0 Later", language="ru"
    ) == ("ждёт отправки: сервер просит повторить позже (451 4.3.0 Later)")


def test_the_overtaken_are_told_as_such() -> None:
    assert reasons.explain(state="dropped", reason="superseded", detail="", language="ru") == (
        "не отправлено: вытеснено следующим уведомлением"
    )


def test_sent_needs_no_reason_and_a_failed_notice_was_not_sent() -> None:
    assert reasons.explain(state="sent", reason="try_later", detail="", language="en") == "sent"
    assert reasons.explain(state="failed", reason="expired", detail="", language="en").startswith("not sent: ")

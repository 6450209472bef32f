from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ostatok.kernel import text

NBSP = "\u00a0"
LATE_EVENING = datetime(2026, 11, 20, 20, 30, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "known"), [("ru", "ru"), ("ru-RU", "ru"), ("PL_pl", "pl"), ("KK", "kk"), ("de", "en"), ("", "en")]
)
def test_a_language_we_do_not_speak_is_answered_in_english(written: str, known: str) -> None:
    assert text.known_language(written) == known


def test_figures_are_rounded_half_up_and_lose_trailing_zeros() -> None:
    assert text.number(Decimal("2.25"), "en", decimals=1) == "2.3"
    assert text.number(Decimal("2.00"), "ru", decimals=2) == "2"
    assert text.number(Decimal(2), "ru", decimals=2, fixed=True) == "2,00"
    assert text.number(1_234_567, "pl") == f"1{NBSP}234{NBSP}567"


def test_per_cents_stand_apart_in_russian_only() -> None:
    shown = [text.percent(Decimal("9.5"), language) for language in text.LANGUAGES]
    assert shown == ["9.5%", f"9,5{NBSP}%", "9,5%", "9,5%"]
    assert text.percent(Decimal(-10), "ru") == f"−10{NBSP}%"


def test_a_word_takes_the_form_of_its_figure() -> None:
    forms = {"one": "письмо", "few": "письма", "many": "писем", "other": "письма"}
    assert [text.plural(n, "ru", forms) for n in (1, 3, 12, 101)] == ["письмо", "письма", "писем", "письмо"]
    assert text.plural(Decimal("1.0"), "ru", forms) == "письмо"
    assert text.plural(7, "kk", {"other": "хат"}) == "хат"


def test_a_day_is_written_in_the_genitive_and_in_the_readers_zone() -> None:
    almaty = ZoneInfo("Asia/Almaty")
    shown = [text.day(LATE_EVENING, language, almaty).replace(NBSP, " ") for language in text.LANGUAGES]
    assert shown == ["21 November 2026", "21 ноября 2026", "21 listopada 2026", "2026 ж. 21 қараша"]


def test_a_moment_is_shown_to_the_minute() -> None:
    warsaw = ZoneInfo("Europe/Warsaw")
    assert text.day_and_time(LATE_EVENING, "pl", warsaw) == f"20{NBSP}listopada 2026, 21:30"


def test_a_moment_without_a_zone_has_no_date() -> None:
    assert text.day(date(2026, 5, 1), "ru") == f"1{NBSP}мая 2026"
    with pytest.raises(ValueError, match="pass zone"):
        text.day(LATE_EVENING, "ru")


def test_a_moment_can_be_shown_in_a_pattern_of_ones_own() -> None:
    assert text.moment(LATE_EVENING, "dd.MM.yyyy HH:mm", "ru", ZoneInfo("Asia/Almaty")) == "21.11.2026 01:30"


def test_a_name_is_one_line_whatever_it_holds() -> None:
    assert text.one_line(" Иван\r\nBcc: all@example.test\x00 ") == "Иван Bcc: all@example.test"
    assert text.one_line("Иван\u202eкод\u2066\u2028!") == "Иван код !"
    assert text.one_line("ООО «Ромашка»") == "ООО «Ромашка»"

"""The run-out list as a letter."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ostatok.kernel.text import LANGUAGES
from ostatok.notices import digest_letter, digest_words
from ostatok.notices.digest_letter import Digest, Line

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


def line(**fields: Any) -> Line:
    return Line(
        **{
            "client": "ООО «Ромашка»",
            "account": "100001",
            "service": "АД",
            "unit": "min",
            "left": Decimal(900),
            "runs_out_at": NOW + timedelta(hours=5),
            "phone": "+7 921 000-00-01",
            "note": None,
            "note_text": None,
            "promised_until": None,
            **fields,
        }
    )


def digest(*lines: Line, **fields: Any) -> Digest:
    return Digest(
        **{
            "language": "ru",
            "zone": ZoneInfo("Asia/Almaty"),
            "as_of": NOW,
            "organization": "ООО «Энергосбыт»",
            "signature": "ООО «Энергосбыт» · ops@energo.test",
            "mine": False,
            "lines": lines,
            "count": len(lines),
            "capped": False,
            "url": "https://o.test/console/run-out/",
            **fields,
        }
    )


def test_a_line_says_who_what_is_left_until_when_the_phone_and_what_was_agreed() -> None:
    noted = line(note="promised", note_text="в понедельник", promised_until=date(2026, 11, 30))
    letter = digest_letter.render(digest(noted))
    assert letter.subject == "У кого кончается: 1 · ООО «Энергосбыт»"
    plain = letter.text.replace("\u00a0", " ")
    assert (
        "ООО «Ромашка», 100001 · АД\nОсталось: 15 мин, хватит до 25 ноября, 13:00\n"
        "+7 921 000-00-01 · обещали заплатить до 30 ноября: в понедельник\n"
    ) in plain
    assert "Открыть список: https://o.test/console/run-out/" in plain
    for part in (
        "ООО «Ромашка»",
        "100001 · АД",
        'href="tel:+7921000-00-01"',
        "в понедельник",
        "https://o.test/console",
    ):
        assert part in letter.html


def test_what_is_used_up_is_said_so() -> None:
    assert "Осталось: 15\u00a0мин, закончилось, 25" in digest_letter.render(digest(line(runs_out_at=NOW))).text


def test_it_says_how_many_more_there_are() -> None:
    letter = digest_letter.render(digest(line(), count=31))
    assert "И ещё 30 в списке." in letter.text
    assert "И ещё 30 в списке." in letter.html
    many = digest_letter.render(digest(line(), count=1000, capped=True))
    assert "больше 1\u00a0000" in many.subject
    assert "И ещё больше 999 в списке." in many.text
    assert "ещё" not in digest_letter.render(digest(line())).text


@pytest.mark.parametrize("name", ["<b>x</b>", "{{ lead }}{% if %}", "a\r\nBcc: x@y.test", '"><script>'])
def test_what_people_wrote_does_no_harm(name: str) -> None:
    letter = digest_letter.render(
        digest(line(client=name, phone=name, note="note", note_text=name, service=name), organization=name)
    )
    assert "\n" not in letter.subject + letter.subject.replace("\r", "\n")
    assert "<b>x</b></b>" not in letter.html
    assert "<script>" not in letter.html
    # What is made here is not escaped.
    assert "&lt;br" not in letter.html
    assert "&lt;span" not in letter.html
    assert "\nBcc:" not in letter.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_words(language: str) -> None:
    assert digest_words.WORDS[language].keys() == digest_words.WORDS["en"].keys()
    letter = digest_letter.render(digest(line(note="called"), language=language, mine=True, count=60))
    assert digest_words.WORDS[language]["mine"] in letter.subject
    assert f'lang="{language}"' in letter.html
    assert "[[" not in letter.html
    assert "{" not in letter.text

"""The product's own letters, read as their recipients read them."""

import dataclasses
import re
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest

from ostatok.kernel import text
from ostatok.notices import defaults, layout, rendering, samples, variables, words
from ostatok.notices.defaults import NoDefaultTemplateError
from ostatok.notices.rendering import MessageTemplate, Rendered
from ostatok.rules.models import TriggerKind

EVERY = [(kind, language) for kind in defaults.KINDS for language in text.LANGUAGES]


def letter(kind: str, language: str, make: Any = samples.full, **changes: Any) -> Rendered:
    facts = dataclasses.replace(make(kind, language), **changes)
    rendered = rendering.render_message(defaults.message(kind, "email", language), variables.build(facts))
    plain = {part: value.replace(text.NBSP, " ") for part, value in dataclasses.asdict(rendered).items()}
    return Rendered(**plain)


class Words(HTMLParser):
    """What a reader sees of an HTML letter, and whether its tags are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def test_every_kind_of_trigger_has_its_letters() -> None:
    assert set(defaults.KINDS) == set(TriggerKind)


def test_a_kind_or_channel_without_words_is_told() -> None:
    with pytest.raises(NoDefaultTemplateError):
        defaults.message("balance_band", "pigeon", "ru")


def test_a_language_we_do_not_speak_gets_the_english_letter() -> None:
    assert defaults.message("balance_band", "email", "de") == defaults.message("balance_band", "email", "en")


def test_what_an_organization_did_not_write_comes_from_the_default() -> None:
    default = defaults.message("balance_band", "email", "ru")
    own = defaults.completed(MessageTemplate(language="ru", html="<p>{{ left }}"), "balance_band", "email")
    assert own == MessageTemplate(language="ru", subject=default.subject, text=default.text, html="<p>{{ left }}")
    text_only = defaults.completed(MessageTemplate(language="ru", text="{{ left }}"), "balance_band", "email")
    assert (text_only.text, text_only.html) == ("{{ left }}", "")


@pytest.mark.parametrize(("kind", "language"), EVERY)
@pytest.mark.parametrize("make", [samples.full, samples.minimal])
@pytest.mark.parametrize("balance", [900, 0, -660])
def test_every_letter_is_whole(kind: str, language: str, make: Any, balance: int) -> None:
    rendered = letter(kind, language, make, balance=Decimal(balance))
    for part in (rendered.subject, rendered.text, rendered.html):
        assert part
        assert not re.search(r"None|\[\[|\{\{|\{%|nil", part)
    html = Words(rendered.html)
    assert html.open == []
    assert rendered.subject.startswith("АД: ")
    for said in ("100001", "ООО «Ромашка»", "ООО «Энергосбыт»"):
        assert said in rendered.text
        assert said in "".join(html.text)
    assert not re.search(r"\n\n\n| \n| ,|\(\)| \.", rendered.text)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_a_letter_loads_nothing_from_elsewhere(kind: str, language: str) -> None:
    html = letter(kind, language, organization_logo_url="").html
    assert {link.split(":")[0] for link in Words(html).links} <= {"https", "mailto"}
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import|src=", html)


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_all_languages_have_the_same_labels(language: str) -> None:
    for table in (words.LABELS, words.LEVELS, words.MARK_LABELS, words.MARK_OF, words.ENTRY_KINDS):
        assert table[language].keys() == table["en"].keys()


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_sections_of_all_languages_are_the_same(kind: str, language: str) -> None:
    def sections(code: str) -> list[str]:
        return re.findall(r"<!-- (\w+) -->", layout.read(f"{code}/{kind}.html"))

    assert sections(language) == sections("en")


@pytest.mark.parametrize(
    ("seconds", "upper", "lower", "subject"),
    [
        (900, 20, 10, "АД: осталось 15 минут — 15 % от последнего пополнения"),
        (870, 20, 10, "АД: осталось 14,5 минуты — 14,5 % от последнего пополнения"),
        (540, 10, 5, "АД: осталось 9 минут — 9 % от последнего пополнения"),
        (120, 5, None, "АД: осталось 2 минуты (2 %) — последнее предупреждение"),
        (60, 5, None, "АД: осталась 1 минута (1 %) — последнее предупреждение"),
        (0, 5, None, "АД: остаток закончился (0 %)"),
        (-660, 5, None, "АД: остаток закончился (−11 %)"),
    ],
)
def test_each_step_down_has_its_russian_subject(seconds: int, upper: int, lower: int | None, subject: str) -> None:
    edges = {"band_upper": Decimal(upper), "band_lower": None if lower is None else Decimal(lower)}
    assert letter("balance_band", "ru", balance=Decimal(seconds), **edges).subject == subject


def test_the_russian_letter_reads_well() -> None:
    assert (
        letter("balance_band", "ru").text
        == """\
Здравствуйте!

Автоматический обзвон должников: осталось 15 минут — 15 % от последнего пополнения.

При таком расходе, как в последние дни, этого хватит до 22 ноября, 10:30.

Следующее письмо пришлём на отметке 10 % — это 10 минут.

Пополнить: https://pay.example.com/100001

Услуга: Автоматический обзвон должников (АД)
Остаток: 15 минут (15 %)
Последнее пополнение: 100 минут, 16 ноября 2026
Хватит до: 22 ноября, 10:30 (при расходе, как в последние дни)
Лицевой счёт: 100001
Адрес: Санкт-Петербург, Садовая ул., 12
Клиент: ООО «Ромашка», ИНН 7812345678

--
ООО «Энергосбыт»
8 800 555-01-48
help@energo.example
"""
    )


def test_a_letter_of_which_little_is_known_leaves_out_what_it_does_not_know() -> None:
    assert (
        letter("balance_band", "pl", samples.minimal).text
        == """\
Dzień dobry,

АД: zostało 15 minut, czyli 15% ostatniego doładowania.

Prosimy o doładowanie z wyprzedzeniem, aby usługa działała bez przerwy.

Usługa: АД
Saldo: 15 minut (15%)
Ostatnie doładowanie: 100 minut
Numer konta: 100001
Klient: ООО «Ромашка»

--
ООО «Энергосбыт»
"""
    )


@pytest.mark.parametrize(
    ("language", "kind", "said"),
    [
        ("en", "balance_band", "АД: 15 minutes left, 15% of the last top-up"),
        ("pl", "balance_band", "АД: zostało 15 minut – 15% ostatniego doładowania"),
        ("kk", "balance_band", "АД: 15 минут қалды — соңғы толықтырудың 15%-ы"),
        ("ru", "balance_below", "АД: остаток 15 минут — ниже порога (20 минут)"),
        ("kk", "balance_below", "АД: қалдық 15 минут — шектен төмен (20 минут)"),
        ("en", "balance_above", "АД: balance 25 minutes, above 20 minutes"),
        ("pl", "balance_exhausted", "АД: środki się skończyły"),
        ("en", "forecast_below", "АД: balance 15 minutes, enough for 3 days"),
        ("ru", "forecast_below", "АД: остаток 15 минут — хватит на 3 дня"),
        ("pl", "forecast_below", "АД: stan 15 minut – wystarczy na 3 dni"),
        ("kk", "forecast_below", "АД: қалдық 15 минут — жететін мерзімі 3 күн"),
    ],
)
def test_subjects_say_what_is_left(language: str, kind: str, said: str) -> None:
    assert letter(kind, language).subject == said


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("en", 0, "enough for less than a day"),
        ("en", 1, "enough for 1 day"),
        ("ru", 0, "хватит на неполные сутки"),
        ("ru", 1, "хватит на 1 день"),
        ("ru", 5, "хватит на 5 дней"),
        ("pl", 0, "wystarczy na mniej niż dobę"),
        ("pl", 1, "wystarczy na 1 dzień"),
        ("kk", 0, "жететін мерзімі бір тәуліктен аз"),
    ],
)
def test_days_have_their_number_forms(language: str, days: int, said: str) -> None:
    until = samples.full("forecast_below", language).as_of + timedelta(days=days, hours=5)
    assert said in letter("forecast_below", language, lasts_until=until).subject


def test_what_has_run_out_lasts_for_fewer_days_than_the_rule_asks() -> None:
    rendered = letter("forecast_below", "ru", balance=Decimal(-60), lasts_until=None)
    assert "хватит меньше чем на 7 дней" in rendered.subject
    assert "Пополнить" in rendered.text


def test_a_below_zero_balance_of_money_is_written_as_money() -> None:
    rendered = letter("balance_exhausted", "pl", unit="PLN", balance=Decimal("-12.3"))
    assert rendered.subject == "АД: środki się skończyły, stan −12,30 zł"


def test_the_other_bases_of_100_per_cent_are_named() -> None:
    assert "15 % от пакета" in letter("balance_band", "ru", mark_kind="package").text
    assert "Пакет: 100 минут" in letter("balance_band", "ru", mark_kind="package").text


def test_the_html_letter_says_what_the_text_says() -> None:
    seen = " ".join(" ".join(Words(letter("balance_band", "ru").html).text).split())
    for said in (
        "15 минут",
        "15 %",
        "22 ноября, 10:30",
        "ИНН 7812345678",
        "Пополнить АД",
        "это мало",
        "100 минут, 16 ноября 2026",
    ):
        assert said in seen

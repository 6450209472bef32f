"""The components as templates use them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import heroicons
import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from ostatok.console.design import examples
from ostatok.ledger.standing import Standing
from ostatok.parties.access import Member, Role
from ostatok.web import icons

NOW = datetime(2026, 11, 21, 8, 46, tzinfo=UTC)
TEMPLATES = sorted(Path(__file__, "../../../src/ostatok").resolve().glob("*/templates/**/*.html"))


@dataclass(frozen=True)
class Cut:
    previous: str | None = None
    next: str | None = None
    broken: bool = False


def drawn(source: str, request: HttpRequest | None = None, **context: Any) -> str:
    """A template rendered for a Russian reader in Moscow, its spaces as they are."""
    given = {"now": NOW, "request": request or RequestFactory().get("/console/rules/"), **context}
    with translation.override("ru"), timezone.override("Europe/Moscow"):
        return Template(source).render(Context(given)).replace("\u00a0", " ").strip()


def test_an_amount_is_written_in_the_readers_way() -> None:
    assert drawn("{% amount value 'min' %}", value=Decimal(-540)) == "−9 мин"
    assert drawn("{% amount value 'min' 'long' %}", value=Decimal(120)) == "2 минуты"
    assert drawn("{% amount value 'RUB' signed=True %}", value=Decimal("1284.5")) == "+1 284,50 ₽"
    assert drawn("{% amount value 'RUB' %}", value=None) == "—"


def test_figures_have_thousands_apart_and_the_languages_per_cent() -> None:
    assert drawn("{% number 1284 %} {% percent value %}", value=Decimal("9.5")) == "1 284 9,5 %"


def test_a_unit_goes_by_its_short_name_and_a_currency_by_its_code() -> None:
    assert drawn("{% unit 'min' %} {% unit 'kWh' %} {% unit 'KZT' %}") == "мин кВт·ч KZT"


def test_a_moment_is_told_in_words_and_read_by_machines() -> None:
    told = drawn("{% moment at %}", at=NOW)
    assert told == ('<time datetime="2026-11-21T11:46:00+03:00" title="21 ноября 2026, 11:46">сегодня в 11:46</time>')
    assert drawn("{% moment at %}", at=None) == "—"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("day", "вчера"),
        ("date", "20 ноября 2026"),
        ("full", "20 ноября 2026, 10:02"),
        ("time", "10:02"),
        ("seconds", "10:02:07"),
    ],
)
def test_a_moment_has_the_form_asked_for(form: str, told: str) -> None:
    at = datetime(2026, 11, 20, 7, 2, 7, tzinfo=UTC)
    assert f">{told}</time>" in drawn("{% moment at form %}", at=at, form=form)


def test_how_long_ago_and_how_long() -> None:
    assert ">47 минут назад</time>" in drawn("{% ago at %}", at=NOW - timedelta(minutes=47))
    assert drawn("{% duration length %}", length=timedelta(hours=24)) == "1 день"


def test_every_icon_named_in_a_template_exists() -> None:
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'\{% icon "([^"]+)" %\}|icon="([^"]+)"|nav_link "[^"]+" "([^"]+)"', path.read_text())
        for name in name
        if name
    }
    assert named
    missing = [name for name in named if not drawable(name)]
    assert missing == []


def drawable(name: str) -> bool:
    try:
        return "aria-hidden" in icons.draw(name)
    except heroicons.IconDoesNotExist:
        return False


# Data for a script, of type application/json, is no script.
INLINE = re.compile(r'\sstyle=|<style|<script(?![^>]*(\ssrc=|type="application/json"))|\son[a-z]+="')


def test_no_template_has_style_or_script_of_its_own() -> None:
    # The strict Content-Security-Policy of pages would leave them out; letters are another matter.
    pages = [path for path in TEMPLATES if "email" not in path.parts]
    assert [path.name for path in pages if INLINE.search(path.read_text())] == []


def test_a_bar_says_in_a_sentence_what_it_shows() -> None:
    with translation.override("en"):
        shown = Template("{% bar standing %}").render(Context({"standing": examples.standing(15, 100)}))
    assert 'role="img"' in shown
    assert 'aria-label="15\u00a0min of 100\u00a0min, 15%, low"' in shown
    assert 'data-band="low"' in shown


@pytest.mark.parametrize(
    ("standing", "word"),
    [
        (examples.standing(131, 100), "to spare"),
        (examples.standing(20, 100), "enough"),
        (examples.standing(10, 100), "low"),
        (examples.standing(9, 100), "very low"),
        (examples.standing(1, 100), "almost gone"),
        (examples.standing(0, 100), "used up"),
        (examples.standing(-32, 100), "below zero"),
        (examples.standing(40, None), "no top-up yet"),
        (examples.standing(0, None, known=False), "not known yet"),
    ],
)
def test_a_word_stands_beside_every_colour(standing: Standing, word: str) -> None:
    with translation.override("en"):
        assert Template("{% band_word standing %}").render(Context({"standing": standing})) == word


def test_a_balance_nobody_knows_shows_no_figure() -> None:
    with translation.override("en"):
        shown = Template("{% left standing %}").render(Context({"standing": examples.standing(0, None, known=False)}))
    assert '<span class="amount">—</span>' in shown


def test_a_chart_tells_the_same_as_a_table() -> None:
    shown = drawn("{% chart points standing %}", points=examples.HISTORY, standing=examples.standing(15, 100, used=300))
    assert '<th scope="row">21 ноября 2026</th><td class="num">15 мин</td>' in shown
    assert "forecast" in shown


def test_a_chart_of_nothing_says_so() -> None:
    assert "<svg" not in drawn("{% chart points standing %}", points=[], standing=examples.standing(0, None))


def test_a_chip_keeps_the_other_filters_and_starts_from_the_first_page() -> None:
    request = RequestFactory().get("/console/rules/?q=долг&state=active&after=xyz")
    chip = drawn("{% narrow 'state' 'shadow' count=2 %}Shadow{% endnarrow %}", request)
    assert chip == ('<a class="chip" href="?q=%D0%B4%D0%BE%D0%BB%D0%B3&amp;state=shadow">Shadow <b>2</b></a>')
    assert 'aria-current="true"' in drawn("{% narrow 'state' 'active' %}On{% endnarrow %}", request)


def test_the_pager_is_there_only_where_there_is_more() -> None:
    assert drawn("{% pager page %}", page=Cut()) == ""
    first = drawn("{% pager page %}", RequestFactory().get("/?q=a"), page=Cut(next="n"))
    assert 'href="?q=a&amp;after=n"' in first
    assert first.count("aria-disabled") == 1


def test_a_broken_cursor_is_told() -> None:
    assert "<p" in drawn("{% pager page %}", page=Cut(broken=True))


def test_what_would_be_empty_is_left_out() -> None:
    assert drawn("{% wrap 'div' 'actions' %}  {% endwrap %}{% trail %}{% endtrail %}") == ""
    assert drawn("{% wrap 'div' 'actions' %}<b>x</b>{% endwrap %}") == '<div class="actions"><b>x</b></div>'


def test_what_is_put_in_is_escaped_once() -> None:
    name = "<b>&</b>"
    assert drawn("{% badge 'low' %}{{ name }}{% endbadge %}", name=name).count("&lt;b&gt;&amp;&lt;/b&gt;") == 1
    assert "<b>" not in drawn("{% empty title=name text=name %}{% toast name %}{% crumb name %}", name=name)
    assert "<b>" not in drawn("{% dialog 'x' name %}{% enddialog %}", name=name)


def test_a_bulb_that_can_be_switched_names_its_rule() -> None:
    with translation.override("en"):
        shown = Template("{% bulb 'inactive' 'Долг' '/go/' %}").render(Context())
    assert 'aria-label="Rule “Долг” is off, switch it on"' in shown
    assert 'data-lit="false"' in shown
    assert "<a " not in drawn("{% bulb 'deleted' 'Долг' '/go/' %}")


def test_a_share_of_nothing_takes_no_room() -> None:
    shown = drawn("{% shares counts 'x' %}", counts={"ok": 3, "low": 0, "crit": 1})
    assert re.findall(r'data-band="(\w+)" x="([^"]+)" width="([^"]+)"', shown) == [
        ("ok", "0%", "75%"),
        ("crit", "75%", "25%"),
    ]


def reader(role: Role) -> HttpRequest:
    request = RequestFactory().get("/console/organizations/5/")
    request.actor = Member(user_id=1, name="x", roles={1: role})  # type: ignore[attr-defined]
    return request


def test_the_navigation_shows_where_one_is() -> None:
    link = drawn("{% nav_link 'console:organizations' %}Here{% endnav_link %}", reader(Role.LOOK))
    assert link == '<a href="/console/organizations/" aria-current="page">Here</a>'
    other = drawn("{% nav_link 'console:dashboard' exact=True %}There{% endnav_link %}", reader(Role.LOOK))
    assert "aria-current" not in other


def test_the_navigation_offers_no_page_that_a_role_does_not_open() -> None:
    link = "{% nav_link 'console:keys' %}Keys{% endnav_link %}"
    assert drawn(link, reader(Role.LOOK)) == ""
    assert drawn(link, reader(Role.OWNER)) == '<a href="/console/keys/">Keys</a>'

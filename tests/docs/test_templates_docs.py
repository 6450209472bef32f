"""docs/templates.md promises what the code has, no more and no less."""

import re
from pathlib import Path

import pytest
import yaml

from ostatok.kernel import text
from ostatok.notices import checking, filters, rendering, samples, sandbox, source, variables
from ostatok.notices.rendering import MessageTemplate

PAGE = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")][2:]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_variable_stands_in_the_table_with_its_type_meaning_and_example() -> None:
    expected = [
        [f"`{one.name}`", one.type, "yes" if one.nullable else "", one.meaning, one.example]
        for one in variables.VARIABLES
    ]
    assert rows("Variables") == expected


@pytest.mark.parametrize("one", [one for one in variables.VARIABLES if one.example], ids=lambda one: one.name)
def test_the_example_of_a_variable_is_what_an_english_message_prints(one: variables.Variable) -> None:
    known = variables.build(samples.full("balance_band", "en"))
    known |= {"threshold": variables.build(samples.full("balance_below", "en"))["threshold"]}
    forecast = variables.build(samples.full("forecast_below", "en"))
    known |= {name: forecast[name] for name in ("forecast_days", "lasts_days")}
    assert rendering.render(f"{{{{ {one.name} }}}}", known).replace(text.NBSP, " ") == one.example


def test_the_names_of_the_old_add_on_are_listed() -> None:
    expected = [[f"`%{old}`", f"`{{{{ {new} }}}}`"] for old, new in source.PERCENT_NAMES.items()]
    assert rows("Names of the LMS add-on") == expected


def test_every_filter_is_listed_and_every_listed_one_exists() -> None:
    listed = {name for cells in rows("Filters") for name in re.findall(r"`(\w+)`", cells[0])}
    assert listed == set(filters.FILTERS)


@pytest.mark.parametrize("cells", rows("Filters"), ids=lambda cells: cells[1])
def test_the_example_of_a_filter_prints_what_the_page_says(cells: list[str]) -> None:
    known = variables.build(samples.full("balance_band", "ru"))
    assert rendering.render(cells[1].strip("`"), known).replace(text.NBSP, " ") == cells[2]


def test_every_tag_is_listed() -> None:
    assert set(re.findall(r"`([#\w]+)`", section("Tags").split("\n\n")[0])) == source.TAGS


def test_the_limits_are_those_of_the_code() -> None:
    assert rows("What is checked") == [
        ["characters of a source", f"{source.SOURCE_LIMIT:,}"],
        ["tags and values in a source", f"{source.TAG_LIMIT:,}"],
        ["characters of one tag", f"{source.TAG_LENGTH_LIMIT:,}"],
        ["steps of a rendering", f"{sandbox.STEP_LIMIT:,}"],
        ["characters written", f"{sandbox.OUTPUT_LIMIT:,}"],
        ["characters of one text in a filter", f"{filters.TEXT_LIMIT:,}"],
        [
            "seconds that a rendering takes of a processor",
            f"{rendering.PATIENCE:g}, when it is saved {checking.PATIENCE:g}",
        ],
    ]
    assert f"each {sandbox.TEXT_STEP} characters" in section("What is checked")


@pytest.mark.parametrize("written", blocks("liquid"))
def test_an_example_can_be_saved(written: str) -> None:
    assert checking.check_message(MessageTemplate(language="ru", text=written), "balance_band") == []


@pytest.mark.parametrize("written", blocks("html"))
def test_an_example_in_html_can_be_saved(written: str) -> None:
    assert checking.check_message(MessageTemplate(language="ru", html=written), "balance_band") == []


def test_the_example_for_apply_can_be_saved() -> None:
    [described] = yaml.safe_load(blocks("yaml")[0])["templates"]
    parts = {part: described[part] for part in ("language", "subject", "text", "html")}
    assert checking.check_message(MessageTemplate(**parts), described["kind"]) == []

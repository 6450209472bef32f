"""Pages use what the design system has, and the design system keeps what it promises about colours."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src/ostatok"
SHEETS = {sheet.name: sheet.read_text() for sheet in (SOURCE / "web/static/ostatok/css").glob("*.css")}
#: Mails have no sheets, and Django's admin has its own.
PAGES = [path for path in SOURCE.glob("*/templates/**/*.html") if not {"email", "admin"} & set(path.parts)]

TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
CLASS = re.compile(r'\sclass="([^"]*)"')
TOKEN = re.compile(r"--([\w-]+): light-dark\((#\w+), (#\w+)\);")


def test_every_class_on_a_page_is_styled() -> None:
    styled = set(re.findall(r"\.([a-z][\w-]*)", "\n".join(SHEETS.values())))
    unknown = {
        f"{path.relative_to(SOURCE)}: {name}"
        for path in PAGES
        for value in CLASS.findall(TAG.sub(" ", path.read_text()))
        for name in value.split()
        if name not in styled
    }
    assert unknown == set()


def test_nothing_foreign_is_loaded() -> None:
    assert not re.search(r"url\((?!#)|@import|https?:", "\n".join(SHEETS.values()))


def luminance(colour: str) -> float:
    channels = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall(SHEETS["tokens.css"])}
STATES = ("ok", "low", "lower", "crit", "none", "accent")
TEXT_PAIRS = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "sunk"),
    ("ink-2", "paper"),
    ("ink-2", "surface"),
    ("ink-2", "sunk"),
    ("on-accent", "accent-fill"),
    *((state, f"{state}-soft") for state in STATES),
    *((state, "surface") for state in STATES),
    *((state, "paper") for state in STATES),
]
SHAPE_PAIRS = [("edge", "surface"), ("edge", "paper"), *((f"{state}-fill", "surface") for state in STATES)]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_enough_to_be_read(text: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_shapes_stand_out_enough_to_be_seen(shape: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[shape][theme], TOKENS[ground][theme]) >= 3

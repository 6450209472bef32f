"""The page about the look of the pages names what there is, and only that."""

import re
from pathlib import Path

from ostatok.web.templatetags.ostatok import register

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/design.md").read_text()
STATIC = ROOT / "src/ostatok/web/static/ostatok"
#: Parts of the skeleton, of no use to a page.
OF_THE_SKELETON = {"nav_link", "trail", "wrap"}


def test_every_tag_is_described() -> None:
    described = set(re.findall(r"\{% (\w+)", PAGE)) - {"load"}
    described = {name for name in described if not name.startswith("end")}
    assert described == set(register.tags) - OF_THE_SKELETON


def test_every_class_it_names_is_styled() -> None:
    styles = "\n".join(sheet.read_text() for sheet in (STATIC / "css").glob("*.css"))
    named = set(re.findall(r"`\.([a-z-]+)`", PAGE))
    assert {name for name in named if f".{name}" not in styles} == set()


def test_every_attribute_it_names_is_looked_for() -> None:
    scripts = "\n".join(module.read_text() for module in (STATIC / "js").glob("*.js"))
    named = set(re.findall(r"data-(dialog|asks|opens|closes|copies|copied|submits)", PAGE))
    assert {name for name in named if f"data-{name}" not in scripts and f"dataset.{name}" not in scripts} == set()


def test_style_sheets_can_be_read_in_one_go() -> None:
    assert [sheet.name for sheet in (STATIC / "css").glob("*.css") if len(sheet.read_text().splitlines()) >= 400] == []

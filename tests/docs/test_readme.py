"""README.md promises two commands, and says how many purchases the demo has."""

import re

from tests.docs.pages import ROOT, Page

README = Page(ROOT / "README.md")


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    known = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    pages = [README, *(Page(path) for path in (ROOT / "docs").glob("*.md")), Page(ROOT / "CONTRIBUTING.md")]

    named = {target for page in pages for target in re.findall(r"(?:`|^)make ([a-z]+)", page.text, re.MULTILINE)}
    assert {"demo", "test", "bench"} <= named <= known


def test_the_purchases_are_as_many_as_it_says() -> None:
    lines = (ROOT / "examples" / "cdnow_sample.csv").read_text().splitlines()

    assert f"{len(lines) - 1:,} real purchases" in README.text


def test_the_example_is_the_rule_of_the_quickstart() -> None:
    [rule] = README.blocks("yaml")
    [description] = Page(ROOT / "docs" / "quickstart.md").blocks("yaml")

    assert rule in description

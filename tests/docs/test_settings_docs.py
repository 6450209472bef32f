"""No page names a variable of the environment that Ostatok does not read."""

import re
from pathlib import Path

import pytest

from ostatok.config import environment
from tests.docs.pages import DOCS, ROOT, Page

PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_variable_that_a_page_names_is_read(path: Path) -> None:
    named = set(re.findall(r"\b(OSTATOK_[A-Z_]+|DATABASE_URL|PG_BIN)\b", Page(path).text))

    assert named <= {variable.name for variable in environment.VARIABLES}

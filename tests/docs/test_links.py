"""No page leads nowhere, and every page can be reached."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, Page

PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
PICTURES = sorted((DOCS / "pictures").glob("*.png"))
LARGEST_PICTURE = 150_000


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def targets(page: Page) -> list[tuple[Path, str]]:
    """Where the links and pictures of a page lead within the repository: the file, and the anchor in it."""
    images = re.findall(r'<(?:img|source)\b[^>]* src(?:set)?="([^"]+)"', page.prose())
    inside = [link for link in [*page.links(), *images] if not re.match(r"[a-z]+:", link)]
    return [
        ((page.path.parent / link.split("#")[0]).resolve() if not link.startswith("#") else page.path, anchor)
        for link in inside
        for anchor in [link.partition("#")[2]]
    ]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    found = targets(Page(path))

    assert [name(target) for target, _ in found if not target.exists()] == []
    anchored = [(target, anchor) for target, anchor in found if anchor]
    assert [(name(target), anchor) for target, anchor in anchored if anchor not in Page(target).anchors()] == []


def test_every_page_and_picture_can_be_reached_from_the_readme() -> None:
    reached, fresh = set(), {ROOT / "README.md"}
    while fresh:
        reached |= fresh
        linked = {target for path in fresh if path in PAGES for target, _ in targets(Page(path))}
        fresh = linked - reached

    assert [name(path) for path in [*PAGES, *PICTURES] if path not in reached] == []


def test_the_list_of_decisions_has_them_all_in_their_order_under_their_titles() -> None:
    decisions = sorted((DOCS / "decisions").glob("0*.md"))
    titled = re.findall(
        r"^\| (\d{4}) \| \[(.+)\]\((.+)\) \|$", (DOCS / "decisions/README.md").read_text(), re.MULTILINE
    )

    titles = [path.read_text(encoding="utf-8").splitlines()[0] for path in decisions]
    assert [f"# {int(number)}. {title}" for number, title, _ in titled] == titles
    assert [file for _, _, file in titled] == [path.name for path in decisions]


@pytest.mark.parametrize("path", PICTURES, ids=name)
def test_a_picture_is_small(path: Path) -> None:
    assert path.stat().st_size < LARGEST_PICTURE

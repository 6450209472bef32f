"""docs/importing.md promises what imports do."""

from pathlib import Path

import pytest
from django.utils import timezone

from ostatok.intake import balance_file, entry_file
from ostatok.intake.table import Columns
from ostatok.ledger.entries import Reason
from ostatok.ledger.models import Entry
from tests.docs import sessions, stories
from tests.docs.pages import code, page

PAGE = page("importing.md")


@pytest.mark.django_db
def test_the_examples_print_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stories.apply(stories.operator(), timezone.now())

    ran = sessions.play(PAGE, tmp_path)

    assert [one.status for one in ran] == [3, 0, 0, 0, 3]
    internet = Entry.objects.filter(balance__service__code="internet").order_by("seq")
    assert [(one.get_kind_display(), one.amount) for one in internet] == [
        ("opening", 400),
        ("top_up", 500),
        ("snapshot", -830),
    ]


def test_every_reason_of_a_refusal_is_explained_once() -> None:
    listed = [name for row in PAGE.table("reason", "meaning", "what to do") for name in code(row[0])]

    assert sorted(listed) == sorted(Reason)


@pytest.mark.parametrize(
    ("heading", "columns"), [("Columns", entry_file.COLUMNS), ("Balances of another billing", balance_file.COLUMNS)]
)
def test_every_column_is_listed_and_whether_it_is_needed(heading: str, columns: Columns) -> None:
    listed = {code(name)[0]: needed for name, needed, _ in PAGE.table("column", "", "holds", heading=heading)}

    assert list(listed) == list(columns.all)
    assert [name for name, needed in listed.items() if needed] == list(columns.required)

"""docs/rules.md promises what the rules do."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from ostatok.cli import main as cli
from ostatok.intake.description.rule_schema import UNSEEN, Conditions, Quota, RuleItem
from ostatok.ledger.models import Account
from ostatok.parties.models import Client
from ostatok.rules.models import First, Mark, RecipientKind, RuleState, TriggerKind
from tests.docs import stories
from tests.docs.pages import Table, code, page
from tests.docs.stories import Told

PAGE = page("rules.md")
OPERATOR, *EXAMPLES = PAGE.blocks("yaml")
STORIES = stories.told_on(PAGE)

pytestmark = pytest.mark.django_db


def apply(tmp_path: Path, description: str) -> dict[str, dict[str, dict[str, int]]]:
    """What `ostatok apply` says of a description."""
    file = tmp_path / "description.yaml"
    file.write_text(description, encoding="utf-8")
    result = CliRunner().invoke(cli.cli, ["apply", str(file), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    told: dict[str, dict[str, dict[str, int]]] = json.loads(result.stdout)
    return told


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_applied_and_applied_again_changes_nothing(example: str, tmp_path: Path) -> None:
    apply(tmp_path, OPERATOR)

    assert apply(tmp_path, example)["sections"]["rules"]["created"] == 1
    assert apply(tmp_path, example)["sections"]["rules"]["unchanged"] == 1


@pytest.mark.parametrize("told", STORIES, ids=lambda told: told.heading)
def test_what_happens_is_what_the_page_says(told: Told) -> None:
    stories.play(OPERATOR, told)


def test_a_story_that_is_not_so_is_found_out() -> None:
    told = STORIES[0]
    wrong = [list(row) for row in told.table.rows]
    wrong[1][2] = "20–10"
    table = Table(told.heading, told.table.head, wrong)

    with pytest.raises(AssertionError, match="charge of 80"):
        stories.play(OPERATOR, Told(told.heading, told.example, table))


def test_every_kind_of_trigger_has_a_section_an_example_and_a_story() -> None:
    def kind(example: str) -> str:
        return str(yaml.safe_load(example)["rules"][0]["trigger"]["kind"])

    kinds = set(TriggerKind.values)
    assert {heading for heading in PAGE.headings if heading in kinds} == kinds
    assert {kind(example) for example in EXAMPLES} == kinds
    assert {kind(told.example) for told in STORIES if told.heading == kind(told.example)} == kinds


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (("`quota`", "meaning", "without it"), Quota.model_fields),
        (("`mark`", "100 % is"), Mark.values),
        (("`state`", "the rule"), RuleState.values),
        (("field", "meaning"), RuleItem.model_fields),
    ],
)
def test_a_table_lists_all_that_may_be_written(head: tuple[str, ...], known: object) -> None:
    listed = [name for row in PAGE.table(*head) for name in code(row[0])]

    assert sorted(listed) == sorted(known)  # type: ignore[call-overload]


def test_every_recipient_is_listed() -> None:
    listed = [name for row in PAGE.table("`to`", "who") for name in code(row[0])]

    assert sorted(listed) == sorted({*RecipientKind.values, UNSEEN} - {RecipientKind.ADDRESS.value})


def test_every_key_of_an_audience_is_listed_with_its_values() -> None:
    rows = {code(key)[0]: code(values) for key, values in PAGE.table("key", "asks for")}

    assert rows.keys() == Conditions.model_fields.keys()
    assert rows["status"] == Client.Status.values
    assert rows["billing"] == Account.Billing.values


def test_when_the_first_notice_comes_is_said() -> None:
    [meaning] = [row[1] for row in PAGE.table("`quota`", "meaning", "without it") if code(row[0]) == ["first"]]

    assert set(First.values) <= set(code(meaning))

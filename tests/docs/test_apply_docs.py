"""docs/apply.md promises what may stand in a description, and what becomes of it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ostatok.cli import main as cli
from ostatok.intake.description import reading, schema
from ostatok.intake.description.problems import DescriptionError
from ostatok.intake.description.rule_schema import TemplateItem
from ostatok.intake.description.strictness import Strict
from ostatok.kernel import units
from ostatok.parties.access import Role
from tests.docs import sessions
from tests.docs.pages import Block, code, page

PAGE = page("apply.md")
SECTIONS = [heading for heading in PAGE.headings if heading in schema.Description.model_fields]


def _session() -> list[Block]:
    return [part for part in PAGE.parts if isinstance(part, Block) and part.heading == "The smallest useful file"]


@pytest.mark.django_db
def test_the_smallest_file_is_applied_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example, *parts = _session()
    Path("energo.yaml").write_text(example.text, encoding="utf-8")
    for command, output in zip(parts[::2], parts[1::2], strict=True):
        assert sessions.run(command).output == output.text


@pytest.mark.django_db
def test_the_example_of_every_section_can_be_applied_after_those_before_it(tmp_path: Path) -> None:
    file = tmp_path / "city.yaml"
    for section in SECTIONS:
        (example,) = PAGE.blocks("yaml", section)
        file.write_text(example, encoding="utf-8")
        for fate in ("created", "unchanged"):
            result = CliRunner().invoke(cli.cli, ["apply", str(file)], catch_exceptions=False)
            assert result.exit_code == 0, result.output
            assert f"{section}: {_count(example, section)} {fate}" in result.output


def _count(example: str, section: str) -> int:
    return len(getattr(reading.read(example), section))


def test_the_mistakes_are_told_as_the_page_says() -> None:
    (mistakes,), (told,) = PAGE.blocks("yaml", "Mistakes"), PAGE.blocks("text", "Mistakes")
    with pytest.raises(DescriptionError) as caught:
        reading.read(mistakes)
    assert f"{caught.value}\n" == told


def test_every_section_is_described_in_its_order() -> None:
    assert list(schema.Description.model_fields) == SECTIONS


@pytest.mark.parametrize(
    ("section", "item"),
    [
        ("organizations", schema.OrganizationItem),
        ("services", schema.ServiceItem),
        ("groups", schema.GroupItem),
        ("contacts", schema.ContactItem),
        ("users", schema.UserItem),
        ("clients", schema.ClientItem),
        ("accounts", schema.AccountItem),
        ("templates", TemplateItem),
    ],
)
def test_every_field_of_a_section_is_described_once(section: str, item: type[Strict]) -> None:
    listed = [name for row in PAGE.table("field", "meaning", heading=section) for name in code(row[0])]
    assert sorted(listed) == sorted(item.model_fields)


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "rules"])
def test_every_example_uses_fields_that_its_table_lists(section: str) -> None:
    listed = {name for row in PAGE.table("field", "meaning", heading=section) for name in code(row[0])}
    (example,) = PAGE.blocks("yaml", section)
    for item in getattr(reading.read(example), section):
        assert item.model_fields_set <= listed


def test_roles_and_units_are_listed() -> None:
    fields = {name: row[1] for row in PAGE.table("field", "meaning", heading="users") for name in code(row[0])}
    assert set(Role) <= set(code(fields["roles"]))
    fields = {name: row[1] for row in PAGE.table("field", "meaning", heading="services") for name in code(row[0])}
    quantities = {unit for unit in units.codes() if not units.get(unit).is_money}
    assert set(code(fields["unit"])) == quantities


def test_what_comes_later_is_refused_with_that_reason() -> None:
    for section in schema.Description.later:
        with pytest.raises(DescriptionError, match="comes with a later version"):
            reading.read(f"{section}: []")

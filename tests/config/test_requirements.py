"""What is required is used: each dependency costs whoever installs, updates and trusts it."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import ostatok

ROOT = Path(__file__).parents[2]
SOURCE = Path(ostatok.__file__).parent
#: Not imported by us: who needs it.
FOR_OTHERS = {"email-validator": "pydantic, for addresses in descriptions"}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def required() -> list[str]:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    return [_plain(found[0]) for line in lines if (found := re.match(r"[A-Za-z0-9._-]+", line))]


@pytest.mark.parametrize("name", sorted(set(required()) - FOR_OTHERS.keys()))
def test_what_is_required_is_used(name: str) -> None:
    modules = {module for module, owners in packages_distributions().items() if name in map(_plain, owners)}
    assert modules & used(), "an app that is only installed does nothing"


def test_what_is_pinned_stands_in_no_block_of_what_is_not_required() -> None:
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    direct = re.findall(
        r"^([a-z0-9-]+)(?:\[\S+\])?==[^\n]*\n(?:    --hash[^\n]*\n)*    # via(?: -r|\n    #   -r)", pinned, re.MULTILINE
    )
    assert sorted(direct) == sorted(required())


def used() -> set[str]:
    """Modules that the source imports, or names in a text; the list of Django's apps by itself uses nothing."""
    return {name for path in SOURCE.rglob("*.py") for name in _used_in(path)}


def _used_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                yield from (alias.name.partition(".")[0] for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield module.partition(".")[0]
            case ast.Constant(value=str(text)) if "." in text or path.name != "settings.py":
                yield text.partition(".")[0]

"""Every message about a change or a template that stands in the source can be said in every language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils import translation

from ostatok.web import complaints, template_complaints

SOURCE = Path(complaints.__file__).parents[1]
SILENT = ("report.py", "writing.py", "exporting.py", "exporting_rules.py")
READ = [
    *(path for path in sorted((SOURCE / "intake/description").rglob("*.py")) if path.name not in SILENT),
    *(SOURCE / f"notices/{name}.py" for name in ("checking", "filters", "rendering", "sandbox", "source")),
    SOURCE / "delivery/trying.py",
    SOURCE / "web/switching.py",
]
#: What no page shows: progress, SQL, the log, the audit's own words, the sum of all problems; and what is a part only.
NOT_TOLD = {
    "Value error, ",
    "a rule was not switched",
    "and .* more problems",
    "another unit",
    "deleted rules whose notices stay",
    "lock table organization in share row exclusive mode",
    "only the least",
    "organizations below it",
    "role in .*",
    "rules looking at what changed",
}
KNOWN = [re.sub(r"%\(\w+\)s", "¤", sentence) for sentence in (*complaints.SENTENCES, *template_complaints.SENTENCES)]
_TWO_WORDS = re.compile(r"[A-Za-z]+ [a-z]+")
_OF_FORMAT = re.compile(r"\\{\w+\\}")


def test_every_message_of_the_source_has_a_sentence() -> None:
    with translation.override("ru"):
        unknown = [
            f"{path.relative_to(SOURCE)}:{line}: {_readable(pattern)}"
            for path in READ
            for line, pattern in _literals(path)
            if _readable(pattern) not in NOT_TOLD and not _is_known(pattern)
        ]
    assert not unknown, "say it in web/complaints.py or web/template_complaints.py:\n" + "\n".join(unknown)


def test_what_is_not_told_stands_in_the_source() -> None:
    found = {_readable(pattern) for path in READ for _, pattern in _literals(path)}
    assert found >= NOT_TOLD


def _literals(path: Path) -> Iterator[tuple[int, str]]:
    """Texts of at least two words, as patterns: what is put into them is anything."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        pattern = _pattern(node)
        if pattern and _TWO_WORDS.search(_readable(pattern)):
            yield node.lineno, pattern  # type: ignore[attr-defined]
        if not isinstance(node, ast.JoinedStr):
            waiting.extend(child for child in ast.iter_child_nodes(node) if not _is_docstring(child))


def _pattern(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _OF_FORMAT.sub(".*", re.escape(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part) or ".*" for part in node.values)
    return ""


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _readable(pattern: str) -> str:
    return re.sub(r"\\(.)", r"\1", pattern)


def _is_known(pattern: str) -> bool:
    """Whether it is a sentence, or makes one; what begins with a mark is the tail of others."""
    whole = re.compile(pattern, re.DOTALL)
    if pattern.startswith((":", ";")):
        return any(whole.search(sentence) for sentence in KNOWN)
    example = _readable(pattern.replace(".*", "7"))
    return any(whole.fullmatch(sentence) for sentence in KNOWN) or complaints.said(example) != example

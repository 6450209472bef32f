"""Liquid for templates that an organization may write itself: few tags and filters, and no way out of bounds.

Work is counted in steps first: a template that renders once renders always, on any machine. A step is a lookup, a
filter, an assignment, a turn of a loop, and every TEXT_STEP characters that they handle. There are no ranges, so loops
have only short lists and other loops to run over; outside loops the length of the source is the bound. What steps do
not see is caught by a deadline, far above what any letter takes.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from io import StringIO
from typing import TextIO

import liquid
from liquid import BoundTemplate, RenderContext, Token
from liquid.ast import Node
from liquid.builtin import content, illegal, output
from liquid.builtin.expressions import Path
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    case_tag,
    comment_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.exceptions import LiquidError, OutputStreamLimitError, ResourceLimitError
from liquid.expression import Expression
from liquid.undefined import UNDEFINED, StrictUndefined
from liquid.utils import ReadOnlyChainMap

from ostatok.notices import filters, source
from ostatok.notices.source import TemplateError, TooMuchWork

STEP_LIMIT = 20_000
OUTPUT_LIMIT = 256_000
TEXT_STEP = 100
# Steps between two looks at the clock, which costs as much as several of them.
LOOK_EVERY = 64

Clock = Callable[[], float]

#: The processor time of the thread, in seconds: a letter that waits for a busy machine is not taken for a slow one.
clock: Clock = time.thread_time

_TAGS = (
    content.Literal,
    output.Output,
    illegal.Illegal,
    if_tag.IfTag,
    unless_tag.UnlessTag,
    case_tag.CaseTag,
    for_tag.ForTag,
    for_tag.BreakTag,
    for_tag.ContinueTag,
    assign_tag.AssignTag,
    capture_tag.CaptureTag,
    comment_tag.CommentTag,
    inline_comment_tag.InlineCommentTag,
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Renderings may go on for `seconds`, until `at` by a clock that only goes forward."""

    clock: Clock
    seconds: float
    at: float

    def demand(self) -> None:
        """`ResourceLimitError` once the time is up."""
        if self.clock() > self.at:
            raise ResourceLimitError(f"it takes longer than {self.seconds:g} s; look at its loops", token=None)


def within(seconds: float, by: Clock) -> Deadline:
    """A deadline that many seconds from now."""
    return Deadline(by, seconds, by() + seconds)


class _Output(StringIO):
    """What is written so far, as parts; more than a letter can be is refused."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._room = OUTPUT_LIMIT

    def write(self, written: str) -> int:
        self._room -= len(written)
        if self._room < 0:
            raise OutputStreamLimitError(f"it writes more than {OUTPUT_LIMIT:,} characters", token=None)
        self._parts.append(written)
        return len(written)

    def getvalue(self) -> str:
        return "".join(self._parts)


class _Context(RenderContext):
    """A render that counts its steps."""

    __slots__ = ("deadline", "look_at", "steps")

    def __init__(self, template: BoundTemplate, *, globals: Mapping[str, object], deadline: Deadline | None) -> None:  # noqa: A002
        super().__init__(template, globals=globals)
        # The library's own scope would add its clock: `now` and `today`.
        self.scope = ReadOnlyChainMap(self.locals, self.globals)
        self.deadline = deadline
        self.steps = 0
        self.look_at = LOOK_EVERY

    def step(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > self.look_at:
            self.look()

    def handle(self, value: object) -> None:
        """Count what a long text costs whoever handles it."""
        if isinstance(value, str) and len(value) >= TEXT_STEP:
            self.step(len(value) // TEXT_STEP)

    def look(self) -> None:
        """Whether it may go on."""
        if self.steps > STEP_LIMIT:
            raise ResourceLimitError(f"it takes more than {STEP_LIMIT:,} steps; look at its loops", token=None)
        if self.deadline:
            self.deadline.demand()
        self.look_at = min(self.steps + LOOK_EVERY, STEP_LIMIT)

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        self.step()
        found = super().get(path, token=token, default=default)
        self.handle(found)
        return found

    def filter(self, name: str, token: Token | None) -> filters.Filter:
        self.step()
        return partial(_applied, self, super().filter(name, token))

    def assign(self, key: str, val: object) -> None:
        self.step()
        self.handle(val)
        super().assign(key, val)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        self.step(length)
        # A turn may do much that is no step.
        self.look()

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:  # noqa: ARG002
        return _Output()


def _applied(context: _Context, apply: filters.Filter, /, *arguments: object, **named: object) -> object:
    """What a filter makes; a text longer than any letter is refused."""
    for value in arguments:
        context.handle(value)
    made = apply(*arguments, **named)
    if isinstance(made, str) and len(made) > filters.TEXT_LIMIT:
        raise ResourceLimitError(f"a text grew longer than {filters.TEXT_LIMIT:,} characters", token=None)
    context.handle(made)
    return made


class _Name(Path):
    """A path of one name, as nearly all are. Outside loops there is no chain of scopes to search for it."""

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        name = str(self.path[0])
        if context.loops or name in context.locals or name not in context.globals:
            return super().evaluate(context)
        return context.globals[name]


class _Environment(liquid.Environment):
    context_depth_limit = 20
    block_nesting_limit = 20
    local_namespace_limit = 1_000_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:  # noqa: ARG002
        for tag in _TAGS:
            self.add_tag(tag)
        filters.register(self)


_TEXT = _Environment(undefined=StrictUndefined)
_HTML = _Environment(undefined=StrictUndefined, autoescape=True)


@lru_cache(maxsize=1024)
def compiled(written: str, *, html: bool) -> BoundTemplate:
    """The template ready to render, kept for next time. `TemplateError` with the line of the first fault."""
    source.demand_size(written)
    for name, line in source.refused_tags(written):
        raise TemplateError(f"the tag '{name}' is not available in templates", line)
    try:
        template = (_HTML if html else _TEXT).from_string(source.translated(written))
    except LiquidError as error:
        raise _fault(error) from error
    for expression in _expressions(template):
        _refuse_range(expression)
        _shorten(expression)
    return template


def run(template: BoundTemplate, variables: Mapping[str, object], deadline: Deadline | None = None) -> str:
    """What the template writes. `TemplateError` if it asks for what there is not, `TooMuchWork` if for too much."""
    buffer = _Output()
    try:
        template.render_with_context(_Context(template, globals=variables, deadline=deadline), buffer)
    except LiquidError as error:
        raise _fault(error) from error
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise TemplateError(f"it cannot be rendered: {error}") from error
    return buffer.getvalue()


def _fault(error: LiquidError) -> TemplateError:
    kind, token = TooMuchWork if isinstance(error, ResourceLimitError) else TemplateError, error.token
    if token is None or token.start_index < 0:
        return kind(str(error.message))
    return kind(str(error.message), source.line_of(token.source, token.start_index))


def _refuse_range(expression: Expression) -> None:
    if isinstance(expression, RangeLiteral):
        line = source.line_of(expression.token.source, expression.token.start_index)
        raise TemplateError(f"ranges such as {expression} are not available in templates", line)


def _shorten(expression: Expression) -> None:
    """The library's parser cannot be told to make `_Name`s, which take a fifth off the time of a letter."""
    if isinstance(expression, Path) and len(expression.path) == 1 and isinstance(expression.path[0], str):
        expression.__class__ = _Name


def _expressions(template: BoundTemplate) -> Iterator[Expression]:
    """Every expression of the template, nested ones too."""
    context = RenderContext(template)
    waiting: list[Node | Expression] = list(template.nodes)
    while waiting:
        part = waiting.pop()
        if isinstance(part, Node):
            waiting.extend(part.children(context, include_partials=False))
            waiting.extend(part.expressions())
        else:
            waiting.extend(part.children())
            yield part

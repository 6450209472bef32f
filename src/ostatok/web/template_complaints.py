"""What is wrong with a template, in the language of whoever reads the page.

The sentences are those of the checks, of the filters, and of the library that reads templates; what nobody knows stays.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, gettext_noop

from ostatok.web import reading, refusals
from ostatok.web.sentences import Phrasebook, unit, unquoted

#: What is longer before what it contains.
SENTENCES: Final = (
    gettext_noop("line %(line)s: %(fault)s"),
    gettext_noop("subject: %(fault)s"),
    gettext_noop("text: %(fault)s"),
    gettext_noop("html: %(fault)s"),
    gettext_noop("%(fault)s (in a notice of which everything is known)"),
    gettext_noop("%(fault)s (in a notice of which only the least is known)"),
    gettext_noop("%(fault)s; it is sent as it stands"),
    gettext_noop("%(fault)s; did you mean '%(near)s'?"),
    # The checks (notices.checking, source, sandbox).
    gettext_noop("there is no variable '%(name)s'"),
    gettext_noop("there is no filter '%(name)s'"),
    gettext_noop("there is no name '%(name)s'"),
    gettext_noop("the PIN is off: the organization does not allow it in messages"),
    gettext_noop("the tag '%(tag)s' is not available in templates"),
    gettext_noop("the tag '%(tag)s' is not available"),
    gettext_noop("ranges such as %(range)s are not available in templates"),
    gettext_noop("'%(opening)s' is not closed by '%(closing)s'"),
    gettext_noop("the template is %(count)s characters long; at most %(most)s are allowed"),
    gettext_noop("the template has %(count)s tags; at most %(most)s are allowed"),
    gettext_noop("it takes more than %(most)s steps; look at its loops"),
    gettext_noop("it takes longer than %(seconds)s s; look at its loops"),
    gettext_noop("it writes more than %(most)s characters"),
    gettext_noop("it cannot be rendered: %(why)s"),
    # The filters (notices.filters).
    gettext_noop("a text grew longer than %(most)s characters"),
    gettext_noop("an amount in %(unit)s cannot be shown in %(other_unit)s"),
    gettext_noop("plural in '%(language)s' takes %(count)s forms, not %(given)s"),
    gettext_noop("a moment is needed, not %(type)s"),
    gettext_noop("an amount is needed, not %(type)s"),
    gettext_noop("a figure is needed, not %(type)s"),
    gettext_noop("this cannot be calculated"),
    gettext_noop("Invalid length for field: %(written)s"),
    gettext_noop("\"Unsupported date/time field '%(name)s'\""),
    *refusals.AMOUNTS,
    # How Python calls them.
    gettext_noop("%(call)s takes %(takes)s positional argument but %(number)s given"),
    gettext_noop("%(call)s takes %(takes)s positional arguments but %(number)s given"),
    gettext_noop("%(call)s missing %(count)s required positional argument: %(names)s"),
    gettext_noop("%(call)s missing %(count)s required positional arguments: %(names)s"),
    gettext_noop("%(call)s got an unexpected keyword argument '%(name)s'"),
    gettext_noop("%(call)s got multiple values for argument '%(name)s'"),
    # The library.
    gettext_noop("truncate expected an integer, found %(type)s"),
    gettext_noop("expected %(expected)s, found %(found)s"),
    gettext_noop("expected %(expected)s"),
    gettext_noop("unexpected liquid parsing error"),
    gettext_noop("unexpected tag 'end of expression'"),
    gettext_noop("unexpected tag %(written)s"),
    gettext_noop("unexpected token %(found)s"),
    gettext_noop("unexpected %(written)s"),
    gettext_noop("unknown operator %(written)s"),
    gettext_noop("unknown filter '%(name)s'"),
    gettext_noop("missing tag name or closing delimiter"),
    gettext_noop("missing tag name"),
    gettext_noop("missing expression"),
    gettext_noop("missing or unexpected path segment"),
    gettext_noop("invalid identifier"),
    gettext_noop("comment tag was never closed"),
    gettext_noop("every line of an inline comment must start with a '#' character"),
    gettext_noop("found an 'else' tag expression, did you mean 'elsif'?"),
    gettext_noop("disallowed not operator in logical expression"),
    gettext_noop("disallowed parentheses in logical expression"),
    gettext_noop("disallowed ternary expression"),
    gettext_noop("unbalanced parentheses"),
    gettext_noop("'<' and '>' are not supported between '%(left)s' and '%(right)s'"),
    gettext_noop("'in' and 'contains' are not supported between '%(left)s' and '%(right)s'"),
    gettext_noop("%(path)s is undefined"),
    gettext_noop("index out of range"),
    gettext_noop("block nesting limit reached"),
    gettext_noop("local namespace limit reached"),
    gettext_noop("maximum context depth reached, possible recursive include"),
    gettext_noop("integer string conversion limit (%(most)s) reached: value has %(count)s digits"),
)

_END, _WORD, _TEXT = gettext_lazy("the end"), gettext_lazy("a word"), gettext_lazy("a text")
_NUMBER, _LIST, _NOTHING = gettext_lazy("a number"), gettext_lazy("a list"), gettext_lazy("nothing")
_NAME, _VALUE, _TAG = gettext_lazy("a name"), gettext_lazy("a value"), gettext_lazy("a tag")

#: What the library and Python call the parts of a template and the kinds of values.
_WORDS: Final[Mapping[str, str | Promise]] = {
    "end of expression": _END,
    "end of file": _END,
    "word": _WORD,
    "string": _TEXT,
    "content": _TEXT,
    "integer": _NUMBER,
    "float": _NUMBER,
    "tag": _TAG,
    "output": gettext_lazy("an output in {{ }}"),
    "expression": gettext_lazy("an expression"),
    "rangeexpression": gettext_lazy("a range"),
    "an integer": gettext_lazy("a whole number"),
    "an identifier": _NAME,
    "a name": _NAME,
    "an argument name": gettext_lazy("the name of an argument"),
    "a primitive expression": _VALUE,
    "an infix expression": gettext_lazy("a comparison"),
    "a dot or bracket notation": gettext_lazy("a dot or a bracket"),
    "a comma separated list of arguments": gettext_lazy("arguments with commas between them"),
    "a path with multiple segments": gettext_lazy("a name of several parts"),
    "an string or variable": gettext_lazy("a text or a variable"),
    "'reversed', 'offset' or 'limit'": gettext_lazy("'reversed', 'offset' or 'limit'"),
    "Path": _NAME,
    "StringLiteral": _TEXT,
    "IntegerLiteral": _NUMBER,
    "FloatLiteral": _NUMBER,
    "RangeLiteral": gettext_lazy("a range"),
    "TrueLiteral": "true",
    "FalseLiteral": "false",
    "Nil": "nil",
    "Empty": "empty",
    "Blank": "blank",
    "str": _TEXT,
    "Markup": _TEXT,
    "int": _NUMBER,
    "Decimal": _NUMBER,
    "bool": gettext_lazy("true or false"),
    "list": _LIST,
    "tuple": _LIST,
    "Percent": gettext_lazy("a percentage"),
    "Amount": gettext_lazy("an amount"),
    "Moment": gettext_lazy("a moment"),
    "Days": gettext_lazy("a number of days"),
    "Level": gettext_lazy("a level"),
    "EntryTable": gettext_lazy("a table"),
    "NoneType": _NOTHING,
    "StrictUndefined": _NOTHING,
    "Undefined": _NOTHING,
}
#: Signs go by names with the library; here they stand themselves.
_SIGNS: Final[Mapping[str, str]] = {
    "pipe": "|",
    "colon": ":",
    "comma": ",",
    "dot": ".",
    "lparen": "(",
    "rparen": ")",
    "lbracket": "[",
    "rbracket": "]",
    "range": "..",
    "assign": "=",
    "eq": "==",
    "ne": "!=",
    "ltgt": "<>",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "negative": "-",
}
_ONE_OF: Final = re.compile(r"one of \((.+)\)")
_A_TAG: Final = re.compile(r"tag (\w+)")


def _word(written: str) -> str:
    """What the library expected or found, in words; what is none of its words stays."""
    if several := _ONE_OF.fullmatch(written):
        return " / ".join(_word(unquoted(one)) for one in several[1].rstrip(",").split(", "))
    if tag := _A_TAG.fullmatch(written):
        return f"{_TAG} {tag[1]}"
    return f"'{sign}'" if (sign := _SIGNS.get(written)) else str(_WORDS.get(written, written))


def _figure(written: str) -> str:
    """`64,001` as the reader writes it."""
    digits = written.replace(",", "")
    return reading.number(int(digits)) if digits.isdecimal() else written


def _seconds(written: str) -> str:
    """`0.25` as the reader writes it."""
    return reading.number(Decimal(written), 2) if written.replace(".", "", 1).isdecimal() else written


def _call(written: str) -> str:
    """`plus: _calculating.<locals>.calculate()` is `plus`, `truncate()` is `truncate`."""
    return written.partition(":")[0].removesuffix("()")


def _first_number(written: str) -> str:
    """`3 were`, `3 positional arguments (and 1 keyword-only argument) were` are 3."""
    return written.partition(" ")[0]


BOOK: Final = Phrasebook(
    SENTENCES,
    {
        "written": unquoted,
        "path": unquoted,
        "unit": unit,
        "other_unit": unit,
        "count": _figure,
        "most": _figure,
        "seconds": _seconds,
        "call": _call,
        "takes": lambda takes: takes.removeprefix("from ").replace(" to ", "–"),
        "number": _first_number,
        "names": lambda names: names.replace("'", "").replace(" and ", ", "),
        "expected": _word,
        "found": _word,
        "type": _word,
        "left": _word,
        "right": _word,
    },
    within=["fault"],
    perhaps=["why"],
)

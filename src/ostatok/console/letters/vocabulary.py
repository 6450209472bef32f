"""What a template can say, in the reader's words, each with an example in the language of the template."""

from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ostatok.kernel import text
from ostatok.notices import rendering, samples, variables
from ostatok.notices.variables import Variable, Variables


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """A name, what it stands for, and how it prints; nothing where that is a table or a block."""

    name: str
    meaning: SafeString
    may_be_missing: bool
    example: str


def of(language: str) -> list[Word]:
    """All names there are, in the order of the docs."""
    known = _known(language)
    return [
        Word(name=one.name, meaning=_marked(_(one.meaning)), may_be_missing=one.nullable, example=_example(one, known))
        for one in variables.VARIABLES
    ]


def _known(language: str) -> Variables:
    """A notice of bands knows most; what only rules of other kinds know is theirs."""
    known = dict(variables.build(samples.full("balance_band", language)))
    known["threshold"] = variables.build(samples.full("balance_below", language))["threshold"]
    forecast = variables.build(samples.full("forecast_below", language))
    return known | {name: forecast[name] for name in ("forecast_days", "lasts_days")}


def _marked(meaning: str) -> SafeString:
    """What stands between backticks, as in the docs, is code."""
    parts = enumerate(meaning.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in parts)
    )


def _example(one: Variable, known: Variables) -> str:
    if not one.example:
        return ""
    return rendering.render(f"{{{{ {one.name} }}}}", known).replace(text.NBSP, " ")

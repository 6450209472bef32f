"""What became of a notice or a delivery, in the words of whoever reads: `{% load fates %}`."""

from typing import Final

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ostatok.delivery import reasons
from ostatok.web import reading

register = template.Library()

#: Red is only for what somebody must mend; what was not sent for a good reason is grey.
_BANDS: Final = {"sent": "ok", "unknown": "info"}


@register.simple_tag
def fate(state: str, reason: str = "", detail: str = "") -> SafeString:
    """`{% fate row.state row.reason row.detail %}` → `not sent: topped up 14 s later`, coloured by its state."""
    said = reasons.explain(state=state, reason=reason, detail=detail, language=reading.language())
    return format_html('<span class="state" data-band="{}">{}</span>', band(state, reason), said)


def band(state: str, reason: str) -> str:
    """The colour of what became of it."""
    return "crit" if reasons.must_be_mended(state, reason) else _BANDS.get(state, "none")


@register.simple_tag
def why(reason: str, detail: str = "") -> str:
    """`{% why attempt.reason attempt.detail %}` → `the provider did not answer in time`."""
    return reasons.words(reason, detail, reading.language()) if reason else ""

"""The components of the pages: `docs/design.md` names them all, `/console/design/` shows them.

These tags are built in: templates need no `{% load %}`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.urls import resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ostatok.ledger.standing import Standing
from ostatok.parties import access
from ostatok.parties.access import Actor, Member
from ostatok.web import charts, icons, panels, reading
from ostatok.web.drawing import bar as bars
from ostatok.web.drawing.line import Point
from ostatok.web.pages import Page

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "users" %}`: an outline of heroicons, or our own `bulb`. Hidden from ears: a word stands beside it."""
    return icons.draw(name)


# Figures


@register.simple_tag
def amount(value: Decimal | int | None, unit: str, form: str = "short", signed: bool = False) -> str:
    """`{% amount entry.amount entry.unit signed=True %}` → `−6 мин`; form "long" → `−6 минут`."""
    return reading.amount(value, unit, long=form == "long", signed=signed)


@register.simple_tag
def remaining(value: Decimal, unit: str) -> str:
    """`{% remaining event.left event.unit %}` → `осталось 6 мин`."""
    return reading.left(value, unit)


@register.simple_tag
def unit(code: str) -> str:
    """`{% unit "min" %}` → `мин`."""
    return reading.unit(code)


@register.simple_tag
def percent(value: Decimal | None) -> str:
    """`{% percent standing.percent %}` → `15 %`."""
    return reading.percent(value)


@register.simple_tag
def number(value: Decimal | int | None, decimals: int = 0) -> str:
    """`{% number 1284 %}` → `1 284`."""
    return reading.number(value, decimals)


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | None, form: str = "near") -> str:
    """`{% moment at %}` → `today at 11:46`; forms: near, day, until, date, time, seconds, full."""
    return reading.moment(at, reading.now(context), form)


@register.simple_tag(takes_context=True)
def ago(context: Context, at: datetime | None) -> str:
    """`{% ago at %}` → `47 minutes ago`."""
    return reading.ago(at, reading.now(context))


@register.simple_tag
def duration(length: timedelta | None, form: str = "long") -> str:
    """`{% duration rule.period %}` → `24 hours`; form "short" → `24 h`."""
    return reading.duration(length, short=form == "short")


# What is left


@register.simple_tag
def bar(standing: Standing, tiny: bool = False) -> SafeString:
    """`{% bar standing %}`: what is left against the mark; `tiny=True` in tables."""
    panel = panels.of(standing)
    return panel.tiny_svg if tiny else panel.svg


@register.inclusion_tag("web/components/left.html", takes_context=True)
def left(context: Context, standing: Standing, form: str = "short", heading: str = "h2") -> dict[str, Any]:
    """`{% left standing %}`: the body of a balance's card: amount, bar, until when; form "long" for clients."""
    panel = panels.of(standing, long=form == "long")
    return {"panel": panel, "heading": heading, "now": reading.now(context)}


@register.inclusion_tag("web/components/chart.html")
def chart(points: Iterable[Point], standing: Standing) -> dict[str, Any]:
    """`{% chart history.points standing %}`: what was left over weeks, and the forecast; the same as a table below."""
    return {"figures": charts.of(points, standing)}


@register.inclusion_tag("web/components/spark.html")
def spark(points: Iterable[Point], standing: Standing) -> dict[str, Any]:
    """`{% spark points standing %}`: the last days of a balance, in a table's cell."""
    return charts.spark_of(points, standing)


@register.inclusion_tag("web/components/share.html")
def shares(counts: dict[str, int], label: str) -> dict[str, Any]:
    """`{% shares counts label %}`: one bar divided among bands; `counts` by band, in the order drawn."""
    return {"parts": panels.shares(counts), "label": label}


@register.simple_tag
def band_word(standing: Standing) -> str:
    """`{% band_word standing %}` → `low`: the word that goes with the colour."""
    return str(panels.word(standing))


@register.simple_block_tag
def badge(content: str, band: str = "none") -> SafeString:
    """`{% badge "low" %}low{% endbadge %}`: a state in a word; its colour only repeats it."""
    return format_html('<span class="badge" data-band="{}">{}</span>', band, content)


@register.inclusion_tag("web/components/bulb.html")
def bulb(state: str, name: str = "", url: str = "") -> dict[str, Any]:
    """`{% bulb rule.state rule.name url %}`: a rule's state; with a url a link to the page that switches it."""
    return {"state": state, "name": name, "url": url, "lit": state in ("active", "shadow")}


# Forms


@register.simple_tag
def field(bound: BoundField | str) -> SafeString | str:
    """`{% field form.name %}`: label, help, control and error, tied together for ears too."""
    return bound.as_field_group() if isinstance(bound, BoundField) else ""


@register.simple_tag
def fields(form: BaseForm) -> SafeString:
    """`{% fields form %}`: all fields of a form, hidden ones too, without the form element."""
    return form.render()


@register.inclusion_tag("web/components/errors.html")
def errors(form: BaseForm) -> dict[str, Any]:
    """`{% errors form %}`: a banner on top that names each mistake and leads to its field."""
    named = [(form[name], messages) for name, messages in form.errors.items() if name in form.fields]
    return {"fields": named, "general": form.non_field_errors() if form.is_bound else []}


# Lists


@register.inclusion_tag("web/components/pager.html", takes_context=True)
def pager(context: Context, page: object) -> dict[str, Any]:
    """`{% pager page %}`: to the rows before and after; nothing where all rows are here."""
    return {"page": page, "request": context["request"]}


@register.simple_block_tag(takes_context=True)
def narrow(context: Context, content: str, name: str, value: object = "", count: int | None = None) -> SafeString:
    """`{% narrow "state" "active" count=9 %}On{% endnarrow %}`: a chip that filters the list by a parameter."""
    query, value = context["request"].GET.copy(), str(value or "")
    chosen = query.get(name, "") == value
    for key in (name, "after", "before"):
        query.pop(key, None)
    if value:
        query[name] = value
    current = SafeString(' aria-current="true"') if chosen else ""
    shown = "" if count is None else format_html(" <b>{}</b>", reading.number(count))
    return format_html('<a class="chip" href="?{}"{}>{}{}</a>', query.urlencode(), current, _bare(content), shown)


# Places


@register.simple_block_tag(takes_context=True)
def nav_link(context: Context, content: str, view: str, icon: str = "", exact: bool = False) -> SafeString | str:
    """`{% nav_link "console:rules" "bell" %}Rules{% endnav_link %}`: current on its page and below it.

    A page that the reader's role does not open is not offered.
    """
    url, path = reverse(view), context["request"].path
    if not _opens(url, getattr(context["request"], "actor", None)):
        return ""
    current = SafeString(' aria-current="page"') if path == url or (not exact and path.startswith(url)) else ""
    return format_html('<a href="{}"{}>{}{}</a>', url, current, icons.draw(icon) if icon else "", _bare(content))


def _opens(url: str, actor: Actor | None) -> bool:
    """Whether a member of staff may open a page; what customers see is no matter of roles."""
    page = getattr(resolve(url).func, "view_class", None)
    if not isinstance(actor, Member) or page is None or not issubclass(page, Page):
        return True
    return access.reach(actor, page.needs) != ()


@register.simple_block_tag(takes_context=True)
def tab(context: Context, content: str, url: str) -> SafeString:
    """`{% tab url %}Accounts{% endtab %}`: a place in `<nav class="tabs ruled">`; current on its page."""
    current = SafeString(' aria-current="page"') if context["request"].path == url else ""
    return format_html('<a href="{}"{}>{}</a>', url, current, _bare(content))


@register.simple_block_tag
def wrap(content: str, element: str, css: str = "") -> SafeString | str:
    """`{% wrap "div" "actions" %}…{% endwrap %}`: the element, unless there is nothing to put in it."""
    if not content.strip():
        return ""
    opened = format_html('<{} class="{}">', element, css) if css else format_html("<{}>", element)
    return format_html("{}{}</{}>", opened, _bare(content), element)


@register.simple_block_tag
def trail(content: str) -> SafeString | str:
    """`{% trail %}{% crumb … %}{% endtrail %}`: the way to a page, above its heading."""
    if not content.strip():
        return ""
    return format_html('<nav class="crumbs" aria-label="{}"><ol>{}</ol></nav>', _("The way here"), _bare(content))


@register.inclusion_tag("web/components/crumb.html")
def crumb(label: str, url: str = "") -> dict[str, str]:
    """`{% crumb _("Rules") url %}`: a step of the way here; without a url the page itself."""
    return {"label": label, "url": url}


# What is told


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:  # noqa: A002
    """`{% dialog "delete" title %}…{% enddialog %}`: asks before something that reaches people.

    `<a href="…" data-opens="delete">` opens it; without JavaScript the link leads to the page that asks the same.
    """
    return format_html(
        '<dialog class="dialog" id="{0}" aria-labelledby="{0}-title">'
        '<header><h2 id="{0}-title">{1}</h2></header>{2}</dialog>',
        id,
        title,
        content,
    )


@register.inclusion_tag("web/components/toast.html")
def toast(message: object) -> dict[str, Any]:
    """`{% toast message %}`: what was just done, from django.contrib.messages; errors stay until closed."""
    return {"message": message, "lasting": "error" in str(getattr(message, "tags", ""))}


@register.inclusion_tag("web/components/empty.html")
def empty(title: str, text: str = "", url: str = "", label: str = "", icon: str = "inbox") -> dict[str, str]:
    """`{% empty title=… text=… url=… label=… %}`: what this place is for and the first step, where it is empty."""
    return {"title": title, "text": text, "url": url, "label": label, "icon": icon}


@register.simple_block_tag
def banner(content: str, band: str = "info", icon: str = "information-circle") -> SafeString:
    """`{% banner "crit" %}…{% endbanner %}`: stays until it is mended; the finding first, in `<strong>`."""
    return format_html(
        '<section class="banner" data-band="{}">{}<div>{}</div></section>', band, icons.draw(icon), content
    )


@register.inclusion_tag("web/components/stat.html")
def stat(label: str, value: object, note: str = "", url: str = "") -> dict[str, object]:
    """`{% stat label value note url %}` in `<dl class="stats">`: a figure, its name, and what it means."""
    return {
        "label": label,
        "value": reading.number(value) if isinstance(value, int | Decimal) else value,
        "note": note,
        "url": url,
    }


@register.inclusion_tag("web/components/progress.html")
def progress(done: int, whole: int, label: str) -> dict[str, object]:
    """`{% progress 9998 10000 label %}`: how far long work has come."""
    share = bars.per_cent(min(bars.FULL, Decimal(done) * 100 / whole)) if whole else "0%"
    return {"done": done, "whole": whole, "share": share, "label": label}


def _bare(content: str) -> SafeString:
    """What stood between a tag and its end, which is escaped already."""
    return SafeString(content.strip())

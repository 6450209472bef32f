"""A rule in words: when, about whom, to whom and how often, as its row and its page say it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ostatok.ledger.models import Account
from ostatok.parties.models import Client
from ostatok.rules.models import First, Mark, RecipientKind, Rule, RuleRecipient, TriggerKind
from ostatok.web import reading

KINDS: Final[Mapping[str, Promise]] = {
    TriggerKind.BALANCE_BAND: gettext_lazy("What is left falls to a share of the last top-up"),
    TriggerKind.BALANCE_BELOW: gettext_lazy("The available balance falls below an amount"),
    TriggerKind.FORECAST_BELOW: gettext_lazy("What is left lasts for only a few days"),
    TriggerKind.BALANCE_EXHAUSTED: gettext_lazy("Nothing is left"),
    TriggerKind.BALANCE_ABOVE: gettext_lazy("The available balance rises above an amount"),
}
MARKS: Final[Mapping[str, Promise]] = {
    Mark.LAST_TOP_UP: gettext_lazy("the last top-up"),
    Mark.BALANCE_AFTER: gettext_lazy("the balance right after the last top-up"),
    Mark.PACKAGE: gettext_lazy("the package granted"),
}
STATUSES: Final[Mapping[str, Promise]] = {
    Client.Status.ACTIVE: gettext_lazy("active clients"),
    Client.Status.SUSPENDED: gettext_lazy("suspended clients"),
    Client.Status.CLOSED: gettext_lazy("closed clients"),
}
BILLINGS: Final[Mapping[str, Promise]] = {
    Account.Billing.PREPAID: gettext_lazy("prepaid"),
    Account.Billing.POSTPAID: gettext_lazy("postpaid"),
}
CHANNELS: Final[Mapping[str, Promise]] = {"email": gettext_lazy("e-mail")}

_SINGLE: Final[Mapping[timedelta, Promise]] = {
    timedelta(minutes=1): gettext_lazy("every minute"),
    timedelta(hours=1): gettext_lazy("every hour"),
    timedelta(days=1): gettext_lazy("every day"),
}
#: When a rule with bands tells, by what it takes for 100 %.
_BELOW_OF: Final[Mapping[str, Promise]] = {
    Mark.LAST_TOP_UP: gettext_lazy("When what is left falls below {edges} of the last top-up"),
    Mark.BALANCE_AFTER: gettext_lazy(
        "When what is left falls below {edges} of the balance right after the last top-up"
    ),
    Mark.PACKAGE: gettext_lazy("When what is left falls below {edges} of the package granted"),
}

#: Upper and lower edge of a band, in per cent; the last has no lower one.
Edges = tuple[Decimal, Decimal | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What is said of a rule; amounts in base units of `unit`, the hysteresis in days where the rule has `days`."""

    kind: str
    unit: str
    threshold: Decimal | None
    days: int | None
    mark: str
    bands: tuple[Edges, ...]
    hysteresis: Decimal
    max_qty: int | None
    period: timedelta | None
    cooldown: timedelta | None
    first: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One value of an audience; `negated`: whom it is not about."""

    label: str | Promise
    negated: bool = False


def of(rule: Rule, bands: Iterable[Edges]) -> Said:
    """What is said of a saved rule with these bands."""
    return Said(
        kind=rule.kind,
        unit=rule.unit,
        threshold=rule.threshold,
        days=rule.days,
        mark=rule.mark,
        bands=tuple(sorted(bands, reverse=True, key=lambda edges: edges[0])),
        hysteresis=rule.hysteresis,
        max_qty=rule.max_qty,
        period=rule.period,
        cooldown=rule.cooldown,
        first=rule.first,
    )


def when(said: Said) -> SafeString:
    """When the rule tells: `When what is left falls below 20, 10 and 5 % of the last top-up`."""
    match said.kind:
        case TriggerKind.BALANCE_BAND:
            edges = _listed([_number(upper) for upper, _lower in said.bands])
            return format_html(str(_BELOW_OF[said.mark]), edges=_bold(_kept(_("%(edges)s %%") % {"edges": edges})))
        case TriggerKind.BALANCE_BELOW:
            return format_html(_("When the available balance falls below {amount}"), amount=_amount(said))
        case TriggerKind.FORECAST_BELOW:
            text = _("When what is left lasts for fewer than {days}, at the rate of recent days")
            return format_html(text, days=_bold(_days(Decimal(said.days or 0))))
        case TriggerKind.BALANCE_ABOVE:
            return format_html(_("When the available balance rises above {amount}"), amount=_amount(said))
        case _:
            return format_html("{}", _("When nothing is left: the available balance is zero or below"))


def how_often(said: Said) -> str:
    """How often it tells: `once for each band, at most 3 times between two top-ups`."""
    if said.kind == TriggerKind.BALANCE_BAND:
        count = len(said.bands) if said.max_qty is None else min(said.max_qty, len(said.bands))
        text = ngettext(
            "once between two top-ups", "once for each band, at most %(count)s times between two top-ups", count
        )
        return text % {"count": count}
    if said.period is None:
        return _("once, until it is over")
    every = _every(said.period)
    if said.max_qty is None:
        return _("at once, then %(every)s until it is over") % {"every": every}
    text = ngettext(
        "once until the next top-up",
        "%(every)s, at most %(count)s times until the next top-up",
        said.max_qty,
    )
    return text % {"every": every, "count": said.max_qty}


def _every(period: timedelta) -> str:
    """`every day`, `every 24 hours`: one of a unit has words of its own in other languages."""
    single = _SINGLE.get(period)
    return str(single) if single else _("every %(period)s") % {"period": reading.duration(period)}


def after_telling(said: Said) -> str:
    """When those hear again whom it told of how they stand now."""
    if said.kind == TriggerKind.BALANCE_BAND:
        return _("the next letter comes at the next band, or after a top-up")
    if said.period is None:
        return _("the next letter comes once it was over and is so again")
    return _("as long as it is so, a letter comes %(every)s") % {"every": _every(said.period)}


def after_silence(kind: str) -> str:
    """What becomes of those who fit already when it is switched on without notifying them."""
    if kind == TriggerKind.BALANCE_BAND:
        return _("they are marked as told, and hear at the next band or after a top-up.")
    return _("they are marked as told, and hear once it was over and is so again.")


def more(said: Said) -> list[str]:
    """What else there is to know, a sentence each."""
    lines = []
    if said.hysteresis and said.days is not None:
        days = _days(said.days + said.hysteresis)
        lines.append(_("It is on guard again once what is left lasts for %(days)s.") % {"days": days})
    elif said.hysteresis:
        amount = reading.amount(said.hysteresis, said.unit) if said.unit else _number(said.hysteresis)
        lines.append(
            _("It is on guard again once the balance is %(amount)s beyond the threshold.") % {"amount": amount}
        )
    if said.cooldown:
        lines.append(_("Between two letters at least %(period)s pass.") % {"period": reading.duration(said.cooldown)})
    if said.first == First.NEXT_CHECK and said.period:
        every = {"every": _every(said.period)}
        lines.append(_("The first letter waits for the check, which comes %(every)s.") % every)
    return lines


def about(audience: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> list[Chip]:
    """Whom it is about, as chips; none: everybody. `names` has services and groups by ("service", code)."""
    chips = [Chip(label) for label in _labels(audience, names)]
    return chips + [Chip(label, negated=True) for label in _labels(audience.get("not", {}), names)]


def to_whom(recipients: Iterable[RuleRecipient]) -> str:
    """Whom it tells: `the client, ops@example.com: e-mail`."""
    by_channel: dict[str, dict[str, None]] = {}
    for one in recipients:
        by_channel.setdefault(one.channel, {})[recipient(one)] = None
    return listed({channel: list(people) for channel, people in by_channel.items()})


def listed(by_channel: Mapping[str, Sequence[str]]) -> str:
    """Names by the channel they are told over."""
    told = [
        f"{', '.join(people)}: {CHANNELS.get(channel, channel)}" for channel, people in by_channel.items() if people
    ]
    return "; ".join(told) or _("nobody yet")


def recipient(one: RuleRecipient) -> str:
    """One recipient: `the client`, or a name or an address; nobody is named who is out of sight."""
    if is_unseen(one):
        return _("somebody you do not see")
    match one.kind:
        case RecipientKind.CLIENT:
            return _("the client")
        case RecipientKind.ORGANIZATION:
            return _("the client's organization")
        case RecipientKind.USER:
            return (one.user.name or one.user.email) if one.user else ""
        case RecipientKind.CONTACT:
            return one.contact.name if one.contact else ""
        case _:
            return one.address


def is_unseen(one: RuleRecipient) -> bool:
    """Whether this is a user or a contact that the reader does not see: see `with_parts`."""
    return one.kind in (RecipientKind.USER, RecipientKind.CONTACT) and not (one.user or one.contact)


def band(upper: Decimal | None, lower: Decimal | None) -> str:
    """A band: `20–10 %`, or `below 5 %` for the last."""
    if upper is None:
        return ""
    if lower is None:
        return _("below %(upper)s %%") % {"upper": _number(upper)}
    return _("%(upper)s–%(lower)s %%") % {"upper": _number(upper), "lower": _number(lower)}


def _labels(audience: Mapping[str, Any], names: Mapping[tuple[str, str], str]) -> list[str | Promise]:
    words: Mapping[str, Mapping[str, Promise]] = {"status": STATUSES, "billing": BILLINGS}
    found: list[str | Promise] = []
    for kind, values in audience.items():
        if kind != "not":
            known = words.get(kind, {})
            found += [known.get(value) or names.get((kind, value), value) for value in values]
    return found


def _amount(said: Said) -> SafeString:
    return _bold(reading.amount(said.threshold, said.unit) if said.unit else _number(said.threshold or Decimal(0)))


def _days(number: Decimal) -> str:
    """`7 days`; a figure with a fraction is several."""
    whole = int(number) if number == int(number) else 2
    return ngettext("%(number)s day", "%(number)s days", whole) % {"number": _number(number)}


def _bold(text: str) -> SafeString:
    return format_html("<b>{}</b>", text)


def _kept(text: str) -> str:
    """With the sign on the line of the last figure."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _number(value: Decimal) -> str:
    normal = value.normalize()
    return reading.number(normal, max(0, -int(normal.as_tuple().exponent)))


def _listed(words: Sequence[str]) -> str:
    """`20, 10 and 5`."""
    if len(words) < 2:
        return "".join(words)
    return _("%(most)s and %(last)s") % {"most": ", ".join(words[:-1]), "last": words[-1]}


def sentences(said: Said, told: str) -> SafeString:
    """All of it as a list: for the summary beside a form and on a rule's page; `told` as `to_whom` says it."""
    lines: list[object] = [when(said), f"{capital(told)}.", f"{capital(how_often(said))}.", *more(said)]
    return format_html_join("", "<li>{}</li>", ((line,) for line in lines))


def capital(text: str) -> str:
    """With a capital letter, but for an address, which stays as it is written."""
    return text if "@" in text.split(" ", 1)[0] else text[:1].upper() + text[1:]

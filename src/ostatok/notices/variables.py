"""What a template can say: the documented variables, and how they are made from the facts of one notice.

The table is the promise: docs/templates.md lists it, saving a template is checked against it, and `build` fills every
name in it. A variable that may be missing is nil then, so that `{% if lasts_until %}` tells.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from ostatok.kernel import text, units
from ostatok.notices import bar, blocks, values, words

Variables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Variable:
    """One name a template may use. `nullable`: it can be nil; `example`: how it prints in an English letter.

    `meaning` has translations in the catalogues of the pages.
    """

    name: str
    type: str
    meaning: str
    example: str
    nullable: bool = False


def _may_be_nil(name: str, type_: str, meaning: str, example: str) -> Variable:
    return Variable(name, type_, meaning, example, nullable=True)


VARIABLES: tuple[Variable, ...] = (
    Variable("client_name", "text", _("The client's name"), "ООО «Ромашка»"),
    Variable("client_code", "text", _("The client's code"), "c1"),
    _may_be_nil("client_tax_id", "text", _("The client's tax id (ИНН, NIP, БСН/ЖСН)"), "7812345678"),
    Variable("account_number", "text", _("The account's number"), "100001"),
    _may_be_nil("account_address", "text", _("The account's address"), "Санкт-Петербург, Садовая ул., 12"),
    Variable("service_name", "text", _("The service's short name"), "АД"),
    Variable(
        "service_full_name",
        "text",
        _("Its full name; the short one if it has no other"),
        "Автоматический обзвон должников",
    ),
    Variable("unit", "text", _("The code of the service's unit"), "min"),
    Variable("left", "amount", _("What is left now: the balance less what is held"), "15 minutes"),
    Variable("balance", "amount", _("The balance now"), "15 minutes"),
    Variable("held", "amount", _("What of the balance is held for something else"), "0 minutes"),
    Variable("credit_limit", "amount", _("How far the balance may go below zero"), "0 minutes"),
    Variable("available", "amount", _("Balance + credit limit − held"), "15 minutes"),
    _may_be_nil("percent", "per cent", _("What is left in per cent of the mark"), "15%"),
    _may_be_nil(
        "level", "level", _("How low that is: nil where it is not low, else `low`, `lower`, `crit`"), "that is low"
    ),
    _may_be_nil("balance_bar", "HTML", _("The bar of what is left, for HTML; prints nothing in text"), ""),
    _may_be_nil("mark", "amount", _("What per cents are taken of: by default the last top-up"), "100 minutes"),
    _may_be_nil("mark_at", "moment", _("When that was"), "16 November 2026"),
    Variable("mark_kind", "text", _("What counts as 100%: `last_top_up`, `balance_after`, `package`"), "last_top_up"),
    Variable("mark_label", "text", _("The same in words, as a label"), "Last top-up"),
    Variable("mark_of", "text", _("The same in words, as it stands after “15 per cent of”"), "the last top-up"),
    _may_be_nil("band_upper", "per cent", _("Upper edge of the band entered"), "20%"),
    _may_be_nil("band_lower", "per cent", _("Its lower edge; the last band has none"), "10%"),
    Variable("last_warning", "yes or no", _("Whether no lower band is left to warn about"), "false"),
    _may_be_nil("next_percent", "per cent", _("Upper edge of the next band below"), "10%"),
    _may_be_nil("next_at", "amount", _("The same as an amount"), "10 minutes"),
    _may_be_nil("threshold", "amount", _("The threshold of the rule"), "20 minutes"),
    _may_be_nil("forecast_days", "days", _("For fewer days than these it is to last, by the rule"), "7 days"),
    _may_be_nil("lasts_days", "days", _("For how many whole days it lasts at the recent rate"), "3 days"),
    _may_be_nil(
        "lasts_until",
        "moment",
        _("Until when it lasts at the recent rate of use"),
        "22 November, 10:30",
    ),
    _may_be_nil("top_up_url", "text", _("Where to top up (http or https)"), "https://pay.example.com/100001"),
    _may_be_nil("last_payment", "amount", _("The last top-up"), "100 minutes"),
    Variable("last_entries", "list", _("The last ten entries: each has `date`, `kind`, `amount`, `memo`"), ""),
    Variable("last_10_in_a_table", "table", _("The same as a table"), ""),
    Variable(
        "facts", "table", _("Service, balance, last top-up, account, client: what of it is known, row by row"), ""
    ),
    Variable("masthead", "block", _("The organization's logo, or its name"), ""),
    Variable("signature", "block", _("The organization's name, phone and e-mail"), ""),
    _may_be_nil("bank_account", "text", _("The client's bank account"), "40702810900000000001"),
    _may_be_nil("pin", "text", _("The client's PIN; masked unless the organization allows it"), "2468"),
    Variable("organization_name", "text", _("Who writes"), "ООО «Энергосбыт»"),
    _may_be_nil("organization_phone", "text", _("Its phone"), "8 800 555-01-48"),
    _may_be_nil("organization_email", "text", _("Its e-mail"), "help@energo.example"),
    _may_be_nil("organization_logo_url", "text", _("Address of its logo (https)"), "https://energo.example/logo.png"),
    Variable("rule_name", "text", _("The rule that was met"), "Остаток минут"),
    Variable("raised_at", "moment", _("When that was"), "21 November 2026, 10:30"),
    Variable("as_of", "moment", _("The moment of the figures in this message"), "21 November 2026, 10:31"),
    Variable("kind", "text", _("The trigger's kind"), "balance_band"),
    Variable("language", "text", _("The language of the message"), "en"),
)
NAMES = frozenset(variable.name for variable in VARIABLES)

MASKED_PIN = "••••"
ENTRIES_SHOWN = 10
LAST_BAND_UPPER = Decimal(5)
SOON = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about one notice when it is told. Amounts in bases of `unit`; moments with an offset.

    `mark` is what the rule takes for 100 %, `days` for how many it is to last; `band_upper` and `band_lower` are edges
    of the band entered, `bands` the upper edges of all of the rule. `pin` is shown only where `may_send_pin`. An empty
    text means unknown.
    """

    kind: str
    language: str
    zone: tzinfo
    as_of: datetime
    raised_at: datetime
    client_name: str
    client_code: str
    account_number: str
    service_name: str
    unit: str
    balance: Decimal
    organization_name: str
    rule_name: str
    client_tax_id: str = ""
    account_address: str = ""
    service_full_name: str = ""
    held: Decimal = Decimal(0)
    credit_limit: Decimal = Decimal(0)
    mark: Decimal | None = None
    mark_at: datetime | None = None
    mark_kind: str = "last_top_up"
    band_upper: Decimal | None = None
    band_lower: Decimal | None = None
    bands: Sequence[Decimal] = ()
    threshold: Decimal | None = None
    days: int | None = None
    lasts_until: datetime | None = None
    top_up_url: str = ""
    last_payment: Decimal | None = None
    last_entries: Sequence[values.EntryLine] = ()
    bank_account: str = ""
    pin: str = ""
    may_send_pin: bool = False
    organization_phone: str = ""
    organization_email: str = ""
    organization_logo_url: str = ""

    @property
    def left(self) -> Decimal:
        """The balance less what is held: what bands are measured on."""
        return self.balance - self.held

    @property
    def percent(self) -> Decimal | None:
        """What is left in per cent of the mark; None without a mark above zero."""
        if self.mark is None or self.mark <= 0:
            return None
        return text.EXACT.divide(self.left * 100, self.mark)


def build(facts: Facts) -> dict[str, object]:
    """The variables of a message, by name: every name of `VARIABLES`, None for what is not known."""
    language = text.known_language(facts.language)
    known = _parties(facts) | _money(facts, language) | _bands(facts, language) | _moments(facts, language)
    known |= _history(facts, language) | {"kind": facts.kind, "language": language, "pin": _pin(facts)}
    return known | {"facts": blocks.FactTable(known)}


def masked(variables: Variables) -> dict[str, object]:
    """The same with the PIN masked: for previews and for the copy of a message that is kept."""
    return {**variables, "pin": variables["pin"] and MASKED_PIN}


def _pin(facts: Facts) -> str | None:
    if not facts.pin:
        return None
    return text.one_line(facts.pin) if facts.may_send_pin else MASKED_PIN


def _parties(facts: Facts) -> dict[str, object]:
    line = text.one_line
    name, phone, email = (line(facts.organization_name), line(facts.organization_phone), line(facts.organization_email))
    logo_url = _web_address(facts.organization_logo_url)
    return {
        "client_name": line(facts.client_name),
        "client_code": line(facts.client_code),
        "client_tax_id": line(facts.client_tax_id) or None,
        "account_number": line(facts.account_number),
        "account_address": line(facts.account_address) or None,
        "service_name": line(facts.service_name),
        "service_full_name": line(facts.service_full_name) or line(facts.service_name),
        "bank_account": line(facts.bank_account) or None,
        "organization_name": name,
        "organization_phone": phone or None,
        "organization_email": email or None,
        "organization_logo_url": logo_url,
        "masthead": blocks.Masthead(name, logo_url),
        "signature": blocks.Signature(name, phone, email),
        "rule_name": line(facts.rule_name),
        "top_up_url": _web_address(facts.top_up_url),
    }


def _money(facts: Facts, language: str) -> dict[str, object]:
    def amount(base: Decimal | None) -> values.Amount | None:
        return None if base is None else values.Amount(base, facts.unit, language)

    return {
        "unit": units.get(facts.unit).code,
        "left": amount(facts.left),
        "balance": amount(facts.balance),
        "held": amount(facts.held),
        "credit_limit": amount(facts.credit_limit),
        "available": amount(facts.left + facts.credit_limit),
        "threshold": amount(facts.threshold),
        "last_payment": amount(facts.last_payment),
        "mark": amount(facts.mark),
        "mark_kind": facts.mark_kind,
        "mark_label": words.MARK_LABELS[language][facts.mark_kind],
        "mark_of": words.MARK_OF[language][facts.mark_kind],
    }


def _bands(facts: Facts, language: str) -> dict[str, object]:
    percent, following = facts.percent, _next_edge(facts)
    edges = {edge for edge in (*facts.bands, facts.band_upper, facts.band_lower) if edge is not None}
    level = bar.level(percent) if percent is not None else "ok"
    return {
        "percent": _percent(percent, language),
        "level": None if level == "ok" else values.Level(level, language),
        "balance_bar": None if percent is None else bar.Bar(percent, tuple(sorted(edges)), language),
        "band_upper": _percent(facts.band_upper, language),
        "band_lower": _percent(facts.band_lower, language),
        "last_warning": _is_last(facts),
        "next_percent": _percent(following, language),
        "next_at": _share_of_mark(facts, following, language),
    }


def _percent(value: Decimal | None, language: str) -> values.Percent | None:
    return None if value is None else values.Percent(value, language)


def _is_last(facts: Facts) -> bool:
    if facts.band_upper is None:
        return False
    return facts.band_lower is None or facts.band_upper <= LAST_BAND_UPPER


def _next_edge(facts: Facts) -> Decimal | None:
    if facts.band_upper is None or facts.percent is None:
        return None
    ahead = min(facts.band_upper, facts.percent)
    return max((edge for edge in facts.bands if edge < ahead), default=None)


def _share_of_mark(facts: Facts, percent: Decimal | None, language: str) -> values.Amount | None:
    if percent is None or facts.mark is None:
        return None
    return values.Amount(facts.mark * percent / 100, facts.unit, language)


def _moments(facts: Facts, language: str) -> dict[str, object]:
    def moment(at: datetime | None, show: values.Show = text.day_and_time) -> values.Moment | None:
        return None if at is None else values.Moment(at, language, facts.zone, show)

    def days(number: int | None) -> values.Days | None:
        return None if number is None else values.Days(number, language)

    # Of a balance below zero it is said only where the letter is about nothing else.
    until = facts.lasts_until if facts.left > 0 or facts.days is not None else None
    return {
        "forecast_days": days(facts.days),
        "lasts_days": days(None if until is None else (until - facts.as_of).days),
        "as_of": moment(facts.as_of),
        "raised_at": moment(facts.raised_at),
        "mark_at": moment(facts.mark_at, text.day),
        "lasts_until": moment(until, text.soon if until and until - facts.as_of < SOON else text.day),
    }


def _history(facts: Facts, language: str) -> dict[str, object]:
    lines = tuple(facts.last_entries[:ENTRIES_SHOWN])
    return {
        "last_entries": [_entry(line, facts, language) for line in lines],
        "last_10_in_a_table": values.EntryTable(lines, facts.unit, language, facts.zone),
    }


def _entry(line: values.EntryLine, facts: Facts, language: str) -> dict[str, object]:
    return {
        "date": values.Moment(line.occurred_at, language, facts.zone),
        "kind": words.ENTRY_KINDS[language].get(line.kind, line.kind),
        "amount": values.Amount(line.amount, facts.unit, language),
        "memo": text.one_line(line.memo),
    }


_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)


def _web_address(written: str) -> str | None:
    """The address if it is one of the web: a letter must not carry `javascript:` or a quote that ends an attribute."""
    trimmed = written.strip()
    return trimmed if _WEB_ADDRESS.fullmatch(trimmed) else None

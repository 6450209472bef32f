"""Blocks of a letter that are alike in every language but for their labels: the table of facts and the signature.

They are made here and not in Liquid, where the same rows would take several times as long.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import escape

from ostatok.kernel import text
from ostatok.notices import words

_CELL = "border-top:1px solid #e3e1db;line-height:20px;padding:10px"
_KEY = f'<td class="k line" valign="top" style="{_CELL} 12px 10px 0;width:38%;font-size:14px;color:#585c65">'
_VALUE = f'<td class="t line" valign="top" style="{_CELL} 0;font-size:15px;color:#1b1d22;word-break:break-word">'


@dataclass(frozen=True, slots=True)
class FactTable:
    """What a letter is about: lines of `label: value` in text, a table in HTML. Rows without a value are left out."""

    variables: Mapping[str, object]

    def __str__(self) -> str:
        return "\n".join(f"{label}: {value}{note}" for label, value, note in self._rows())

    def __html__(self) -> str:
        rows = "".join(
            f"<tr>{_KEY}{label}</td>{_VALUE}{escape(value + note)}</td></tr>" for label, value, note in self._rows()
        )
        return f'<table width="100%" cellpadding="0" cellspacing="0" border="0">{rows}</table>'

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        """Label, value and what stands after it, of the rows that have a value."""
        known, labels = self.variables, words.LABELS[str(self.variables["language"])]
        rows = (
            (labels["service"], known["service_full_name"], _in_brackets(_other_name(known))),
            (labels["balance"], known["left"], _in_brackets(known["percent"])),
            (labels["available"], _if_credit(known), ""),
            (labels["threshold"], known["threshold"], ""),
            (str(known["mark_label"]), known["mark"], _after_comma(known["mark_at"])),
            (labels["lasts_until"], known["lasts_until"], f" ({labels['lasts_note']})"),
            (labels["account"], known["account_number"], ""),
            (labels["address"], known["account_address"], ""),
            (labels["client"], known["client_name"], _tax_id(labels["tax_id"], known["client_tax_id"])),
        )
        return ((label, str(value), note) for label, value, note in rows if value is not None)


def _other_name(known: Mapping[str, object]) -> object:
    return known["service_name"] if known["service_name"] != known["service_full_name"] else None


def _if_credit(known: Mapping[str, object]) -> object:
    return known["available"] if known["available"] != known["left"] else None


def _in_brackets(value: object) -> str:
    return "" if value is None else f" ({value})"


def _after_comma(value: object) -> str:
    return "" if value is None else f", {value}"


def _tax_id(label: str, value: object) -> str:
    return "" if value is None else f", {label}{text.NBSP}{value}"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who writes, and how to reach them: lines in text, one line with a link in HTML."""

    name: str
    phone: str
    email: str

    def __str__(self) -> str:
        return "\n".join(line for line in ("--", self.name, self.phone, self.email) if line)

    def __html__(self) -> str:
        parts = [str(escape(self.name))]
        if self.phone:
            parts.append(f'<span style="white-space:nowrap">{escape(self.phone)}</span>')
        if self.email:
            address = escape(self.email)
            parts.append(f'<a class="a" href="mailto:{address}" style="color:#2450c0">{address}</a>')
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Masthead:
    """Who writes, at the head of an HTML letter: the logo if there is one, else the name."""

    name: str
    logo_url: str | None

    def __str__(self) -> str:
        return self.name

    def __html__(self) -> str:
        if not self.logo_url:
            return str(escape(self.name))
        style = "display:block;height:32px;width:auto;border:0"
        return f'<img src="{escape(self.logo_url)}" alt="{escape(self.name)}" height="32" style="{style}">'

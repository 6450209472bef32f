"""What may stand in a field: text becomes codes, amounts, durations, zones, or an error its writer understands."""

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, Literal

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from pydantic import AfterValidator, BeforeValidator, InstanceOf, StringConstraints

from ostatok.intake.description import durations
from ostatok.intake.description.problems import did_you_mean
from ostatok.kernel import units
from ostatok.kernel.errors import OstatokError
from ostatok.parties.models import Language

_url: Final = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as written: in the unit of its service or rule, unless it names a `unit` of its own (`90 s`)."""

    number: Decimal
    unit: str | None = None

    def to_base(self, unit: str) -> Decimal:
        """Return it in base units of `unit`. Raises OstatokError if its own unit measures something else."""
        own = self.unit or unit
        if not units.compatible(own, unit):
            raise OstatokError(f"{self.number.normalize():f} {own} cannot be counted in {unit}")
        return units.to_base(self.number, own)


def _blank(value: Any) -> Any:
    return "" if value is None else value


def _no_null_character(value: str) -> str:
    if "\0" in value:
        raise ValueError("the character \\0 is not allowed")
    return value


def _visible(value: str) -> str:
    if not value.isprintable():
        raise ValueError("only printable characters, on one line")
    return value


def _or_blank(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: check(value) if value else ""


def is_email(value: str) -> bool:
    """Whether mail can be addressed to it; domains need not exist."""
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def _email(value: str) -> str:
    if not is_email(value):
        raise ValueError(f"{value!r} is not an e-mail address")
    return value


def _web_address(value: str) -> str:
    try:
        _url(value)
    except ValidationError:
        raise ValueError(f"{value!r} is not a web address that begins with http:// or https://") from None
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _zone(value: str) -> str:
    if value not in _zones():
        hint = did_you_mean(value, _zones()) or ": write a name such as Europe/Warsaw"
        raise ValueError(f"unknown time zone {value!r}{hint}")
    return value


def _unit(value: str) -> str:
    try:
        return units.get(value).code
    except OstatokError as error:
        raise ValueError(str(error)) from None


def _amount(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    number, _, unit = value.strip().partition(" ")
    try:
        return Amount(units.parse_amount(number), _unit(unit.strip()) if unit else None)
    except OstatokError as error:
        raise ValueError(str(error)) from None


def _not_negative(value: Amount) -> Amount:
    if value.number < 0:
        raise ValueError("an amount here is 0 or more")
    return value


def _duration(value: Any) -> Any:
    return durations.parse(value) if isinstance(value, str) else value


def code_or_list(value: Any) -> Any:
    """`A` is `[A]`, and null is nobody."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


#: What things are called by: printable, one line, at most 64 characters.
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_visible)]
#: A name people read; it is required, so null is refused.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250), AfterValidator(_no_null_character)
]
_Text = Annotated[str, BeforeValidator(_blank), AfterValidator(_no_null_character)]
#: Text of at most so many characters; null is empty.
Text32 = Annotated[_Text, StringConstraints(strip_whitespace=True, max_length=32)]
Text64 = Annotated[_Text, StringConstraints(strip_whitespace=True, max_length=64)]
Text250 = Annotated[_Text, StringConstraints(strip_whitespace=True, max_length=250)]
Text500 = Annotated[_Text, StringConstraints(strip_whitespace=True, max_length=500)]
Wording = Annotated[_Text, StringConstraints(max_length=100_000)]
LanguageOrBlank = Annotated[Language | Literal[""], BeforeValidator(_blank)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)]
#: What a user signs in with, whatever the case it is written in.
UserEmail = Annotated[Email, AfterValidator(str.lower)]
UserEmailOrBlank = Annotated[
    str,
    BeforeValidator(_blank),
    StringConstraints(strip_whitespace=True, max_length=254, to_lower=True),
    AfterValidator(_or_blank(_email)),
]
EmailOrBlank = Annotated[
    str,
    BeforeValidator(_blank),
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_or_blank(_email)),
]
Url = Annotated[
    str,
    BeforeValidator(_blank),
    StringConstraints(strip_whitespace=True, max_length=200),
    AfterValidator(_or_blank(_web_address)),
]
Zone = Annotated[str, AfterValidator(_zone)]
ZoneOrBlank = Annotated[str, BeforeValidator(_blank), AfterValidator(_or_blank(_zone))]
UnitCode = Annotated[str, AfterValidator(_unit)]
AnyAmount = Annotated[InstanceOf[Amount], BeforeValidator(_amount)]
AmountFromZero = Annotated[InstanceOf[Amount], BeforeValidator(_amount), AfterValidator(_not_negative)]
Duration = Annotated[InstanceOf[timedelta], BeforeValidator(_duration)]
#: A code, or a list of codes: any of them.
Codes = Annotated[tuple[Code, ...], BeforeValidator(code_or_list), AfterValidator(_distinct)]

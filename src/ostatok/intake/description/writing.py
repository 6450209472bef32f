"""YAML as this product writes it: one short object a line, long texts as blocks, nothing that is a default."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import yaml

from ostatok.kernel import text, units
from ostatok.kernel.errors import OstatokError

_BASE: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH: Final = 100_000


class Line(dict[str, Any]):
    """A mapping that is written on one line, whatever it holds."""


class _Dumper(_BASE):  # type: ignore[misc]
    """Writes equal lists out instead of referring to the first one."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name is PyYAML's
        return True


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


def _number(dumper: Any, value: Decimal) -> Any:
    tag = "int" if value == value.to_integral_value() else "float"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{tag}", plain(value))


def _line(dumper: Any, value: Line) -> Any:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)


_Dumper.add_representer(Line, _line)
_Dumper.add_representer(str, _text)
_Dumper.add_representer(Decimal, _number)


def dump(items: Iterable[Mapping[str, Any]], *, as_blocks: bool = False) -> str:
    """Items of a section. `as_blocks` puts every field on a line of its own, as long texts need."""
    written: str = yaml.dump(
        list(items),
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False if as_blocks else None,
        sort_keys=False,
        width=_WIDTH,
    )
    return written


def plain(value: Decimal) -> str:
    """A number without an exponent and without needless zeros: 50, 12.5."""
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def amount(base: Decimal, unit: str) -> Decimal | str:
    """An amount in its unit; where that is no round figure, in base units that say so: `100 s`."""
    number = text.EXACT.normalize(units.from_base(base, unit))
    try:
        exact = units.to_base(number, unit) == base and units.parse_amount(plain(number)) == number
    except OstatokError:
        exact = False
    return number if exact else f"{plain(base)} {units.get(unit).base}"


def without_defaults(item: Mapping[str, Any], **defaults: Any) -> dict[str, Any]:
    """Leave out what is empty, and what a new object would have anyway."""
    return {
        name: value
        for name, value in item.items()
        if value not in ("", None, [], {}) and not (name in defaults and value == defaults[name])
    }

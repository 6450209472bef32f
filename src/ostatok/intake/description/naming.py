"""How the audit names what a description speaks of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

#: For each section the word for one of its items, and the fields that tell them apart.
_NAMES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "organizations": ("organization", ("code",)),
        "services": ("service", ("organization", "code")),
        "groups": ("group", ("organization", "code")),
        "contacts": ("contact", ("organization", "code")),
        "users": ("user", ("email",)),
        "clients": ("client", ("organization", "code")),
        "accounts": ("account", ("organization", "number")),
        "rules": ("rule", ("organization", "name")),
        "templates": ("template", ("organization", "kind", "channel", "language")),
    }
)


def subject(section: str, item: Mapping[str, Any]) -> str:
    """The subject of an item's records: `client north/c1`."""
    word, known_by = _NAMES[section]
    return f"{word} {'/'.join(str(item[name]) for name in known_by)}"

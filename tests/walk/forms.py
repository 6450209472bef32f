"""The forms of a page, as a browser would send them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_CHOSEN: Final = frozenset({"radio", "checkbox"})
_UNSENT: Final = frozenset({"submit", "button", "image", "file", "reset"})


@dataclass
class Field:
    """One name of a form: what is chosen or written in it, and what it offers; nothing is offered in free text."""

    name: str
    several: bool = False
    offered: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    @property
    def is_choice(self) -> bool:
        return bool(self.offered)


@dataclass
class Form:
    """One form that is posted."""

    action: str
    fields: dict[str, Field] = field(default_factory=dict)

    def data(self, **other: list[str]) -> dict[str, list[str]]:
        """What a browser would send, but for these."""
        return {name: each.values for name, each in self.fields.items()} | other

    def at(self, name: str) -> Field:
        return self.fields.setdefault(name, Field(name))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._area: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and told.get("method", "").lower() == "post":
            self._form = Form(told.get("action", ""))
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "select" and told.get("name"):
            self._select = self._form.at(told["name"])
            self._select.several = "multiple" in told
        elif tag == "option" and self._select is not None:
            self._offer(self._select, told, "selected")
        elif tag == "textarea" and told.get("name"):
            self._area = self._form.at(told["name"])
            self._area.values = [""]
        elif tag == "input" and told.get("name") and told.get("type", "text") not in _UNSENT:
            self._input(self._form.at(told["name"]), told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            if self._select and not self._select.values and not self._select.several:
                self._select.values = self._select.offered[:1]
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.values = [self._area.values[0] + data]

    def _input(self, one: Field, told: dict[str, str]) -> None:
        if told.get("type") in _CHOSEN and "value" in told:
            one.several = one.several or told["type"] == "checkbox"
            self._offer(one, told, "checked")
        elif told.get("type") in _CHOSEN:
            one.values += ["on"] if "checked" in told else []
        else:
            one.values.append(told.get("value", ""))

    def _offer(self, one: Field, told: dict[str, str], chosen: str) -> None:
        one.offered.append(told.get("value", ""))
        if chosen in told:
            one.values.append(told.get("value", ""))


def of(html: str) -> Iterator[Form]:
    """Every form of a page that is posted to the page itself or to another."""
    reader = _Reader()
    reader.feed(html)
    yield from reader.forms

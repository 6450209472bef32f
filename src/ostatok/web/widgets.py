"""Controls that Django has not: an amount with its unit, a multi-select with chips, a switch, a place for files."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise

Attrs = Mapping[str, Any] | None


class UnitInput(forms.TextInput):
    """A figure with its unit inside the control: `50,00 | ₸`. `unit` may be set after the form was made."""

    template_name = "web/forms/unit.html"

    def __init__(self, unit: str | Promise = "", attrs: Attrs = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})
        self.unit = unit

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["unit"] = self.unit
        context["widget"]["template_name"] = self.template_name
        return context


class Pick(forms.CheckboxSelectMultiple):
    """Several of many: a list of checkboxes, which JavaScript folds into chips and a search, `add` its hint."""

    template_name = "web/forms/pick.html"

    def __init__(self, add: str | Promise = "", attrs: Attrs = None, choices: Any = ()) -> None:
        super().__init__(dict(attrs or {}), choices)
        self.add = add

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["add"] = self.add
        return context


class Switch(forms.CheckboxInput):
    """A setting that is on or off; in a form it acts when the form is saved."""

    css = "switch"

    def __init__(self, attrs: Attrs = None) -> None:
        super().__init__({"role": "switch", **(attrs or {})})


class Drop(forms.FileInput):
    """A file to choose or to drop."""

    template_name = "web/forms/file.html"

"""How Django's forms are drawn, so that no page and no library needs markup of its own for a field."""

from typing import Any, Final

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

#: Django's templates and ours that stand in for them.
_OURS: Final = {
    "django/forms/errors/list/default.html": "web/forms/errors.html",
    "django/forms/errors/list/ul.html": "web/forms/errors.html",
    "django/forms/widgets/radio.html": "web/forms/options.html",
    "django/forms/widgets/checkbox_select.html": "web/forms/options.html",
    "django/forms/widgets/radio_option.html": "web/forms/option.html",
    "django/forms/widgets/checkbox_option.html": "web/forms/option.html",
}
#: Input types that keep the browser's own look.
_PLAIN: Final = frozenset({"checkbox", "radio", "hidden", "file", "range", "color"})


class Renderer(TemplatesSetting):
    """Fields as `web/forms/field.html` has them; text-like controls get the class `input`."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if isinstance(widget := context.get("widget"), dict):
            _dress(widget)
        return super().render(_OURS.get(template_name, template_name), context, request)


def _dress(widget: dict[str, Any]) -> None:
    for part in (widget, *widget.get("subwidgets", ())):
        part["template_name"] = _OURS.get(part["template_name"], part["template_name"])
        if (part.get("type", "text") not in _PLAIN and "optgroups" not in part) or part["template_name"].endswith(
            "select.html"
        ):
            attrs = part["attrs"]
            attrs["class"] = f"input {attrs['class']}" if attrs.get("class") else "input"
    for _group, options, _index in widget.get("optgroups", ()):
        for option in options:
            option["template_name"] = _OURS.get(option["template_name"], option["template_name"])

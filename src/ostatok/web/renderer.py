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
    """Put our templates in Django's place, for a control and its parts, and the class on text-like ones."""
    options = [option for _group, some, _index in widget.get("optgroups", ()) for option in some]
    for part in (widget, *widget.get("subwidgets", ()), *options):
        part["template_name"] = _OURS.get(part["template_name"], part["template_name"])
    for part in (widget, *widget.get("subwidgets", ())):
        if _is_text_like(part):
            part["attrs"]["class"] = f"input {part['attrs'].get('class', '')}".strip()


def _is_text_like(part: dict[str, Any]) -> bool:
    chooses = "optgroups" in part and not part["template_name"].endswith("/select.html")
    return not chooses and part.get("type", "text") not in _PLAIN

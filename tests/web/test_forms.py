"""Plain forms come out as the design system has them, tied together for eye and ear."""

import re

from django import forms
from django.template import Context, Template

from ostatok.console.design.examples import FILLED, Example
from ostatok.web import widgets


def drawn(source: str, form: forms.Form) -> str:
    return Template(source).render(Context({"form": form}))


def test_a_field_ties_label_help_and_error_to_its_control() -> None:
    shown = drawn("{% field form.email %}", Example({**FILLED}))
    control = re.search(r"<input[^>]+>", shown)
    assert control
    assert '<label for="id_email">' in shown
    assert 'class="input"' in control[0]
    assert 'aria-invalid="true"' in control[0]
    assert 'aria-describedby="id_email_error"' in control[0]
    assert '<p class="error" id="id_email_error">' in shown
    assert 'class="field bad"' in shown


def test_help_is_read_out_with_its_control() -> None:
    shown = drawn("{% field form.name %}", Example())
    assert 'aria-describedby="id_name_helptext"' in shown
    assert 'id="id_name_helptext"' in shown


def test_a_unit_stands_inside_its_control() -> None:
    shown = drawn("{% field form.threshold %}", Example())
    assert '<div class="unit"><input type="text"' in shown
    assert '<span id="id_threshold_unit">₸</span>' in shown


def test_several_choices_are_a_list_of_checkboxes_that_needs_no_script() -> None:
    shown = drawn("{% field form.users %}", Example({**FILLED}))
    assert "<fieldset" in shown
    assert "<legend" in shown
    assert shown.count('type="checkbox"') == 5
    assert shown.count(" checked") == 2


def test_radio_buttons_and_checkboxes_keep_their_own_look() -> None:
    shown = drawn("{% field form.mark %}{% field form.notify_now %}{% field form.digest %}", Example())
    assert 'class="input' not in shown
    assert 'role="switch"' in shown


def test_the_banner_leads_to_every_mistake() -> None:
    shown = drawn("{% errors form %}", Example({}))
    assert shown.count('<a href="#id_') == len(Example({}).errors)
    assert 'role="alert"' in shown


def test_a_form_without_mistakes_has_no_banner() -> None:
    assert drawn("{% errors form %}", Example()).strip() == ""


def test_a_mistake_of_no_field_is_told_above_the_form() -> None:
    form = Example({**FILLED, "email": "a@b.example"})
    form.add_error(None, "The rule speaks to nobody.")
    assert "The rule speaks to nobody." in drawn("{% errors form %}", form)


def test_hidden_fields_have_no_label() -> None:
    class Hidden(forms.Form):
        token = forms.CharField(widget=forms.HiddenInput, initial="t")

    assert "<label" not in drawn("{% fields form %}", Hidden())


def test_a_class_of_the_forms_own_is_kept() -> None:
    class Own(forms.Form):
        code = forms.CharField(widget=forms.Textarea(attrs={"class": "code"}))

    assert 'class="input code"' in drawn("{% field form.code %}", Own())


def test_the_unit_may_be_known_only_later() -> None:
    class Late(forms.Form):
        limit = forms.CharField(widget=widgets.UnitInput())

    form = Late()
    form.fields["limit"].widget.unit = "кВт·ч"
    assert "кВт·ч" in drawn("{% field form.limit %}", form)

"""Every form of the console that changes something refuses to undo unknowingly what somebody else changed meanwhile."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import resolve

from ostatok.console import meanwhile
from ostatok.console.described import DescribedForm
from ostatok.console.form_pages import FormPage
from ostatok.parties.models import AuditRecord
from tests.walk import codes, forms, routes
from tests.walk.estate import NORTH, Estate
from tests.walk.forms import Form

pytestmark = pytest.mark.django_db

#: The forms that change something: a field of each, and what somebody else writes there.
EDITS: Final[Mapping[str, tuple[str, str]]] = {
    "console:edit_organization": ("phone", "+7 812 000-00-01"),
    "console:edit_client": ("phone", "+7 812 000-00-02"),
    "console:edit_account": ("address", "ул. Ленина, 7"),
    "console:account_limits": ("credit_limit_", "77"),
    "console:service": ("full_name", "Обзвон"),
    "console:change_role": ("role", "clerk"),
    "console:contact": ("position", "диспетчер"),
    "console:group": ("name", "Особые"),
    "console:edit_rule": ("cooldown", "7h"),
    "console:template": ("subject", "Мало осталось"),
}
#: And those that make something new.
NEW: Final = {
    "console:new_organization",
    "console:new_client",
    "console:new_account",
    "console:new_service",
    "console:new_contact",
    "console:new_group",
}
#: A rule is asked for its kind first.
KINDS: Final = "console:new_rule"
PAGES = routes.every()


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _path(name: str, place: Estate) -> str:
    return PAGES[name].path(codes.values(name, place, NORTH))


def test_no_form_is_forgotten(place: Estate, browsers: Mapping[str, Browser]) -> None:
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for name in PAGES:
        if name.startswith("console:") and name != KINDS:
            path = _path(name, place)
            if not issubclass(getattr(resolve(path).func, "view_class", object), FormPage):
                continue
            context = browsers["owner"].get(path).context
            form = context["form"] if context and "form" in context else None
            if isinstance(form, DescribedForm):
                found[form.about is not None].add(name)
    assert found == {True: set(EDITS), False: NEW}


def _form(page: HttpResponse) -> Form:
    """The form of a page that can be saved."""
    return next(form for form in forms.of(page.content.decode()) if meanwhile.NAME in form.fields)


def _post(browser: Browser, path: str, data: Mapping[str, list[str]]) -> HttpResponse:
    sent = urlencode(data, doseq=True)
    return browser.post(path, sent, content_type="application/x-www-form-urlencoded")  # type: ignore[return-value]


def _field(form: Form, start: str) -> str:
    return next(name for name in form.fields if name.startswith(start))


@pytest.mark.parametrize("name", EDITS)
def test_what_was_changed_meanwhile_is_told_and_stays(
    name: str, place: Estate, browsers: Mapping[str, Browser]
) -> None:
    path, mine, other = _path(name, place), browsers["owner"], Browser()
    other.cookies = browsers["owner"].cookies
    with _taken_back():
        shown = _form(mine.get(path))  # type: ignore[arg-type]
        field, theirs = _field(shown, EDITS[name][0]), EDITS[name][1]
        assert _post(other, path, shown.data(**{field: [theirs]})).status_code == 302
        acts = AuditRecord.objects.count()

        refused = _post(mine, path, shown.data())

        text = refused.content.decode()
        assert refused.status_code == 200
        assert AuditRecord.objects.count() == acts
        assert "Changed meanwhile by owner@north.test" in text
        anew = _form(refused)
        assert anew.fields[field].values == [theirs]
        assert _post(mine, path, anew.data()).status_code == 302
        assert _form(mine.get(path)).fields[field].values == [theirs]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", EDITS)
def test_what_was_typed_is_kept_and_may_be_saved_over_it(
    name: str, place: Estate, browsers: Mapping[str, Browser]
) -> None:
    path, mine = _path(name, place), browsers["owner"]
    with _taken_back():
        shown = _form(mine.get(path))  # type: ignore[arg-type]
        field, typed = _field(shown, EDITS[name][0]), EDITS[name][1]
        theirs = {"console:change_role": "auditor", "console:edit_rule": "9h"}.get(name, "99")
        assert _post(mine, path, shown.data(**{field: [theirs]})).status_code == 302

        refused = _post(mine, path, shown.data(**{field: [typed]}))

        assert "below as you typed it" in refused.content.decode()
        anew = _form(refused)
        assert anew.fields[field].values == [typed]
        assert _post(mine, path, anew.data()).status_code == 302
        assert _form(mine.get(path)).fields[field].values == [typed]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", EDITS)
def test_the_same_sent_twice_is_no_quarrel(name: str, place: Estate, browsers: Mapping[str, Browser]) -> None:
    path, mine = _path(name, place), browsers["owner"]
    with _taken_back():
        shown = _form(mine.get(path))  # type: ignore[arg-type]
        data: dict[str, Any] = shown.data(**{_field(shown, EDITS[name][0]): [EDITS[name][1]]})
        assert [_post(mine, path, data).status_code for _ in range(2)] == [302, 302]


@pytest.mark.parametrize("name", EDITS)
def test_what_cannot_be_read_was_not_shown(name: str, place: Estate, browsers: Mapping[str, Browser]) -> None:
    path, mine = _path(name, place), browsers["owner"]
    with _taken_back():
        shown = _form(mine.get(path))  # type: ignore[arg-type]
        acts = AuditRecord.objects.count()
        refused = _post(mine, path, shown.data(**{meanwhile.NAME: ["broken"]}))
        assert "Changed meanwhile." in refused.content.decode()
        assert AuditRecord.objects.count() == acts
        assert _post(mine, path, _form(refused).data()).status_code == 302

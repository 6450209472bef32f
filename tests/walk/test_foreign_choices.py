"""A form, or a body, that names a thing of the south: refused as an unknown choice; nothing is told, nothing done."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import resolve

from ostatok.api import openapi
from ostatok.console import meanwhile
from ostatok.parties.models import AuditRecord
from tests import faces
from tests.faces import MARKER
from tests.walk import codes, forms, operations, routes
from tests.walk.asking import Answer, ask, tells_of_the_south
from tests.walk.estate import NORTH, SOUTH, Estate
from tests.walk.forms import Field, Form

pytestmark = pytest.mark.django_db
ROWS = codes.rows()
PAGES = routes.every()
FORMS = [
    name
    for (method, name), row in ROWS.items()
    if method == "POST" and name.startswith("console:") and ROWS["GET", name]["owner"] == HTTPStatus.OK
]
UNKNOWN: Final = "Select a valid choice"
POSTED: Final = "application/x-www-form-urlencoded"
#: What only the south has, by what it is called there.
OWN: Final = "lastochka-own"
OWN_USER: Final = f"{OWN}@south.test"
#: Keys of a body whose value names a thing.
NAMES: Final = frozenset(
    {"organization", "parent", "client", "account", "group", "groups", "service", "services", "user", "contact", "code"}
)


@pytest.fixture(scope="module", autouse=True)
def _own_things(place: Estate) -> None:
    """A service, a group, a contact and a user of the south that have no namesakes in the north."""
    here = {"organization": SOUTH, "code": OWN, "name": f"{MARKER} own"}
    user = {"email": OWN_USER, "roles": [{"organization": SOUTH, "role": "look"}]}
    faces.describe({"services": [{**here, "unit": "min"}], "groups": [here], "contacts": [here], "users": [user]})


@pytest.mark.parametrize("name", FORMS)
def test_no_form_takes_a_thing_of_the_south(name: str, place: Estate, browsers: Mapping[str, Browser]) -> None:
    path = PAGES[name].path(codes.values(name, place, NORTH))
    owner = browsers["owner"]
    wrong: list[tuple[Any, ...]] = []
    for form in forms.of(ask(owner, "GET", path).text):
        action = form.action or path
        if resolve(action.partition("?")[0]).namespace != "console":
            continue  # of the frame around all pages
        for data, chosen, is_choice in _filled_in(form, place):
            answer, acts = _send(owner, action, data)
            if tells_of_the_south(_without(answer, chosen)):
                wrong.append(("tells", action, data))
            if is_choice and not _is_refused(answer, acts):
                wrong.append(("takes", action, data, answer.status, acts))
    assert wrong == []


def _is_refused(answer: Answer, acts: int) -> bool:
    unknown = answer.status == HTTPStatus.OK and UNKNOWN in answer.text
    return acts == 0 and (unknown or answer.status == HTTPStatus.NOT_FOUND)


def _filled_in(form: Form, place: Estate) -> Iterator[tuple[dict[str, list[str]], list[str], bool]]:
    """The form, each time with something of the south in one choice, at last in all that is free text."""
    for field in form.fields.values():
        if field.is_choice:
            foreign = _foreign(field, place)
            for chosen in [foreign] if field.several else [[one] for one in foreign]:
                yield form.data(**{field.name: chosen}), chosen, True
    number = [place.things[SOUTH]["account"].number]
    signed = {"csrfmiddlewaretoken", meanwhile.NAME}
    free = [each.name for each in form.fields.values() if not each.is_choice and each.name not in signed]
    if free:
        yield form.data(**dict.fromkeys(free, number)), number, False


def _foreign(field: Field, place: Estate) -> list[str]:
    """Ids where ids are offered, of the very kind where one of them is known; a code and an address elsewhere."""
    south, north = place.things[SOUTH], place.things[NORTH]
    if not any(value.isdecimal() for value in field.offered):
        return [OWN, south["membership"].user.email]
    kinds = [kind for kind in south if str(north[kind].pk) in field.offered] or list(south)
    return sorted({str(south[kind].pk) for kind in kinds} - set(field.offered))


def _send(browser: Browser, path: str, data: dict[str, list[str]]) -> tuple[Answer, int]:
    """The answer, and how many acts came into the audit with it."""
    with transaction.atomic():
        before = AuditRecord.objects.count()
        response = browser.post(path, urlencode(data, doseq=True), content_type=POSTED)
        acts = AuditRecord.objects.count() - before
        transaction.set_rollback(True)
    answer = Answer(
        status=response.status_code,
        location=response.headers.get("Location", ""),
        type=response.headers.get("Content-Type", ""),
        body=response.content,
    )
    return answer, acts


def _without(answer: Answer, said: list[str]) -> Answer:
    """The answer without what was said in the question."""
    text = answer.text
    for one in sorted(said, key=len, reverse=True):
        text = text.replace(one, "").replace(json.dumps(one)[1:-1], "")
    return Answer(status=answer.status, location=answer.location, type=answer.type, body=text.encode())


#: Items of the API, whole: what a GET tells can be put back.
ITEMS = [
    path
    for path, method, _ in openapi.operations(openapi.document())
    if method == "put" and not path.endswith("/state") and "templates" not in path
]
#: What names a thing in an item that has none of it in the north.
MORE: Final[Mapping[str, dict[str, Any]]] = {
    "clients": {"groups": ["vip"], "manager": "clerk@north.test"},
    "rules": {
        "audience": {"service": ["ad", "appps"], "group": ["vip"], "not": {"group": ["vip"]}},
        "recipients": [{"to": "user", "user": "look@north.test"}, {"to": "contact", "contact": "boss"}],
    },
}
#: Bodies of other writes, with each thing that they may name.
BODIES: Final[list[tuple[str, dict[str, Any]]]] = [
    ("/api/v1/invitations", {"email": "novaya@colleague.test", "client": "romashka"}),
    ("/api/v1/clients/romashka/notes", {"kind": "called", "account": "100001"}),
    ("/api/v1/template-trials", {"kind": "balance_band", "language": "ru", "client": "romashka"}),
    ("/api/v1/template-tests", {"kind": "balance_band", "language": "ru", "client": "romashka"}),
    ("/api/v1/deliveries/replay", {"organization": "north"}),
    ("/api/v1/deliveries/replay", {"organization": "north", "client": "romashka"}),
    ("/api/v1/rule-previews", {"trigger": {"kind": "balance_exhausted"}, **MORE["rules"]}),
]


@pytest.mark.parametrize("path", ITEMS)
def test_no_item_of_the_api_takes_a_thing_of_the_south(
    path: str, place: Estate, browsers: Mapping[str, Browser]
) -> None:
    asked = operations.asked("GET", path, place.things[NORTH])
    told = ask(browsers["owner"], **asked)
    put = told.body if told.status == HTTPStatus.OK else operations.asked("PUT", path, place.things[NORTH])["data"]
    whole = _without_nulls(json.loads(put)) | MORE.get(path.split("/")[3], {})
    assert ask(browsers["owner"], "PUT", asked["path"], **_json(whole)).status == HTTPStatus.OK
    _refuses(
        browsers["owner"], "PUT", asked["path"], whole, place, ours=set(operations.values(path, place.things[NORTH]))
    )


def _without_nulls(value: Any) -> Any:
    """What can be put back."""
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return value


@pytest.mark.parametrize(("path", "body"), BODIES, ids=str)
def test_no_body_of_the_api_takes_a_thing_of_the_south(
    path: str, body: dict[str, Any], place: Estate, browsers: Mapping[str, Browser]
) -> None:
    assert ask(browsers["owner"], "POST", path, **_json(body)).status in (HTTPStatus.OK, HTTPStatus.CREATED)
    _refuses(browsers["owner"], "POST", path, body, place, ours=set())


def _refuses(browser: Browser, method: str, path: str, whole: Any, place: Estate, *, ours: set[str]) -> None:
    south = place.things[SOUTH]
    names = [OWN, OWN_USER, south["client"].code, SOUTH, south["account"].number, south["membership"].user.email]
    wrong: list[tuple[Any, ...]] = []
    for keys, body_with in _leaves(whole):
        if len(keys) == 1 and keys[0] in ours:
            continue
        names_a_thing = NAMES & {key for key in keys[-2:] if isinstance(key, str)}
        for name in names:
            answer = ask(browser, method, path, **_json(body_with(name)))
            if tells_of_the_south(_without(answer, [name])):
                wrong.append(("tells", keys, name, answer.text))
            if not names_a_thing:
                continue
            if answer.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY):
                wrong.append(("takes", keys, name, answer.text))
            typo = name[:1] + name[2:]
            mistyped = ask(browser, method, path, **_json(body_with(typo)))
            if tells_of_the_south(mistyped):
                wrong.append(("hints", keys, typo, mistyped.text))
            # Others have their likes in the north, which may well be meant.
            if name in (OWN, OWN_USER) and _without(mistyped, [typo]) != _without(answer, [name]):
                wrong.append(("confirms", keys, name, answer.text, mistyped.text))
    assert wrong == []


def _json(body: Any) -> dict[str, str]:
    return {"data": json.dumps(body), "content_type": "application/json"}


def _leaves(value: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each text in a body by its place, and what makes the body with another in it."""
    if isinstance(value, str):
        yield keys, lambda new: new
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        for below, make in _leaves(inner, (*keys, key)):
            yield below, lambda new, key=key, make=make: _with(value, key, make(new))


def _with(value: Any, key: Any, new: Any) -> Any:
    changed = value.copy()
    changed[key] = new
    return changed


WITHIN = [
    (method.upper(), path)
    for path, method, operation in openapi.operations(openapi.document())
    if any(parameter["name"] == "organization" for parameter in operation.get("parameters", ()))
]


@pytest.mark.parametrize(("method", "path"), WITHIN, ids=str)
def test_nothing_is_asked_for_in_the_south(
    method: str, path: str, place: Estate, browsers: Mapping[str, Browser]
) -> None:
    for code in (SOUTH, place.things[SOUTH]["client"].code):
        asked = operations.asked(method, path, place.things[NORTH])
        asked["path"] += f"{'&' if '?' in asked['path'] else '?'}organization={quote(code)}"
        answer = ask(browsers["owner"], **asked)
        assert answer.status == HTTPStatus.NOT_FOUND, (code, answer.text)
        assert not tells_of_the_south(_without(answer, [code]))

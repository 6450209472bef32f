"""Django's admin as everybody: the superuser looks at every table and changes none; for others nothing is there."""

import re
from collections.abc import Mapping
from http import HTTPStatus

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import CompositePrimaryKey, Model
from django.test import Client as Browser
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from ostatok.config.admin import tables
from ostatok.delivery.models import Attempt, Delivery, Worker
from ostatok.ledger.models import Balance, Feed, OutlookMark, OutlookPass
from ostatok.notices.models import Digest
from ostatok.parties.access import Role
from ostatok.parties.models import ApiKey, AuditRecord, Client, Invitation, Organization, User
from ostatok.web.models import KeptAnswer
from ostatok.web.security import POLICY
from tests import faces
from tests.faces import NOW
from tests.walk import routes
from tests.walk.asking import ask
from tests.walk.estate import NORTH, Estate

pytestmark = pytest.mark.django_db

#: What the policy would keep from working, or what comes from elsewhere.
FOREIGN_OR_INLINE = re.compile(
    r"<style|<script(?![^>]* src=)| style=| on\w+=|<(?:link|script|img)[^>]* (?:src|href)=.(?!/)"
)
SHOWN: list[type[Model]] = list(tables.site._registry)

PAGES = {name: route for name, route in routes.every().items() if name.startswith("admin:")}


def label(model: type[Model]) -> str:
    return model._meta.label


def list_of(model: type[Model]) -> str:
    return PAGES[f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"].path({})


def page_of(row: Model) -> str:
    route = PAGES[f"admin:{row._meta.app_label}_{row._meta.model_name}_change"]
    return route.path({"object_id": row.pk})


@pytest.fixture(scope="module")
def furnished(place: Estate) -> Estate:
    """The estate, with a row in each table that the admin shows."""
    user, organization = place.world.staff[NORTH, Role.OWNER], place.world.north
    delivery = Delivery.objects.latest("pk")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    SocialAccount.objects.create(user=user, provider="idp", uid="s-1")
    faces.signed_in(user).get("/account/sessions/")
    Digest.objects.create(
        organization=organization, user=user, day=NOW.date(), raised_at=NOW, mine=False, site="http://x"
    )
    Attempt.objects.create(
        delivery=delivery, organization=organization, worker=Worker.objects.create(host="h", pid=1), number=1, at=NOW
    )
    OutlookMark.objects.create(balance=Balance.objects.latest("pk"))
    Feed.objects.get_or_create(organization=organization, defaults={"posted_at": NOW})
    OutlookPass.objects.get_or_create(pk=1, defaults={"at": NOW})
    KeptAnswer.objects.create(
        organization=organization, caller="key 1", key="k", fingerprint="f" * 64, made="note 1", status=201, at=NOW
    )
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_jobs (queue_name, task_name) values ('default', 'tick')")
    return place


@pytest.fixture(scope="module")
def root(furnished: Estate) -> User:
    user = User.objects.create_superuser("root@ostatok.test", faces.PASSWORD, name="Root")
    faces.totp(user)
    return user


@pytest.fixture(scope="module")
def browser(root: User) -> Browser:
    return faces.signed_in(root)


def test_every_table_is_shown_or_left_out_for_a_reason() -> None:
    every = {label(model) for model in apps.get_models() if not isinstance(model._meta.pk, CompositePrimaryKey)}
    assert every == {label(model) for model in SHOWN} | set(tables.LEFT_OUT)
    assert not {label(model) for model in SHOWN} & set(tables.LEFT_OUT)


def test_there_are_no_pages_but_lists_and_rows() -> None:
    shown = {f"admin:{model._meta.app_label}_{model._meta.model_name}" for model in SHOWN}
    pages = {f"{name}_{page}" for name in shown for page in ("changelist", "change")}
    assert set(PAGES) == pages | {"admin:index", "admin:app_list", "admin:jsi18n"}


@pytest.mark.parametrize("model", SHOWN, ids=label)
def test_the_superuser_sees_a_list_and_a_row_and_no_secret(
    model: type[Model], furnished: Estate, browser: Browser
) -> None:
    row = model._default_manager.order_by("-pk").first()
    assert row is not None, "the estate lacks one"
    kept = secrets(furnished)
    for path in (list_of(model), f"{list_of(model)}?q={row.pk}", f"{list_of(model)}?q=nothing", page_of(row)):
        answer = browser.get(path)
        assert answer.status_code == HTTPStatus.OK
        assert answer["Content-Security-Policy"] == POLICY
        text = answer.content.decode()
        assert [secret for secret in kept if secret in text] == []
        assert FOREIGN_OR_INLINE.findall(text) == []
        assert re.findall(r"/(?:add|delete|history)/|type=.submit. value=.(?!Search)|password_change", text) == []


def secrets(place: Estate) -> list[str]:
    """What no page shows: also what is kept of it."""
    return [
        *place.secrets,
        *(user.password for user in User.objects.all() if user.password),
        *ApiKey.objects.values_list("digest", flat=True),
        *Invitation.objects.values_list("digest", flat=True),
        *Session.objects.values_list("session_key", flat=True),
        *UserSession.objects.values_list("session_key", flat=True),
        *(one.data["secret"] for one in Authenticator.objects.filter(type="totp")),
    ]


@pytest.mark.parametrize("path", ["/admin/", "/admin/parties/", "/admin/jsi18n/"])
def test_the_superuser_sees_what_there_is(path: str, browser: Browser) -> None:
    answer = browser.get(path)
    assert answer.status_code == HTTPStatus.OK
    assert answer["Content-Security-Policy"] == POLICY


def test_tables_are_called_what_the_database_calls_them(browser: Browser) -> None:
    page = browser.get("/admin/").content.decode()
    assert [model for model in SHOWN if f">{model._meta.db_table}</a>" not in page] == []


@pytest.mark.parametrize("name", PAGES)
def test_for_everybody_else_nothing_is_there(
    name: str, furnished: Estate, browsers: Mapping[str, Browser], others: Mapping[str, Browser]
) -> None:
    path = PAGES[name].path({"app_label": "parties", "object_id": 1})
    asked = {**browsers, **others}
    answers = {face: ask(one, "GET", path).status for face, one in asked.items()}
    assert answers == dict.fromkeys(asked, HTTPStatus.NOT_FOUND)


@pytest.fixture(scope="module")
def others(root: User) -> Mapping[str, Browser]:
    """Superusers who may not look either."""
    gone = User.objects.create_superuser("gone@ostatok.test", is_active=False)
    bare = User.objects.create_superuser("bare@ostatok.test")
    faces.totp(gone)
    elsewhere = Browser()
    elsewhere.force_login(root)
    return {
        "a superuser who was switched off": faces.signed_in(gone),
        "a superuser without a second factor": faces.signed_in(bare),
        "a superuser who has not shown it here": elsewhere,
    }


def test_in_the_demo_a_superuser_needs_no_second_factor(furnished: Estate) -> None:
    user = User.objects.create_superuser("demo@ostatok.test")
    one = faces.signed_in(user)
    with override_settings(OSTATOK_DEMO=True):
        assert one.get("/admin/").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/admin/logout/", "/admin/password_change/", "/admin/nowhere/", "/admin/r/1/1/"]
)
def test_other_pages_of_djangos_admin_are_not_there(path: str, browser: Browser) -> None:
    assert browser.get(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_changed_there(method: str, furnished: Estate, browser: Browser) -> None:
    client = furnished.things[NORTH]["client"]
    for path in (page_of(client), list_of(Client), "/admin/"):
        assert getattr(browser, method)(path, {"name": "Another"}).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    for page in ("add/", f"{client.pk}/delete/", f"{client.pk}/history/", f"{client.pk}/"):
        assert browser.get(f"{list_of(Client)}{page}").status_code == HTTPStatus.NOT_FOUND


def test_a_row_that_is_not_there_is_not_found(browser: Browser) -> None:
    for pk in ("0", "99999999999999999999999", "x"):
        assert browser.get(f"{list_of(Client)}{pk}/change/").status_code == HTTPStatus.NOT_FOUND


def test_who_looked_at_a_row_is_recorded_where_its_owner_reads_it(furnished: Estate, browser: Browser) -> None:
    client = furnished.things[NORTH]["client"]
    for row in (client, furnished.world.north):
        browser.get(page_of(row))
        act = AuditRecord.objects.latest("pk")
        assert (act.actor, act.action, act.organization) == ("root@ostatok.test", "data.seen", furnished.world.north)
        assert act.subject == f"{row._meta.model_name} {row.pk} (admin)"


@pytest.mark.parametrize("query", ["password__startswith=a", "email=anna", "is_superuser__exact=1", "id__gt=1"])
def test_no_column_is_asked_about_in_the_address(query: str, browser: Browser) -> None:
    browser.raise_request_exception = False
    assert browser.get(f"{list_of(User)}?{query}").status_code == HTTPStatus.BAD_REQUEST


def test_a_row_is_found_by_what_has_an_index(furnished: Estate, browser: Browser) -> None:
    user = furnished.world.staff[NORTH, Role.CLERK]
    for asked, found in ((user.email, True), (str(user.pk), True), ("clerk", False), ("%", False)):
        page = browser.get(list_of(User), {"q": asked}).content.decode()
        assert (f"/{user.pk}/change/" in page) is found


@pytest.mark.parametrize("model", SHOWN, ids=label)
def test_what_is_looked_up_has_an_index_of_its_own(model: type[Model], furnished: Estate) -> None:
    [admin] = [one for one in tables.site._registry.values() if one.model is model]
    asked = [model._meta.pk.column if name == "pk" else name for name in admin.search_fields]
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_index join pg_attribute on attrelid = indrelid and attnum = indkey[0]"
            " where indrelid = %s::regclass and indpred is null",
            [model._meta.db_table],
        )
        assert set(asked) <= {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize("model", SHOWN, ids=label)
def test_a_list_is_one_question_and_counts_nothing(model: type[Model], furnished: Estate, browser: Browser) -> None:
    browser.get("/admin/")  # the first page of a process asks for what is the same for all of them
    with CaptureQueriesContext(connection) as anywhere:
        browser.get("/admin/")
    with CaptureQueriesContext(connection) as asked:
        browser.get(list_of(model))
    texts = [query["sql"] for query in asked]
    assert [text for text in texts if "COUNT(" in text.upper()] == []
    assert len([text for text in texts if f'FROM "{model._meta.db_table}"' in text and "LIMIT 101" in text]) == 1
    assert len(texts) == len(anywhere) + 1


def test_older_rows_are_on_the_next_page_and_none_twice(furnished: Estate, browser: Browser) -> None:
    organization = Organization.objects.create(code="many", name="Много")
    Client.objects.bulk_create(Client(organization=organization, code=f"c{n}", name=f"Клиент {n}") for n in range(250))
    found: list[str] = []
    path = list_of(Client)
    while path:
        page = browser.get(path).content.decode()
        found += re.findall(r"/client/(\d+)/change/", page)
        older = re.search(r'<a href="(\?p=\d+)">Older ones</a>', page)
        path = f"{list_of(Client)}{older[1]}" if older else ""
    assert found == [str(pk) for pk in Client.objects.order_by("-pk").values_list("pk", flat=True)]
    assert "To the newest" in page


def test_a_page_that_is_not_there_does_no_harm(browser: Browser) -> None:
    for page in ("x", "-5", "9" * 40):
        assert browser.get(f"{list_of(Client)}?p={page}").status_code == HTTPStatus.OK

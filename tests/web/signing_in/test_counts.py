"""Rate limits and used codes: whatever others try meanwhile, they hold for as long as they should, and no longer."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from ostatok.parties.models import AuditRecord, User
from ostatok.web import jobs
from ostatok.web.signing_in import counts, used_codes
from tests.web.signing_in import people

pytestmark = pytest.mark.django_db

CODE = "/account/2fa/authenticate/"
MANY = 1000


def sweep(at: datetime) -> None:
    """What the worker does once an hour."""
    jobs.blueprint().tasks["forget_attempts"](timestamp=int(at.timestamp()))


def others_try() -> None:
    """So many others are counted against, that Django's cache would make room by the order of keys."""
    for number in range(MANY):
        cache.set(f"zzz:{number}", [1.0], 300)


def lets_in(code: str, user: User) -> bool:
    browser = Browser()
    people.sign_in(browser, user.email)
    browser.post(CODE, {"code": code})
    return "_auth_user_id" in browser.session


def test_what_is_counted_against_one_is_not_pushed_out_by_many_others(client: Browser, anna: User) -> None:
    for _ in range(5):
        people.sign_in(client, anna.email, "не тот пароль")
    others_try()
    assert "Too many failed attempts" in people.sign_in(client, anna.email).content.decode()


def test_a_used_code_is_used_whatever_is_in_the_cache(owner: User) -> None:
    code = people.code(people.app_of(owner))
    assert lets_in(code, owner)
    cache.clear()
    assert not lets_in(code, owner)


@pytest.mark.parametrize("written", ["{} ", "{}-", " {}", "{}."])
def test_a_used_code_is_used_however_it_is_written(owner: User, written: str) -> None:
    code = people.code(people.app_of(owner))
    assert lets_in(code, owner)
    cache.clear()
    assert not lets_in(written.format(code), owner)


def test_the_next_code_is_taken(owner: User) -> None:
    secret = people.app_of(owner)
    assert lets_in(people.code(secret), owner)
    assert lets_in(people.code(secret, later=1), owner)


def test_a_used_code_counts_as_a_failed_attempt(owner: User) -> None:
    code = people.code(people.app_of(owner))
    assert lets_in(code, owner)
    browser = Browser()
    people.sign_in(browser, owner.email)
    pages = [browser.post(CODE, {"code": code}).content.decode() for _ in range(6)]
    assert ["Too many failed attempts" in page for page in pages] == [False] * 5 + [True]
    assert AuditRecord.objects.filter(action="user.second_factor_failed").count() == 5


def test_a_code_is_each_users_own(owner: User) -> None:
    other = User.objects.create_user("boris@energo.test", people.PASSWORD)
    assert used_codes.take(owner.pk, 1)
    assert not used_codes.take(owner.pk, 1)
    assert used_codes.take(other.pk, 1)


def test_a_code_belongs_to_the_half_minute_it_is_shown_in(owner: User) -> None:
    secret = people.app_of(owner)
    app = Authenticator.objects.get()
    now, later = (used_codes.period_of(app, people.code(secret, step)) for step in (0, 1))
    assert now is not None
    assert later == now + 1
    assert used_codes.period_of(app, people.code(secret, 5)) is None


def test_once_an_hour_what_has_run_out_is_forgotten(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "PIECE", 2)
    now = datetime.now(UTC)
    for number in range(5):
        cache.set(f"short:{number}", 1, 60)
    cache.set("long", 1, 3 * 3600)
    for age in (timedelta(), timedelta(hours=3)):
        used_codes.take(owner.pk, int((now - age).timestamp()) // 30)
    sweep(now + timedelta(minutes=30))
    assert _rows("select cache_key from cache") == [":1:long"]
    assert _rows("select period from used_code") == [int(now.timestamp()) // 30]


def test_a_value_is_added_once_until_it_has_run_out(db: None) -> None:
    assert cache.add("lock", 1, 60)
    assert not cache.add("lock", 2, 60)
    assert cache.get("lock") == 1
    _run_out("lock")
    assert cache.get("lock") is None
    assert cache.add("lock", 3, 60)
    assert cache.get("lock") == 3


def test_one_that_has_run_out_is_replaced_though_nobody_has_read_it(db: None) -> None:
    cache.set("lock", 1, 60)
    _run_out("lock")
    assert cache.add("lock", 2, 60)
    assert cache.get("lock") == 2


def test_a_value_may_last_longer_or_for_ever(db: None) -> None:
    assert not cache.touch("absent", 60)
    cache.set("kept", 1, 60)
    assert cache.touch("kept", None)
    sweep(datetime.now(UTC) + timedelta(days=36_500))
    assert cache.get("kept") == 1


def test_a_write_asks_one_thing_of_the_database_however_much_is_there(db: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        cache.set("one", 1, 60)
    assert len(asked) == 1


def _run_out(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update cache set expires = now() - interval '1 s' where cache_key = %s", [f":1:{key}"])


def _rows(query: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [value for (value,) in cursor.fetchall()]

"""Two who save at once: whoever comes second sees what the first did."""

from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.urls import reverse

from ostatok.console import meanwhile
from ostatok.parties.access import Role, System
from ostatok.parties.models import Client
from ostatok.web import changes
from tests import faces
from tests.clusters import wait_until
from tests.walk import forms

pytestmark = pytest.mark.django_db(transaction=True)

_WAITS = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"


@pytest.fixture
def world(db: None) -> faces.World:
    return faces.build()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WAITS)
        [waits] = cursor.fetchone()
    return bool(waits)


@pytest.fixture
def clerk(world: faces.World) -> Browser:
    return world.member(Role.CLERK)


def _save_while(clerk: Browser, url: str, **description: Any) -> str:
    """The answer to a form that is saved while somebody else makes this true."""
    opened = next(form for form in forms.of(clerk.get(url).content.decode()) if meanwhile.NAME in form.fields)
    answers = []

    def save() -> None:
        try:
            answers.append(clerk.post(url, opened.data(phone=["+7 2"])).content.decode())
        finally:
            connection.close()

    saving = Thread(target=save)
    with transaction.atomic():
        changes.apply(System(), description, origin="test")
        saving.start()
        wait_until(_somebody_waits)
    saving.join()
    [answer] = answers
    return answer


def test_what_is_shown_is_compared_under_the_lock(world: faces.World, clerk: Browser) -> None:
    url = reverse("console:edit_client", args=[world.clients["romashka"].pk])
    renamed = {"organization": "north", "code": "romashka", "name": "Переименована"}
    assert "Name: now “Переименована”" in _save_while(clerk, url, clients=[renamed])
    client = Client.objects.get(code="romashka")
    assert (client.name, client.phone) == ("Переименована", world.clients["romashka"].phone)


def test_what_was_deleted_is_not_made_anew(world: faces.World, clerk: Browser) -> None:
    known_by = {"organization": "north", "code": "new"}
    changes.apply(System(), {"clients": [{**known_by, "name": "New"}]}, origin="test")
    url = reverse("console:edit_client", args=[Client.objects.get(code="new").pk])
    text = _save_while(clerk, url, clients=[{**known_by, "state": "deleted"}])
    assert "Deleted meanwhile by somebody" in text
    assert "+7 2" in text
    assert not Client.objects.filter(code="new").exists()

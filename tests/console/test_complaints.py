"""What is wrong stands on the page in the language of whoever reads it."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser

from ostatok.ledger.models import Service
from ostatok.parties.access import Role
from ostatok.parties.models import Contact
from ostatok.rules.models import Rule, Switching
from tests import faces
from tests.console.reading import at, said
from tests.faces import World

LETTER = {"subject": "{{ lft }}", "text": "{{ left", "html": ""}


@pytest.fixture
def owner(world: World) -> Browser:
    """Reads Russian."""
    browser = world.member(Role.OWNER)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "ru"
    return browser


def rule() -> Rule:
    return Rule.objects.get(organization__code="north", name="Мало денег")


def errors(answer: Any) -> dict[str, list[str]]:
    return {str(name): list(own) for name, own in answer.context["form"].errors.items()}


def test_a_russian_owner_reads_russian_at_the_field(owner: Browser, world: World) -> None:
    service = Service.objects.get(organization=world.north, code="ad")
    answer = owner.post(at("service", service.pk), {"name": "Свет", "unit": "kWh", "rearm_from": ""})
    why = "нельзя сменить «мин» на единицу другого рода: в ней ведутся остатки на лицевых счетах (4)"
    assert errors(answer) == {"unit": [why]}
    assert why in said(answer)


def test_each_field_of_a_rule_is_told_in_russian(owner: Browser, world: World) -> None:
    form = {"organization": world.north.pk, "name": "Р", "state": "inactive", "amount": "5", "unit": "KZT"}
    wrong = {"period": "скоро", "cooldown": "36501d", "addresses": "boss@", "recipients": ["client"]}
    answer = owner.post(at("new_rule") + "?kind=balance_below", {**form, **wrong})
    assert errors(answer) == {
        "period": ["«скоро» — не длительность: напишите 30m, 24h, 7d или 1h30m"],
        "cooldown": ["длительность должна быть больше нуля и не больше 36500d"],
        "addresses": [
            "«boss@» — не получатель: напишите client, organization, user, contact или адрес эл. почты",
        ],
    }
    tried = said(owner.post(at("new_rule") + "?kind=balance_below", {**form, **wrong, "try": "1"}))
    assert "«скоро» — не длительность" in tried
    assert "duration" not in tried


def test_what_a_rule_does_in_vain_is_told_in_russian_without_its_place(owner: Browser, world: World) -> None:
    form = {"organization": world.north.pk, "name": "Р", "state": "inactive", "amount": "5", "unit": "KZT", "try": "1"}
    text = said(owner.post(at("new_rule") + "?kind=balance_below", form))
    assert "никто не узнает: у правила нет получателей" in text
    assert "rules[0]" not in text


def test_an_address_of_a_contact_is_told_in_russian(owner: Browser, world: World) -> None:
    contact = Contact.objects.get(organization=world.north, code="boss")
    points = {"points-TOTAL_FORMS": "2", "points-INITIAL_FORMS": "0"}
    points |= {
        f"points-{index}-{name}": value for index in (0, 1) for name, value in (("kind", "phone"), ("address", "1"))
    }
    answer = owner.post(at("contact", contact.pk), {"name": "Н", "position": "", **points})
    assert "указано здесь дважды" in said(answer)


def test_why_something_stays_is_told_in_russian(owner: Browser, world: World) -> None:
    text = said(owner.post(at("delete_organization", world.north.pk)))
    assert "удалить нельзя: ещё остались услуги (3), клиенты (4), лицевые счета (4), правила (2)" in text


@pytest.mark.parametrize("name", ["rule", "rule_switching"])
def test_why_a_worker_could_not_switch_is_told_in_russian(owner: Browser, world: World, name: str) -> None:
    Switching.objects.create(
        rule=rule(),
        state="active",
        notify_now=False,
        asked_by=world.staff["north", Role.OWNER],
        asked_at=faces.NOW,
        finished_at=faces.NOW,
        balances=4,
        problem="you may not change the rules of north\nis missing: a new rule needs it",
    )
    text = said(owner.get(at(name, rule().pk)))
    assert "вам нельзя менять правила организации north" in text
    assert "не заполнено: без этого нельзя создать правило" in text


def test_what_is_wrong_with_a_wording_is_told_in_russian(owner: Browser, world: World) -> None:
    place = [world.north.pk, "balance_band", "email", "ru"]
    tried = said(owner.post(at("try_template", *place), LETTER))
    assert "Тема, строка 1 нет переменной «lft»; может быть, «left»?" in tried
    assert "Текст, строка 1 «{{» не закрыто с помощью «}}»" in tried
    saved = errors(owner.post(at("template", *place), LETTER))
    assert saved == {
        "subject": ["строка 1: нет переменной «lft»; может быть, «left»?"],
        "text": ["строка 1: «{{» не закрыто с помощью «}}»"],
    }

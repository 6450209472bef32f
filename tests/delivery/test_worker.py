"""What a worker makes of the outbox: mails, and lines in the log."""

import logging
from itertools import count

import pytest

from ostatok.delivery.models import Attempt, DeliveryMessage
from ostatok.kernel import logs
from ostatok.notices.models import Notice, Template
from ostatok.parties.models import Organization
from tests.delivery.conftest import AT_ONCE, Post
from tests.delivery.mails import part, read, refusing
from tests.delivery.world import World

# -- what is sent


def test_a_mail_that_is_due_is_sent_and_told_in_the_tables(world: World, post: Post) -> None:
    [delivery] = world.waiting()

    summary = post.once()

    [mail] = post.sink.mails
    delivery.refresh_from_db()
    assert (summary.sent, summary.waiting) == (1, 0)
    assert (delivery.state, delivery.attempts, delivery.worker_id) == ("sent", 1, None)
    assert Notice.objects.get().state == "sent"
    assert Attempt.objects.get(delivery=delivery).outcome == "delivered"
    kept = DeliveryMessage.objects.get(delivery=delivery)
    assert kept.subject == read(mail)["subject"]
    assert kept.text.split() == part(mail, "plain").split()
    assert kept.html.split() == part(mail, "html").split()
    assert kept.headers["Message-ID"] == f"<{mail.message_id}>"


def test_the_mail_is_the_organizations_own_and_in_the_clients_language(world: World, post: Post) -> None:
    world.deliveries(world.notices([world.client(language="pl", name="Ромашка\r\nBcc: x@evil.test")]))

    post.once()

    [mail] = post.sink.mails
    assert read(mail)["from"] == "ООО «Энергосбыт» <ops@energo.test>"
    assert read(mail)["bcc"] is None
    assert read(mail)["content-language"] == "pl"
    assert read(mail)["auto-submitted"] == "auto-generated"
    assert "Автоматический обзвон" in part(mail, "plain")
    assert "zostało 15" in part(mail, "plain")


def test_a_client_without_a_language_is_written_to_in_the_organizations(world: World, post: Post) -> None:
    world.waiting()

    post.once()

    assert "15 минут" in str(read(post.sink.mails[0])["subject"]).replace("\xa0", " ")


def test_figures_are_those_at_sending_and_the_notice_keeps_those_at_raising(world: World, post: Post) -> None:
    balance = world.client()
    world.deliveries(world.notices([balance]))
    world.charge([balance], 3)

    post.once()

    assert "12 минут" in str(read(post.sink.mails[0])["subject"]).replace("\xa0", " ")
    assert Notice.objects.get().amount == 15 * 60


def test_the_organizations_own_template_is_used_and_its_parents_where_it_has_none(world: World, post: Post) -> None:
    parent = Organization.objects.create(code="parent", name="Parent")
    world.organization.parent = parent
    world.organization.save()
    common = {"kind": "balance_band", "channel": "email", "language": "ru"}
    Template.objects.create(organization=parent, subject="Осталось {{ left }}", text="{{ client_code }}", **common)
    world.waiting()
    post.once()
    Template.objects.create(organization=world.organization, subject="Своё", text="{{ client_code }}", **common)
    world.waiting()
    post.once()
    Template.objects.create(organization=world.organization, version=2, deleted=True, **common)
    world.waiting()
    post.once()

    subjects = [str(read(mail)["subject"]).replace("\xa0", " ") for mail in post.sink.mails]
    assert subjects == ["Осталось 15 минут", "Своё", "Осталось 15 минут"]
    assert part(post.sink.mails[0], "plain").strip() == "000001"


def test_a_template_that_fails_gives_way_to_the_default(world: World, post: Post) -> None:
    Template.objects.create(
        organization=world.organization,
        kind="balance_band",
        channel="email",
        language="ru",
        text="{% for a in last_entries %}{% for b in last_entries %}",
    )
    world.waiting()

    assert post.once().sent == 1
    assert "Автоматический обзвон" in part(post.sink.mails[0], "plain")


def looping(world: World, body: str) -> None:
    """Give the world's bands a wording of their own that loops."""
    loops = "{% for a in last_entries %}" * 4 + body + "{% endfor %}" * 4
    common = {"kind": "balance_band", "channel": "email", "language": "ru"}
    Template.objects.create(organization=world.organization, subject="Своё", text=loops, **common)


def test_a_template_that_takes_too_long_gives_way_to_the_default(world: World, post: Post) -> None:
    looping(world, "")
    world.waiting()

    assert post.once(template_clock=count().__next__).sent == 1
    assert "15 минут" in str(read(post.sink.mails[0])["subject"]).replace("\xa0", " ")


def test_a_template_that_does_too_much_is_tried_once_and_not_for_each_letter(
    world: World, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    looping(world, "{% capture x %}" + "я" * 10_000 + "{% endcapture %}" + "{% assign y = x | url_encode %}" * 10)
    world.waiting(5)

    assert post.once().sent == 5
    failed = [record for record in caplog.records if record.message == "template failed"]
    assert len(failed) == 1
    assert all("15 минут" in str(read(mail)["subject"]).replace("\xa0", " ") for mail in post.sink.mails)


def test_a_template_can_list_the_last_entries(world: World, post: Post) -> None:
    Template.objects.create(
        organization=world.organization,
        kind="balance_band",
        channel="email",
        language="ru",
        text="%last_10_in_a_table",
    )
    world.waiting()

    post.once()

    assert len(part(post.sink.mails[0], "plain").strip().splitlines()) == 2


# -- what may not be told


def test_logs_name_ids_and_never_addresses_names_or_texts(
    world: World, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    world.deliveries(world.notices([world.client(name="Секретный клиент")]))
    world.waiting(5)
    post.sink.script = refusing("451 4.3.0 Try later, c000002@client.test")
    with caplog.at_level(logging.DEBUG, logger="ostatok"):
        post.once(AT_ONCE)
        post.sink.down()
        world.waiting(8)
        post.once(AT_ONCE)

    written = "\n".join(logs.JsonFormatter().format(record) for record in caplog.records)
    assert '"event": "circuit open"' in written
    assert '"event": "delivery recorded"' in written
    assert "@" not in written
    assert "клиент" not in written.lower()

"""What a worker does with the outbox, from the tables to the mail."""

import email
import email.policy
import logging
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from ostatok.delivery import message, reasons
from ostatok.delivery.channels.email.sink import Close, Hang, Mail, Reaction, Reply, Script, Step
from ostatok.delivery.models import Attempt, Circuit, Delivery, DeliveryMessage
from ostatok.kernel import logs
from ostatok.ledger.models import Balance
from ostatok.notices.models import Notice, Template
from ostatok.parties.models import Contact, ContactPoint, Organization, User
from ostatok.rules.models import Alarm, RuleState
from tests.delivery import world as tables
from tests.delivery.conftest import AT_ONCE, LATER, Post
from tests.delivery.world import World, states


def read(mail: Mail) -> EmailMessage:
    return email.message_from_bytes(mail.content, policy=email.policy.default)


def part(mail: Mail, kind: str) -> str:
    found = read(mail).get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


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


# -- what is not sent


def test_of_three_bands_entered_before_sending_only_the_lowest_is_told(world: World, post: Post) -> None:
    balance = world.client()
    told = []
    for band, charged in ((0, 0), (1, 6), (2, 8)):
        world.charge([balance], charged or 1)
        told += world.deliveries(world.notices([balance], band=band))

    post.once()

    assert [(one.state, one.reason) for one in Delivery.objects.order_by("id")] == [
        ("dropped", "superseded"),
        ("dropped", "superseded"),
        ("sent", ""),
    ]
    assert len(post.sink.mails) == 1
    assert world.raised(balance) == 1


def test_a_later_repeat_overtakes_an_earlier_one(world: World, post: Post) -> None:
    balance = world.client()
    [first], [second] = world.notices([balance], step=1), world.notices([balance], step=2)
    world.deliveries([first, second])

    post.once()

    assert Delivery.objects.get(notice=first).reason == "superseded"
    assert len(post.sink.mails) == 1


def test_a_top_up_before_sending_cancels_and_says_how_much_later_it_came(world: World, post: Post) -> None:
    balance = world.client()
    [delivery] = world.deliveries(world.notices([balance], raised_at=datetime.now(UTC) - timedelta(seconds=14)))
    world.top_up([balance], 100)

    post.once()

    delivery.refresh_from_db()
    told = reasons.explain(state=delivery.state, reason=delivery.reason, detail=delivery.detail, language="ru")
    assert told.replace("\xa0", " ") == "не отправлено: баланс пополнен через 14 с"
    assert Notice.objects.get().state == "dropped"
    assert post.sink.mails == []


def test_a_balance_that_left_the_band_by_a_correction_is_not_told(world: World, post: Post) -> None:
    balance = world.client()
    [delivery] = world.deliveries(world.notices([balance]))
    world.correct([balance], 20)

    post.once()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.detail) == ("dropped", "recovered", "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rule": {"state": RuleState.INACTIVE}}, "rule_off"),
        ({"rule": {"state": RuleState.SHADOW}}, "rule_off"),
        ({"rule": {"keep_for": timedelta(0)}}, "expired"),
        ({"client": {"status": "closed"}}, "client_closed"),
        ({"client": {"email": ""}}, "no_address"),
        ({"client": {"email": "nobody at all"}}, "bad_address"),
        ({"delivery": {"channel": "fax"}}, "channel_off"),
    ],
)
def test_what_a_check_objects_to_is_dropped_with_its_reason(
    world: World, post: Post, change: dict[str, dict[str, object]], reason: str
) -> None:
    [delivery] = world.waiting()
    rows = {"rule": world.rule, "client": delivery.notice.client, "delivery": delivery}
    for name, values in change.items():
        type(rows[name])._default_manager.filter(pk=rows[name].pk).update(**values)

    post.once()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("dropped", reason)
    assert (Notice.objects.get().state, Notice.objects.get().reason) == ("dropped", reason)
    assert post.sink.mails == []


def test_a_notice_older_than_a_day_is_not_sent_unless_its_rule_keeps_it_longer(world: World, post: Post) -> None:
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    world.waiting(created_at=yesterday)
    world.rule.keep_for = timedelta(hours=26)
    world.rule.save()

    assert post.once().sent == 1

    world.rule.keep_for = None
    world.rule.save()
    world.waiting(created_at=yesterday)

    assert post.once().dropped == 1


def test_what_a_look_as_of_an_earlier_day_raised_is_sent(world: World, post: Post) -> None:
    world.deliveries(world.notices([world.client()], raised_at=datetime.now(UTC) - timedelta(days=9)))

    assert post.once().sent == 1


def test_the_address_is_the_one_at_sending(world: World, post: Post) -> None:
    balance = world.client()
    contact = Contact.objects.create(organization=world.organization, code="k", name="K")
    ContactPoint.objects.create(contact=contact, kind="email", address="new@contact.test")
    user = User.objects.create_user("new@user.test")
    [notice] = world.notices([balance])
    for recipient in ("client", "organization", f"user:{user.pk}", f"contact:{contact.pk}", "address"):
        world.deliveries([notice], recipient=recipient, address="old@x.test")

    post.once()

    addresses = {mail.recipient for mail in post.sink.mails}
    assert addresses == {
        balance.account.client.email,
        "ops@energo.test",
        "new@user.test",
        "new@contact.test",
        "old@x.test",
    }


def test_a_user_who_may_not_sign_in_any_more_is_not_written_to(world: World, post: Post) -> None:
    user = User.objects.create_user("gone@user.test", is_active=False)
    [delivery] = world.deliveries(world.notices([world.client()]), recipient=f"user:{user.pk}")

    post.once()

    delivery.refresh_from_db()
    assert delivery.reason == "recipient_inactive"


def test_one_address_gets_a_notice_once_whoever_it_belongs_to(world: World, post: Post) -> None:
    [notice] = world.notices([world.client(email="OPS@energo.test")])
    for recipient in ("client", "organization", "address"):
        world.deliveries([notice], recipient=recipient, address="ops@energo.test")

    post.once()

    assert len(post.sink.mails) == 1
    assert sorted(Delivery.objects.values_list("state", "reason")) == [
        ("dropped", "same_address"),
        ("dropped", "same_address"),
        ("sent", ""),
    ]
    assert Notice.objects.get().state == "sent"


# -- servers that misbehave


def refusing(line: str, address: str = "c000002@client.test") -> Script:
    def script(step: Step, recipient: str) -> Reaction:
        return Reply(line) if step is Step.RECIPIENT and recipient == address else None

    return script


def test_one_refused_address_is_dead_at_once_and_the_others_get_their_mail(world: World, post: Post) -> None:
    deliveries = world.waiting(5)
    post.sink.script = refusing("550 5.1.1 No such user")

    summary = post.once()

    assert (summary.sent, summary.dead) == (4, 1)
    dead = Delivery.objects.get(state="dead")
    assert dead.pk == deliveries[1].pk
    assert (dead.reason, dead.detail) == ("address_refused", "550 5.1.1 No such user")
    assert dead.notice.state == "failed"


def test_a_temporary_refusal_is_retried_by_itself_until_it_goes_through(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    refusals = iter([Reply("451 4.3.0 Try again later"), Reply("452 4.2.2 Mailbox full")])
    post.sink.script = lambda step, _: next(refusals, None) if step is Step.RECIPIENT else None

    summary = post.once(AT_ONCE)

    assert (summary.sent, summary.retried) == (1, 2)
    assert tables.reasons(delivery) == ["try_later", "try_later", ""]


def test_a_retry_is_due_by_the_schedule_and_not_before(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    post.sink.script = refusing("451 4.3.0 Try again later", "c000001@client.test")
    began = datetime.now(UTC)

    assert post.once(LATER).retried == 1

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 1)
    assert timedelta(minutes=54) < delivery.due_at - began < timedelta(minutes=67)
    assert post.once(LATER).retried == 0
    post.sink.script = lambda *_: None
    assert post.once(LATER, clock=lambda: datetime.now(UTC) + timedelta(minutes=67)).sent == 1


def test_after_the_last_attempt_it_is_dead_and_its_notice_failed(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    post.sink.script = refusing("451 4.3.0 Try again later", "c000001@client.test")

    summary = post.once(AT_ONCE)

    assert (summary.retried, summary.dead) == (2, 1)
    assert Notice.objects.get().state == "failed"
    assert tables.reasons(delivery) == ["try_later"] * 3


def test_a_lost_answer_is_unknown_and_sent_again_under_the_same_message_id(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    answers = iter([Close()])
    post.sink.script = lambda step, _: next(answers, None) if step is Step.ANSWER else None

    post.once(AT_ONCE)

    first, second = post.sink.mails
    name = message.reference(delivery.pk, delivery.created_at)
    assert first.message_id == second.message_id == f"{name}@delivery.ostatok"
    assert list(Attempt.objects.order_by("number").values_list("outcome", flat=True)) == ["unknown", "delivered"]


def test_the_message_id_outlives_an_edit_of_the_senders_address(world: World, post: Post) -> None:
    world.waiting()
    answers = iter([Close()])
    post.sink.script = lambda step, _: next(answers, None) if step is Step.ANSWER else None
    post.once(LATER)
    Organization.objects.update(email="new@elsewhere.test")

    post.once(LATER, clock=lambda: datetime.now(UTC) + timedelta(hours=2))

    first, second = post.sink.mails
    assert first.message_id == second.message_id
    assert read(second)["from"].endswith("<new@elsewhere.test>")


def test_an_outcome_never_seen_is_shown_as_unknown(world: World, post: Post) -> None:
    [delivery] = world.waiting()
    post.sink.script = lambda step, _: Close() if step is Step.ANSWER else None

    assert post.once(AT_ONCE).unknown == 1

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("unknown", "no_reply")
    assert DeliveryMessage.objects.filter(delivery=delivery).exists()
    assert Notice.objects.get().state == "failed"


@pytest.mark.parametrize("reaction", [Hang(), Close()])
@pytest.mark.parametrize("step", list(Step))
def test_a_server_that_hangs_or_closes_on_one_mail_keeps_no_other(
    world: World, post: Post, step: Step, reaction: Reaction
) -> None:
    world.waiting(30)
    post.sink.script = lambda at, to: reaction if at is step and to == "c000007@client.test" else None

    summary = Post(post.sink, timeout=0.5).once()

    assert (summary.sent, summary.retried) == (29, 1)


def test_one_poisoned_delivery_keeps_no_other(world: World, make_world: type[World], post: Post) -> None:
    world.waiting(3)
    poisoned = make_world()
    poisoned.service.unit = "nothing"
    poisoned.service.save()
    [delivery] = poisoned.waiting()

    summary = post.once()

    delivery.refresh_from_db()
    assert (summary.sent, summary.dead) == (3, 1)
    assert (delivery.state, delivery.reason) == ("dead", "unsendable")


# -- a provider that is down


def test_a_provider_that_is_down_opens_its_circuit_and_uses_up_few_attempts(world: World, post: Post) -> None:
    world.waiting(40)
    post.sink.down()

    summary = post.once()

    circuit = Circuit.objects.get()
    assert circuit.opened_at is not None
    assert summary.waiting == 40
    assert Attempt.objects.count() == 5
    assert Delivery.objects.filter(attempts=0, state="waiting").count() == 35


def test_once_the_provider_is_back_a_probe_lets_everything_flow(world: World, post: Post) -> None:
    world.waiting(40)
    post.sink.down()
    post.once()
    retry_at = Circuit.objects.get().retry_at
    assert retry_at is not None
    post.sink.up()

    assert post.once(clock=lambda: retry_at - timedelta(seconds=1)).sent == 0
    assert post.once(clock=lambda: retry_at).sent == 35
    assert Circuit.objects.get().opened_at is None
    assert post.once(clock=lambda: retry_at + timedelta(hours=2)).sent == 5


def test_a_failed_probe_keeps_the_circuit_open_for_longer_and_uses_up_no_attempt(world: World, post: Post) -> None:
    world.waiting(10)
    post.sink.down()
    post.once()
    before = Circuit.objects.get()
    assert before.retry_at is not None
    when = before.retry_at
    tried = Attempt.objects.count()

    post.once(clock=lambda: when)

    after = Circuit.objects.get()
    assert after.retry_at is not None
    assert (after.failures, after.opened_at) == (before.failures + 1, before.opened_at)
    assert after.retry_at > when + timedelta(minutes=1)
    assert Attempt.objects.count() == tried
    assert states() == {"waiting": 10}


def test_a_probe_that_a_check_drops_leaves_its_turn_to_the_next(world: World, post: Post) -> None:
    world.waiting(10)
    post.sink.down()
    post.once()
    retry_at = Circuit.objects.get().retry_at
    assert retry_at is not None
    untried = Delivery.objects.filter(attempts=0).order_by("due_at", "pk")
    recovered = list(untried.values_list("notice__balance", flat=True)[:2])
    world.correct(list(Balance.objects.filter(pk__in=recovered)), 80)
    post.sink.up()

    post.once(clock=lambda: retry_at)

    assert states() == {"dropped": 2, "sent": 3, "waiting": 5}


# -- notices that reached nobody


def test_a_dropped_notice_gives_its_place_back_and_the_alarm_repeats(make_world: type[World], post: Post) -> None:
    world = make_world(kind="balance_below", threshold=20, period=timedelta(hours=24))
    balance = world.client(email="")
    last = datetime(2026, 11, 20, 9, tzinfo=UTC)
    world.alarm(balance, last_raised_at=last)
    world.deliveries(world.notices([balance], band=None))

    post.once()

    assert world.raised(balance) == 0
    assert Alarm.objects.get().next_repeat_at == last + timedelta(hours=24)


def test_a_silent_alarm_and_one_with_a_repeat_due_are_left_alone(make_world: type[World], post: Post) -> None:
    world = make_world(kind="balance_below", threshold=20, period=timedelta(hours=24))
    silent, due = world.clients(2, email="")
    repeat = datetime(2026, 11, 22, 9, tzinfo=UTC)
    world.alarm(silent, silent=True)
    world.alarm(due, next_repeat_at=repeat)
    world.deliveries(world.notices([silent, due], band=None))

    post.once()

    assert list(Alarm.objects.order_by("balance").values_list("next_repeat_at", flat=True)) == [None, repeat]


def test_the_alarms_of_a_rule_that_is_off_do_not_begin_to_repeat(make_world: type[World], post: Post) -> None:
    world = make_world(kind="balance_below", threshold=20, period=timedelta(hours=24))
    balance = world.client()
    world.alarm(balance, last_raised_at=datetime(2026, 11, 20, 9, tzinfo=UTC))
    world.deliveries(world.notices([balance], band=None))
    world.rule.state = RuleState.INACTIVE
    world.rule.save()

    post.once()

    assert (states(), world.raised(balance)) == ({"dropped": 1}, 0)
    assert Alarm.objects.get().next_repeat_at is None


def test_a_notice_is_sent_if_any_of_its_deliveries_was(world: World, post: Post) -> None:
    balance = world.client()
    [notice] = world.notices([balance])
    world.deliveries([notice])
    world.deliveries([notice], recipient="organization")
    post.sink.script = refusing("550 5.1.1 No such user", balance.account.client.email)

    post.once()

    assert states() == {"dead": 1, "sent": 1}
    assert Notice.objects.get().state == "sent"
    assert world.raised(balance) == 1


def test_a_delivery_whose_every_attempt_died_with_its_worker_is_unknown(world: World, post: Post) -> None:
    [delivery] = world.waiting(attempts=len(LATER))

    post.once()

    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("unknown", "worker_died")
    assert post.sink.mails == []


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

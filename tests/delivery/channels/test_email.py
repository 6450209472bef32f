"""E-mail over SMTP: the contract, every answer a server can give, and connections that are kept."""

import asyncio
import base64
import dataclasses
import email
import email.policy
import socket
from collections.abc import Iterator, Sequence

import pytest

from ostatok.delivery.channels.base import Channel, Delivered, Message, Outcome, Permanent, Temporary, Unknown
from ostatok.delivery.channels.email import EmailChannel
from ostatok.delivery.channels.email import url as email_url
from ostatok.delivery.channels.email.session import Step, classify
from ostatok.delivery.reasons import PermanentReason, TemporaryReason, UnknownReason
from tests.delivery.channels.contract import BAD, SECRET, ChannelContract, Outage, Trouble, message
from tests.delivery.processes import until
from tests.sinks.smtp import CLOSE, HANG, RawSmtp, raw_smtp


@pytest.fixture
def raw() -> Iterator[RawSmtp]:
    with raw_smtp() as server:
        yield server


def channel_to(raw: RawSmtp, *, scheme: str = "smtp", sign_in: str = "") -> EmailChannel:
    return EmailChannel(email_url.parse(f"{scheme}://{sign_in}127.0.0.1:{raw.port}?timeout=1"))


def send(raw: RawSmtp, *numbers: int, scheme: str = "smtp", sign_in: str = "") -> Sequence[Outcome]:
    return send_all(raw, *(message(number) for number in numbers), scheme=scheme, sign_in=sign_in)


def send_all(raw: RawSmtp, *messages: Message, scheme: str = "smtp", sign_in: str = "") -> Sequence[Outcome]:
    async def run() -> Sequence[Outcome]:
        channel = channel_to(raw, scheme=scheme, sign_in=sign_in)
        try:
            return [outcome for one in messages for outcome in await channel.send([one])]
        finally:
            await channel.close()

    return asyncio.run(run())


def parsed(content: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


TROUBLE = {
    Trouble.REFUSES_ADDRESS: ("RCPT", "550 5.1.1 No such user"),
    Trouble.REFUSES_MESSAGE: ("END", "554 5.7.1 Looks like spam"),
    Trouble.ASKS_LATER: ("RCPT", "451 4.3.0 Later"),
    Trouble.ANSWERS_NONSENSE: ("RCPT", "banana"),
    Trouble.CLOSES_BEFORE: ("RCPT", CLOSE),
    Trouble.HANGS_BEFORE: ("RCPT", HANG),
    Trouble.CLOSES_AFTER: ("END", CLOSE),
    Trouble.HANGS_AFTER: ("END", HANG),
}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("smtp://ops:secret@Mail.Example", "smtp:mail.example:25"),
        ("smtps://mail.example?timeout=5", "smtp:mail.example:465"),
        ("smtp://[2001:DB8::1]:2525", "smtp:[2001:db8::1]:2525"),
    ],
)
def test_a_server_is_called_by_where_it_is(url: str, name: str) -> None:
    assert EmailChannel(email_url.parse(url)).provider == name


class TestContract(ChannelContract):
    @pytest.fixture(autouse=True)
    def provider(self, raw: RawSmtp) -> None:
        self.raw = raw
        self.port = raw.port

    def channel(self) -> Channel:
        return EmailChannel(email_url.parse(f"smtp://ops:{SECRET}@127.0.0.1:{self.port}?timeout=1"))

    def make_trouble(self, trouble: Trouble) -> None:
        verb, reply = TROUBLE[trouble]
        to_bad = False

        def script(asked: str) -> str | None:
            nonlocal to_bad
            if asked == "RCPT":
                to_bad = BAD in self.raw.heard[-1]
            return reply if asked == verb and to_bad else None

        self.raw.script = script

    def end_trouble(self) -> None:
        self.raw.script = lambda _: None

    def break_down(self, outage: Outage) -> None:
        encoded = base64.b64encode(SECRET.encode()).decode()
        match outage:
            case Outage.IS_DOWN:
                self.port = 1
            case Outage.HANGS:
                self.raw.always("greeting", HANG)
            case Outage.REFUSES_SIGN_IN:
                self.raw.always("AUTH", f"535 5.7.8 ops:{SECRET} ({encoded}) is wrong")

    def received(self) -> Sequence[str]:
        return [str(parsed(content)["message-id"])[1:].partition("@")[0] for content in self.raw.taken]


# -- every answer at every step

LATER = (Temporary, TemporaryReason.TRY_LATER)
CLOSING = (Temporary, TemporaryReason.CONNECTION_CLOSED)
SIGN_IN = (Temporary, TemporaryReason.AUTHENTICATION)
NONSENSE = (Temporary, TemporaryReason.UNEXPECTED_REPLY)
LOST = (Unknown, UnknownReason.NO_REPLY)
REFUSED: dict[Step, tuple[type[Outcome], str]] = {
    Step.SENDER: (Temporary, TemporaryReason.SENDER_REFUSED),
    Step.RECIPIENT: (Permanent, PermanentReason.ADDRESS_REFUSED),
    Step.DATA: (Permanent, PermanentReason.MESSAGE_REFUSED),
    Step.END: (Permanent, PermanentReason.MESSAGE_REFUSED),
}


@pytest.mark.parametrize("step", list(Step))
def test_every_code_has_one_meaning_at_each_step(step: Step) -> None:
    nonsense = LOST if step is Step.END else NONSENSE
    by_class = {4: LATER, 5: REFUSED[step]}
    by_code = {421: CLOSING, 503: nonsense, 530: SIGN_IN, 534: SIGN_IN, 535: SIGN_IN, 538: SIGN_IN}
    for code in range(-1, 1000):
        expected = by_code.get(code) or by_class.get(code // 100, nonsense)
        outcome = classify(step, code, "said")
        assert (type(outcome), outcome.reason, outcome.detail) == (*expected, "said"), code


@pytest.mark.parametrize("step", [Step.SENDER, Step.RECIPIENT, Step.DATA])
@pytest.mark.parametrize("code", [200, 221, 252, 355, 421, 450, 451, 452, 500, 503, 530, 550, 554, 999])
def test_a_refused_step_means_what_its_code_says_and_the_next_mail_is_taken(
    raw: RawSmtp, step: Step, code: int
) -> None:
    raw.replies[step.value] = [f"{code} so it is"]
    first, second = send(raw, 1, 2)
    if code == 421:
        # A new connection is tried at once: a server may end a kept one at any time, but this one was new.
        assert first == Temporary(reason=TemporaryReason.CONNECTION_CLOSED, detail="421 so it is")
    else:
        assert first == classify(step, code, f"{code} so it is")
    assert isinstance(second, Delivered)


def test_the_servers_words_are_kept_on_one_line_and_not_without_end(raw: RawSmtp) -> None:
    raw.replies["RCPT"] = ["550-5.1.1 No such\r\n550 user " + "x" * 400]
    [outcome] = send(raw, 1)
    assert isinstance(outcome, Permanent)
    assert outcome.detail.startswith("550 5.1.1 No such user xxx")
    assert len(outcome.detail) == 200


def test_the_servers_words_can_be_stored_whatever_they_are(raw: RawSmtp) -> None:
    raw.replies["RCPT"] = ["550 Usuário\x00 \x1b[31mdesconhecido"]
    [outcome] = send(raw, 1)
    assert isinstance(outcome, Permanent)
    assert outcome.detail.encode()
    assert outcome.detail.isprintable()


# -- connections


def test_a_connection_is_kept_between_mails(raw: RawSmtp) -> None:
    send(raw, 1, 2, 3)
    assert [line.split()[0] for line in raw.heard].count("EHLO") == 1
    assert raw.heard[-1] == "QUIT"


@pytest.mark.parametrize("goodbye", [CLOSE, "421 4.7.0 Too many messages on this connection"])
def test_a_kept_connection_that_ends_is_replaced_without_a_failed_attempt(raw: RawSmtp, goodbye: str) -> None:
    async def run() -> Outcome:
        channel = channel_to(raw)
        await channel.send([message(1)])
        raw.replies["MAIL"] = [goodbye]
        [outcome] = await channel.send([message(2)])
        await channel.close()
        return outcome

    assert isinstance(asyncio.run(run()), Delivered)
    assert len(raw.taken) == 2


def test_a_mail_whose_answer_was_lost_is_not_sent_again_by_the_channel(raw: RawSmtp) -> None:
    async def run() -> Outcome:
        channel = channel_to(raw)
        await channel.send([message(1)])
        raw.replies["END"] = [CLOSE]
        [outcome] = await channel.send([message(2)])
        await channel.close()
        return outcome

    assert isinstance(asyncio.run(run()), Unknown)
    assert [line.partition(":")[0] for line in raw.heard].count("MAIL FROM") == 2


def test_a_sender_interrupted_in_the_middle_leaves_no_connection_to_others(raw: RawSmtp) -> None:
    async def run() -> Outcome:
        channel = channel_to(raw)
        await channel.send([message(1)])
        raw.replies["RCPT"] = [HANG]
        sending = asyncio.create_task(channel.send([message(2)]))
        await asyncio.to_thread(until, lambda: sum("RCPT" in line for line in raw.heard) == 2)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        [outcome] = await channel.send([message(3)])
        await channel.close()
        return outcome

    assert isinstance(asyncio.run(run()), Delivered)
    assert [b"ostatok.3." in content for content in raw.taken] == [False, True]


# -- who it is from


@pytest.mark.parametrize("own", ["", "ops at energo"])
def test_without_a_usable_address_of_its_own_a_mail_is_the_same_from_every_host(
    raw: RawSmtp, monkeypatch: pytest.MonkeyPatch, own: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "сервер")
    [outcome] = send_all(raw, dataclasses.replace(message(1), sender_address=own))

    assert isinstance(outcome, Delivered)
    assert parsed(raw.taken[0])["from"] == "ООО «Энергосбыт» <ostatok@localhost>"
    assert parsed(raw.taken[0])["message-id"] == "<ostatok.1.5f@delivery.ostatok>"


# -- security


def test_starttls_is_demanded_when_the_address_says_so(raw: RawSmtp) -> None:
    [outcome] = send(raw, 1, scheme="smtp+starttls")
    assert isinstance(outcome, Temporary)
    assert outcome.reason is TemporaryReason.TLS
    assert raw.taken == []


def test_a_server_without_tls_is_no_smtps_server(raw: RawSmtp) -> None:
    [outcome] = send(raw, 1, scheme="smtps")
    assert isinstance(outcome, Temporary)
    assert outcome.reason in {TemporaryReason.TLS, TemporaryReason.TIMED_OUT}
    assert raw.taken == []


def test_a_server_that_cannot_sign_us_in_gets_no_mail(raw: RawSmtp) -> None:
    raw.always("EHLO", "250 raw.test")
    [outcome] = send(raw, 1, sign_in="ops:secret@")
    assert isinstance(outcome, Temporary)
    assert outcome.reason is TemporaryReason.AUTHENTICATION
    assert raw.taken == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:port",
        "smtp://mail.example?timeout=0",
        "smtp://mail.example?timeout=inf",
        "smtp://mail.example?connections=0.5",
        "smtp://mail.example?timeout=soon",
        "smtp://mail.example?colour=red",
    ],
)
def test_an_address_that_cannot_be_understood_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(email_url.BadEmailUrl) as refused:
        email_url.parse(url.replace("mail.example", f"ops:{SECRET}@mail.example"))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "port"), [("smtp://m.test", 25), ("smtp+starttls://m.test", 587), ("smtps://m.test", 465)]
)
def test_each_scheme_has_its_usual_port(url: str, port: int) -> None:
    assert email_url.parse(url).port == port


def test_reserved_characters_in_a_password_are_percent_encoded() -> None:
    server = email_url.parse("smtp://user%40corp:p%40ss%2Fword@mail.test:2525?timeout=7&connections=3")
    assert (server.user, server.password) == ("user@corp", "p@ss/word")
    assert (server.timeout.total_seconds(), server.connections) == (7, 3)
    assert "p@ss" not in repr(server)

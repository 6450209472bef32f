"""What every channel must do, whatever its provider does: inherit `ChannelContract` and describe the provider.

A subclass sets up a provider double that misbehaves on demand, and the channel that talks to it.
"""

import asyncio
import dataclasses
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum

import pytest

from ostatok.delivery import circuit
from ostatok.delivery.channels.base import Channel, Delivered, Message, Outcome, Permanent, Temporary, Unknown
from ostatok.delivery.circuit import Sign

SECRET = "hunter2-hunter2"
GOOD, BAD, HOSTILE = "good@client.test", "bad@client.test", "evil@client.test"


class Trouble(Enum):
    """What a provider may do to the one message to BAD."""

    REFUSES_ADDRESS = "refuses the address"
    REFUSES_MESSAGE = "refuses the message"
    ASKS_LATER = "asks to come back later"
    ANSWERS_NONSENSE = "answers something that makes no sense"
    CLOSES_BEFORE = "closes the connection before it has the message"
    HANGS_BEFORE = "does not answer before it has the message"
    CLOSES_AFTER = "closes the connection once it has the message"
    HANGS_AFTER = "does not answer once it has the message"


class Outage(Enum):
    """What a provider may do to everybody."""

    IS_DOWN = "accepts no connection"
    HANGS = "accepts connections and says nothing"
    REFUSES_SIGN_IN = "refuses our name and password, and repeats them"


EXPECTED = {
    Trouble.REFUSES_ADDRESS: Permanent,
    Trouble.REFUSES_MESSAGE: Permanent,
    Trouble.ASKS_LATER: Temporary,
    Trouble.ANSWERS_NONSENSE: Temporary,
    Trouble.CLOSES_BEFORE: Temporary,
    Trouble.HANGS_BEFORE: Temporary,
    Trouble.CLOSES_AFTER: Unknown,
    Trouble.HANGS_AFTER: Unknown,
}


def message(number: int, address: str = GOOD) -> Message:
    return Message(
        delivery_id=number,
        reference=f"ostatok.{number}.5f",
        address=address,
        sender_name="ООО «Энергосбыт»",
        sender_address="ops@energo.test",
        subject="АД: осталось 15 минут",
        text="Здравствуйте,\n\n.осталось 15 минут.\n",
        html="<p>Осталось <b>15 минут</b></p>",
        language="ru",
        date=datetime(2026, 11, 22, 9, tzinfo=UTC),
    )


class ChannelContract(ABC):
    """The kit. Each test makes its own channel, since a channel lives in one event loop."""

    @abstractmethod
    def channel(self) -> Channel:
        """A channel to the double, with SECRET in its settings and short timeouts."""

    @abstractmethod
    def make_trouble(self, trouble: Trouble) -> None:
        """Have the double do so to messages to BAD."""

    @abstractmethod
    def end_trouble(self) -> None:
        """Have the double take everything again."""

    @abstractmethod
    def break_down(self, outage: Outage) -> None:
        """Have the double do so from now on."""

    @abstractmethod
    def received(self) -> Sequence[str]:
        """The references of the messages the double took, in their order."""

    def send(self, *messages: Message) -> Sequence[Outcome]:
        async def run() -> Sequence[Outcome]:
            channel = self.channel()
            try:
                return await channel.send(messages)
            finally:
                await channel.close()

        return asyncio.run(run())

    def test_messages_are_taken_in_their_order_each_under_its_own_reference(self) -> None:
        outcomes = self.send(message(1), message(2), message(3))
        assert all(isinstance(outcome, Delivered) for outcome in outcomes)
        assert list(self.received()) == [f"ostatok.{n}.5f" for n in (1, 2, 3)]

    def test_nothing_to_send_is_no_error(self) -> None:
        assert list(self.send()) == []

    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_one_bad_message_among_good_ones_has_its_own_outcome(self, trouble: Trouble) -> None:
        self.make_trouble(trouble)
        before, bad, after, last = self.send(message(1), message(2, BAD), message(3), message(4))
        assert isinstance(bad, EXPECTED[trouble])
        assert [type(outcome) for outcome in (before, after, last)] == [Delivered] * 3

    @pytest.mark.parametrize("trouble", list(Trouble))
    def test_what_was_not_delivered_can_be_sent_again_under_the_same_reference(self, trouble: Trouble) -> None:
        self.make_trouble(trouble)
        self.send(message(2, BAD))
        self.end_trouble()
        [again] = self.send(message(2, BAD))
        assert isinstance(again, Delivered)
        assert "ostatok.2.5f" in self.received()

    @pytest.mark.parametrize("outage", list(Outage))
    def test_an_outage_is_temporary_and_speaks_against_the_provider(self, outage: Outage) -> None:
        self.break_down(outage)
        for outcome in self.send(message(1), message(2)):
            assert isinstance(outcome, Temporary)
            assert circuit.sign(outcome) is Sign.FAILING

    @pytest.mark.parametrize("outage", list(Outage))
    def test_no_outcome_repeats_a_secret(self, outage: Outage) -> None:
        self.break_down(outage)
        for outcome in self.send(message(1)):
            assert SECRET not in repr(outcome)

    def test_the_provider_has_a_name_that_stays_and_holds_no_secret(self) -> None:
        name = self.channel().provider
        assert name == self.channel().provider == name.lower()
        assert re.fullmatch(r"[a-z]+:\S{1,240}", name)
        assert SECRET not in name

    def test_texts_that_try_to_break_out_do_no_harm(self) -> None:
        evil = "x\r\nBcc: a@b.test\r\n\r\n.\r\nQUIT\r\n\x00<b>\u2028"
        hostile = dataclasses.replace(message(1, HOSTILE), sender_name=evil, subject=evil, text=evil, html=evil)
        outcomes = self.send(hostile, message(2))
        assert [type(outcome) for outcome in outcomes] == [Delivered, Delivered]
        assert list(self.received()) == ["ostatok.1.5f", "ostatok.2.5f"]

    def test_an_address_that_cannot_be_one_is_refused_without_asking_the_provider(self) -> None:
        outcomes = self.send(message(1, "no address\r\nRCPT TO:<a@b.test>"), message(2))
        assert [type(outcome) for outcome in outcomes] == [Permanent, Delivered]
        assert not self.channel().accepts("no address\r\nRCPT TO:<a@b.test>")

    def test_many_can_be_sent_at_once(self) -> None:
        async def run() -> list[Sequence[Outcome]]:
            channel = self.channel()
            try:
                return await asyncio.gather(*(channel.send([message(n)]) for n in range(50)))
            finally:
                await channel.close()

        outcomes = asyncio.run(run())
        assert all(isinstance(outcome, Delivered) for [outcome] in outcomes)
        assert sorted(self.received()) == sorted(f"ostatok.{n}.5f" for n in range(50))

"""What a channel is: `send(messages) -> outcomes`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ostatok.delivery.reasons import PermanentReason, TemporaryReason, UnknownReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One notice worded for one recipient.

    `reference` identifies the delivery wherever the channel has room for an id; it is the same over all attempts.
    `sender_address` may be empty, `html` too. Texts may hold anything a person can type into a name.
    """

    delivery_id: int
    reference: str
    address: str
    sender_name: str
    sender_address: str
    subject: str
    text: str
    html: str
    language: str
    date: datetime
    unsubscribe_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """The provider took it over; `headers` is what the message was marked with on the way."""

    provider_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Temporary:
    """It was not sent; another attempt may succeed. `detail` is the provider's answer without anything secret."""

    reason: TemporaryReason
    detail: str = ""
    retry_after: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Permanent:
    """It was not sent, and never will be."""

    reason: PermanentReason
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """It may have been sent, or not: the answer was not seen."""

    reason: UnknownReason
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Outcome = Delivered | Temporary | Permanent | Unknown


class Channel(Protocol):
    """A way to reach somebody, over one provider.

    `send` answers with one outcome for each message, in their order, whatever happens: it raises nothing but
    CancelledError. It may be called `concurrency` times at once.
    """

    @property
    def provider(self) -> str:
        """The provider's name, the same in every process and over restarts, and without a secret: `smtp:host:25`.

        Its circuit is known by it, and what went over it is found by it.
        """

    @property
    def concurrency(self) -> int:
        """How many calls of `send` may run at once."""

    def accepts(self, address: str) -> bool:
        """Whether this could be an address of the channel."""

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand the messages over."""

    async def close(self) -> None:
        """End what is kept open."""

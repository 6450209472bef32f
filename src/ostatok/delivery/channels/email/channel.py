"""The e-mail channel: messages in, outcomes out."""

import dataclasses
from collections.abc import Mapping, Sequence

from ostatok.delivery.channels.base import Delivered, Message, Outcome, Permanent, Unknown
from ostatok.delivery.channels.email import addresses, mime
from ostatok.delivery.channels.email.pool import Pool
from ostatok.delivery.channels.email.session import Envelope
from ostatok.delivery.channels.email.url import Server
from ostatok.delivery.reasons import PermanentReason

# A Message-ID is the delivery's alone: neither the sender, which may be edited between two attempts, nor the host has a
# part in it. So its right-hand side (RFC 5322, 3.6.4) is a word of our own and no domain of anybody's.
MESSAGE_ID_DOMAIN = "delivery.ostatok"
# Where no organization up the tree has an e-mail.
NOBODY = "ostatok@localhost"


class EmailChannel:
    """E-mail through one SMTP server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool = Pool(server)

    @property
    def provider(self) -> str:
        """The server's address, without who signs in: `smtp:mail.example:25`."""
        host = f"[{self._server.host}]" if ":" in self._server.host else self._server.host
        return f"smtp:{host.lower()}:{self._server.port}"

    @property
    def concurrency(self) -> int:
        """One message a connection at a time."""
        return self._server.connections

    def accepts(self, address: str) -> bool:
        """Whether SMTP can carry the address."""
        return addresses.ascii_form(address) != ""

    async def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Hand the messages over one after another."""
        return [await self._send(message) for message in messages]

    async def _send(self, message: Message) -> Outcome:
        headers = _headers(message)
        try:
            envelope = _envelope(message, headers)
        except mime.Unsendable as error:
            return Permanent(reason=PermanentReason.UNSENDABLE, detail=str(error))
        outcome = await self._pool.deliver(envelope)
        if isinstance(outcome, Delivered | Unknown):
            return dataclasses.replace(outcome, headers=headers)
        return outcome

    async def close(self) -> None:
        """End the kept connections."""
        await self._pool.close()


def _headers(message: Message) -> Mapping[str, str]:
    """What is told of the message beside its text, as a person reads it."""
    sender = _sender(message)
    return {
        "From": f"{message.sender_name} <{sender}>" if message.sender_name else sender,
        "To": message.address,
        "Message-ID": f"<{message.reference}@{MESSAGE_ID_DOMAIN}>",
        "Date": message.date.isoformat(),
    }


def _sender(message: Message) -> str:
    return addresses.ascii_form(message.sender_address) or NOBODY


def _envelope(message: Message, headers: Mapping[str, str]) -> Envelope:
    sender, recipient = _sender(message), addresses.ascii_form(message.address)
    more = {"Content-Language": message.language}
    if message.unsubscribe_url:
        more["List-Unsubscribe"] = f"<{mime.bare(message.unsubscribe_url)}>"
        more["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    data = mime.build(
        sender=mime.mailbox(message.sender_name, sender),
        recipient=recipient,
        subject=message.subject,
        date=message.date,
        message_id=headers["Message-ID"],
        text=message.text,
        html=message.html,
        more=more,
    )
    return Envelope(sender=sender, recipient=recipient, data=data)

"""One connection to an SMTP server: opened, used for message after message, and what its answers mean.

The commands are sent one by one and not through `aiosmtplib.SMTP.sendmail`, because it matters at which step something
failed: a connection lost before the end of the data was handed over sent nothing, one lost after it may have.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

import aiosmtplib

from ostatok.delivery.channels.base import Delivered, Outcome, Permanent, Temporary, Unknown
from ostatok.delivery.channels.email import mime
from ostatok.delivery.channels.email.url import Security, Server
from ostatok.delivery.reasons import PermanentReason, TemporaryReason, UnknownReason
from ostatok.kernel import text

_SHUTTING_DOWN: Final = 421
_BAD_SEQUENCE: Final = 503
_SIGN_IN_FIRST: Final = {530, 534, 535, 538}
_LONGEST_DETAIL: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """A message as SMTP sees it. Both addresses are ASCII; `data` has CRLF line ends and is not dot-stuffed yet."""

    sender: str
    recipient: str
    data: bytes


class Step(Enum):
    """The steps of handing over one message."""

    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    DATA = "DATA"
    END = "the end of the data"


_ACCEPTED: Final = {Step.SENDER: {250}, Step.RECIPIENT: {250, 251}, Step.DATA: {354}, Step.END: {250}}


class Failed(Exception):
    """The connection could not be opened or used; the outcome says why."""

    def __init__(self, outcome: Temporary) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Session:
    """A connection. After anything but a clean answer `is_open` is false."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._timeout = server.timeout.total_seconds()
        self._smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=False,
            validate_certs=server.security is not Security.IF_OFFERED,
            local_hostname=_own_name(),
            timeout=self._timeout,
        )
        self.delivered = 0

    @property
    def is_open(self) -> bool:
        """Whether another message may be sent."""
        return self._smtp.is_connected

    async def open(self) -> None:
        """Connect, secure the connection, sign in. Raises Failed."""
        with self._failing_as(TemporaryReason.UNREACHABLE):
            await self._smtp.connect()
            await self._smtp.ehlo()
        with self._failing_as(TemporaryReason.TLS):
            await self._secure()
        if self._server.user:
            with self._failing_as(TemporaryReason.AUTHENTICATION):
                await self._smtp.login(self._server.user, self._server.password)

    async def _secure(self) -> None:
        offered = self._server.security is Security.IF_OFFERED and self._smtp.supports_extension("starttls")
        if offered or self._server.security is Security.STARTTLS:
            await self._smtp.starttls()
            await self._smtp.ehlo()

    async def deliver(self, envelope: Envelope) -> Outcome:
        """Hand over one message."""
        try:
            return await self._deliver(envelope)
        except Failed as failed:
            return failed.outcome

    async def _deliver(self, envelope: Envelope) -> Outcome:
        commands = (
            (Step.SENDER, b"MAIL FROM:<" + envelope.sender.encode("ascii") + b">"),
            (Step.RECIPIENT, b"RCPT TO:<" + envelope.recipient.encode("ascii") + b">"),
            (Step.DATA, b"DATA"),
        )
        for step, command in commands:
            with self._failing_as(TemporaryReason.UNEXPECTED_REPLY):
                answer = await self._smtp.execute_command(command)
            if answer.code not in _ACCEPTED[step]:
                return await self._refused(step, answer)
        return await self._transmit(mime.dot_stuffed(envelope.data))

    async def _transmit(self, data: bytes) -> Outcome:
        protocol = self._smtp.protocol
        if protocol is None:
            return Temporary(reason=TemporaryReason.CONNECTION_CLOSED)
        with self._failing_as(TemporaryReason.CONNECTION_CLOSED):
            protocol.write(data)
        try:
            answer = await protocol.read_response(timeout=self._timeout)
        except aiosmtplib.SMTPException as error:
            # From here on the server may have taken the message, whatever became of its answer.
            self.abort()
            return Unknown(reason=UnknownReason.NO_REPLY, detail=self._describe(error))
        if answer.code in _ACCEPTED[Step.END]:
            self.delivered += 1
            return Delivered(provider_id=self._one_line(answer.message))
        return await self._refused(Step.END, answer)

    async def _refused(self, step: Step, answer: aiosmtplib.SMTPResponse) -> Outcome:
        outcome = classify(step, answer.code, self._one_line(f"{answer.code} {answer.message}"))
        if not isinstance(outcome, Unknown) and outcome.reason in _KEEPS_CONNECTION:
            await self._reset()
        else:
            self.abort()
        return outcome

    async def _reset(self) -> None:
        try:
            await self._smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            self.abort()

    async def quit(self) -> None:
        """Take leave and disconnect."""
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._smtp.quit(timeout=1)
        self.abort()

    def abort(self) -> None:
        """Disconnect at once."""
        self._smtp.close()

    @contextmanager
    def _failing_as(self, reason: TemporaryReason) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            self._fail(TemporaryReason.TIMED_OUT)
        except aiosmtplib.SMTPServerDisconnected:
            self._fail(TemporaryReason.CONNECTION_CLOSED)
        except ssl.SSLError as error:
            self._fail(TemporaryReason.TLS, error)
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
            secured = isinstance(error.__cause__, ssl.SSLError)
            self._fail(TemporaryReason.TLS if secured else reason, error)

    def _fail(self, reason: TemporaryReason, error: Exception | None = None) -> None:
        self.abort()
        raise Failed(Temporary(reason=reason, detail=self._describe(error) if error else "")) from None

    def _describe(self, error: Exception) -> str:
        if isinstance(error, aiosmtplib.SMTPResponseException):
            return self._one_line(f"{error.code} {error.message}" if error.code > 0 else str(error.message))
        return self._one_line(str(error))

    def _one_line(self, said: str) -> str:
        """What the server said, fit to be stored: servers say anything, in any encoding."""
        readable = self._server.redact(said).encode("utf-8", "replace").decode()
        return text.one_line(readable)[:_LONGEST_DETAIL]


_KEEPS_CONNECTION: Final = {
    TemporaryReason.TRY_LATER,
    TemporaryReason.SENDER_REFUSED,
    PermanentReason.ADDRESS_REFUSED,
    PermanentReason.MESSAGE_REFUSED,
}


def classify(step: Step, code: int, detail: str) -> Temporary | Permanent | Unknown:
    """What an answer that is not the wanted one means (RFC 5321, 4.2 and 4.3.2)."""
    if code == _SHUTTING_DOWN:
        return Temporary(reason=TemporaryReason.CONNECTION_CLOSED, detail=detail)
    if code in _SIGN_IN_FIRST:
        return Temporary(reason=TemporaryReason.AUTHENTICATION, detail=detail)
    if 400 <= code < 500:
        return Temporary(reason=TemporaryReason.TRY_LATER, detail=detail)
    if 500 <= code < 600 and code != _BAD_SEQUENCE:
        return _refusal(step, detail)
    if step is Step.END:
        return Unknown(reason=UnknownReason.NO_REPLY, detail=detail)
    return Temporary(reason=TemporaryReason.UNEXPECTED_REPLY, detail=detail)


def _refusal(step: Step, detail: str) -> Temporary | Permanent:
    match step:
        case Step.SENDER:
            # Wrong settings, not a wrong message: they can be mended before the last attempt.
            return Temporary(reason=TemporaryReason.SENDER_REFUSED, detail=detail)
        case Step.RECIPIENT:
            return Permanent(reason=PermanentReason.ADDRESS_REFUSED, detail=detail)
        case _:
            return Permanent(reason=PermanentReason.MESSAGE_REFUSED, detail=detail)


@cache
def _own_name() -> str:
    """The name to greet with. Not `getfqdn`, which asks name servers and may take half a minute."""
    name = socket.gethostname()
    return name if name.isascii() and not any(character.isspace() for character in name) and name else "localhost"

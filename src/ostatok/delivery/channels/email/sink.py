"""An SMTP server on this machine that keeps every mail as a file, for the demo and for tests.

It can be told to misbehave as real servers do: a script looks at each step of each mail and says what to do instead.
Run `python -m ostatok.delivery.channels.email.sink DIRECTORY` to have one of its own.
"""

import asyncio
import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiosmtpd import smtp

HOST = "127.0.0.1"
# It tells all it hears, addresses included, and a log must not hold them.
logging.getLogger("mail.log").setLevel(logging.WARNING)
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)


class Step(StrEnum):
    """When a script is asked: at the recipient, before the message is taken, and after it was kept."""

    RECIPIENT = "recipient"
    MESSAGE = "message"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer with this line instead, such as `451 4.3.0 Try again later`."""

    line: str


@dataclass(frozen=True, slots=True)
class Hang:
    """Do not answer."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection without an answer."""


Reaction = Reply | Hang | Close | None
Script = Callable[[Step, str], Reaction]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A mail that was taken."""

    recipient: str
    message_id: str
    path: Path

    @property
    def content(self) -> bytes:
        """The mail as it came, with CRLF line ends."""
        return self.path.read_bytes()


def behaves(_step: Step, _recipient: str) -> Reaction:
    """The script of a server that takes everything."""
    return None


class Sink:
    """The server, in a thread of its own. `script` may be changed at any time; `mails` is what was taken so far."""

    def __init__(self, directory: Path, *, port: int = 0, script: Script = behaves) -> None:
        self.port = port
        self.script = script
        self.mails: list[Mail] = []
        self.connections = 0
        self._directory = directory
        self._number = len(list(directory.glob("*.eml")))
        self._arrived = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp sink", daemon=True)
        self._server: asyncio.Server | None = None
        self._open: set[smtp.SMTP] = set()
        self._thread.start()

    def up(self) -> None:
        """Listen; the port stays the same once chosen."""
        asyncio.run_coroutine_threadsafe(self._up(), self._loop).result()

    def down(self) -> None:
        """Listen no more, and end all connections."""
        asyncio.run_coroutine_threadsafe(self._down(), self._loop).result()

    def close(self) -> None:
        """Go down for good."""
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait_for(self, count: int, *, seconds: float = 30) -> list[Mail]:
        """The mails, once there are that many; TimeoutError if there are not in time."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.mails) >= count, timeout=seconds):
                raise TimeoutError(f"{len(self.mails)} mails of {count} came within {seconds} s")
            return list(self.mails)

    async def _up(self) -> None:
        self._server = await self._loop.create_server(self._connected, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _connected(self) -> smtp.SMTP:
        self.connections += 1
        connection = smtp.SMTP(_Handler(self), hostname="sink.test", ident="sink", loop=self._loop)
        self._open.add(connection)
        return connection

    async def _down(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for connection in self._open:
            _abort(connection)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._open.clear()

    def keep(self, recipient: str, content: bytes) -> None:
        """Write the mail to a file that appears whole."""
        self._number += 1
        path = self._directory / f"{self._number:06d}.eml"
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(content)
        unfinished.rename(path)
        found = _MESSAGE_ID.search(content)
        mail = Mail(recipient=recipient, message_id=found[1].decode() if found else "", path=path)
        with self._arrived:
            self.mails.append(mail)
            self._arrived.notify_all()


class _Handler:
    """What aiosmtpd asks at each step."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name and signature)
        self, server: smtp.SMTP, _session: Any, envelope: smtp.Envelope, address: str, _options: Any
    ) -> str:
        answer = await self._react(server, Step.RECIPIENT, address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: smtp.SMTP, _session: Any, envelope: smtp.Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        answer = await self._react(server, Step.MESSAGE, recipient)
        if not answer.startswith("250"):
            return answer
        self._sink.keep(recipient, bytes(envelope.original_content or b""))
        return await self._react(server, Step.ANSWER, recipient)

    async def _react(self, server: smtp.SMTP, step: Step, recipient: str) -> str:
        match self._sink.script(step, recipient):
            case Reply(line):
                return line
            case Hang():
                await asyncio.Event().wait()
            case Close():
                _abort(server)
                await asyncio.Event().wait()
        return "250 2.0.0 OK"


def _abort(connection: smtp.SMTP) -> None:
    if isinstance(connection.transport, asyncio.WriteTransport):
        connection.transport.abort()


def main() -> None:
    """Serve until interrupted; print the port first."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    sink = Sink(directory, port=int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    sink.up()
    print(sink.port, flush=True)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()

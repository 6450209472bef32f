"""An SMTP server that answers exactly what it is told, line by line: also what no decent server would."""

import socket
import socketserver
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

HANG = "hang"
CLOSE = "close"
DEFAULTS = {
    "greeting": "220 raw.test ESMTP",
    "EHLO": "250-raw.test\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 2.7.0 Welcome",
    "MAIL": "250 2.1.0 OK",
    "RCPT": "250 2.1.5 OK",
    "DATA": "354 Go ahead",
    "END": "250 2.0.0 Taken",
    "RSET": "250 2.0.0 OK",
    "QUIT": "221 2.0.0 Bye",
}


class RawSmtp:
    """`replies` holds, by verb, what to answer next instead of the default; `script` is asked before that.

    HANG and CLOSE are answers too.
    """

    def __init__(self) -> None:
        self.script: Callable[[str], str | None] = lambda _: None
        self.replies: defaultdict[str, list[str]] = defaultdict(list)
        self.taken: list[bytes] = []
        self.heard: list[str] = []
        self.stopped = threading.Event()
        self.port = 0

    def always(self, verb: str, reply: str) -> None:
        """Answer so from now on."""
        self.replies[verb] = [reply] * 1000

    def reply(self, verb: str) -> str:
        """The next answer to a verb."""
        scripted = self.script(verb)
        if scripted:
            return scripted
        queue = self.replies[verb]
        return queue.pop(0) if queue else DEFAULTS.get(verb, "500 5.5.2 What?")


class _Conversation(socketserver.StreamRequestHandler):
    raw: RawSmtp

    def handle(self) -> None:
        try:
            if self._answer("greeting"):
                while line := self.rfile.readline():
                    told = line.decode("ascii", "replace").strip()
                    verb = told.partition(" ")[0].upper()
                    self.raw.heard.append(told)
                    if not self._answer(verb) or verb == "QUIT":
                        return
        except OSError:
            return

    def _answer(self, verb: str) -> bool:
        reply = self.raw.reply(verb)
        if reply == HANG:
            self.raw.stopped.wait()
        if reply in {HANG, CLOSE}:
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        self.wfile.write(reply.encode("latin-1") + b"\r\n")
        return self._take() if verb == "DATA" and reply.startswith("354") else True

    def _take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.raw.taken.append(b"".join(lines))
        return self._answer("END")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 100


@contextmanager
def raw_smtp() -> Iterator[RawSmtp]:
    """Such a server, on a port of its own."""
    raw = RawSmtp()
    handler = type("Conversation", (_Conversation,), {"raw": raw})
    with _Server(("127.0.0.1", 0), handler) as server:
        raw.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield raw
        raw.stopped.set()
        server.shutdown()
        thread.join()

"""A message as the bytes that go over SMTP, made without the cost of `email.message` (some 0.05 ms against 1–9 ms).

The format is RFC 5322 with MIME (RFC 2045, 2046, 2047): what may be anything — names, subjects, bodies — is encoded, so
that no value can end its header or its part; what is written bare — addresses, references — is checked first.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime

# RFC 2045, 6.7: "=_" stands in no quoted-printable line, and in no base64 line either.
BOUNDARY = "=_ostatok_part"

_BARE = re.compile(r"[\x21-\x7e]+")
_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
_LINE = re.compile(r"[\x20-\x7e]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST_LINE = 998
_ENCODED_WORD_BYTES = 39  # 52 characters and 12 that mark the word, so that a header's name fits before it
_SHORT = 60

_SKELETON = """\
From: {sender}\r
To: {recipient}\r
Subject: {subject}\r
Date: {date}\r
Message-ID: {message_id}\r
Auto-Submitted: auto-generated\r
{more}\
MIME-Version: 1.0\r
"""
_PART = "Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
_ALTERNATIVE = f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n'


class Unsendable(ValueError):
    """A part of the message cannot be written into a header."""


def build(
    *,
    sender: str,
    recipient: str,
    subject: str,
    date: datetime,
    message_id: str,
    text: str,
    html: str = "",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """Return the message with CRLF line ends. `sender` is made by `mailbox`; `more` are headers of ASCII values.

    Raises Unsendable where a value to be written bare holds anything but printable ASCII.
    """
    head = _SKELETON.format(
        sender=sender,
        recipient=bare(recipient),
        subject=unstructured(subject, len("Subject: ")),
        date=format_datetime(date),
        message_id=bare(message_id),
        more="".join(f"{name}: {_ascii(value)}\r\n" for name, value in (more or {}).items()),
    )
    return (head + _body(text, html)).encode("ascii")


def _body(text: str, html: str) -> str:
    if not html:
        return _part("plain", text)
    parts = f"--{BOUNDARY}\r\n{_part('plain', text)}--{BOUNDARY}\r\n{_part('html', html)}--{BOUNDARY}--\r\n"
    return _ALTERNATIVE + parts


def _part(subtype: str, content: str) -> str:
    raw = content.encode("utf-8", "replace")
    # Text of pure ASCII in base64 looks like something to hide; other text would be longer and slower in anything else.
    if not raw.isascii():
        return _PART.format(subtype=subtype, encoding="base64", body=_base64(raw))
    return _PART.format(subtype=subtype, encoding="quoted-printable", body=_quoted_printable(raw))


def _base64(raw: bytes) -> str:
    encoded = binascii.b2a_base64(raw, newline=False).decode("ascii")
    return "".join(encoded[start : start + 76] + "\r\n" for start in range(0, len(encoded), 76))


def _quoted_printable(raw: bytes) -> str:
    unix = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return binascii.b2a_qp(unix, istext=True).replace(b"\n", b"\r\n").decode("ascii")


def mailbox(name: str, address: str) -> str:
    """`name <address>` for a header of addresses. Raises Unsendable."""
    shown = _clean(name)
    if not shown:
        return bare(address)
    if _LINE.fullmatch(shown) and len(shown) <= _SHORT and "=?" not in shown:
        escaped = shown if _PHRASE.fullmatch(shown) else '"{}"'.format(shown.replace("\\", "\\\\").replace('"', '\\"'))
        return f"{escaped} <{bare(address)}>"
    return f"{_encoded_words(shown)}\r\n <{bare(address)}>"


def unstructured(value: str, used: int) -> str:
    """Any text as a header's value after a name of `used` characters; line breaks and other controls become spaces."""
    shown = _clean(value)
    if _LINE.fullmatch(shown) and len(shown) + used <= 76 and "=?" not in shown:
        return shown
    return _encoded_words(shown)


def _clean(value: str) -> str:
    return _CONTROL.sub(" ", value).strip()


def _encoded_words(value: str) -> str:
    """RFC 2047: words of at most 75 characters, cut between characters, one a line."""
    words = (binascii.b2a_base64(piece, newline=False).decode("ascii") for piece in _pieces(value))
    return "\r\n ".join(f"=?utf-8?B?{word}?=" for word in words)


def _pieces(value: str) -> Iterator[bytes]:
    piece = b""
    for character in value:
        encoded = character.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _ENCODED_WORD_BYTES:
            yield piece
            piece = b""
        piece += encoded
    yield piece


def bare(value: str) -> str:
    """The value, if it is printable ASCII without spaces. Raises Unsendable, which does not repeat it."""
    if not _BARE.fullmatch(value) or len(value) > _LONGEST_LINE - 100:
        raise Unsendable("a value to be written bare into a header is not printable ASCII")
    return value


def _ascii(value: str) -> str:
    if not _LINE.fullmatch(value) or len(value) > _LONGEST_LINE - 100:
        raise Unsendable("a header's value is not one line of printable ASCII")
    return value


def dot_stuffed(message: bytes) -> bytes:
    """The message as DATA wants it: leading dots doubled, a dot on a line of its own at the end (RFC 5321, 4.5.2)."""
    return message.replace(b"\r\n.", b"\r\n..") + b".\r\n"

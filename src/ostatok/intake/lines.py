"""The physical lines of a file: numbered, decoded strictly, none longer than memory allows."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from ostatok.kernel.errors import OstatokError

LONGEST: Final = 64 * 1024
#: So many bytes of a line that cannot be read are shown to its writer.
SHOWN: Final = 2_000
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What a line is cut at and a row is split at must be the same single bytes as in ASCII.
_SPLITTING: Final = '\r\n,;"'


class EncodingError(OstatokError):
    """The file cannot be read in this encoding at all."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end. One that cannot be read has a `complaint` for its writer, and what of it can be shown."""

    number: int
    text: str
    complaint: str = ""


class Source(Protocol):
    """A binary file, as far as reading lines takes one."""

    def readline(self, size: int, /) -> bytes:
        """The next line with its end, or so many bytes of it; nothing at the end of the file."""


class Lines(Iterator[Line]):
    """Lines of a binary stream; `bytes_read` grows as they are taken."""

    def __init__(self, stream: Source, encoding: str) -> None:
        self.bytes_read = 0
        self._stream = stream
        self._encoding = _checked(encoding)
        self._number = 0

    def __next__(self) -> Line:
        raw = self._take()
        if not raw:
            raise StopIteration
        self._number += 1
        if self._number == 1:
            raw = _without_mark(raw)
        if len(raw) > LONGEST and not raw.endswith(b"\n"):
            return self._complain(raw, f"the line is {len(raw) + self._skip():,} bytes long, more than {LONGEST:,}")
        return self._decoded(raw)

    def _take(self) -> bytes:
        raw = self._stream.readline(LONGEST + 1)
        self.bytes_read += len(raw)
        return raw

    def _skip(self) -> int:
        """Pass over the rest of a line piece by piece; returns its length."""
        skipped = 0
        while raw := self._take():
            skipped += len(raw.rstrip(b"\r\n"))
            if raw.endswith(b"\n"):
                break
        return skipped

    def _decoded(self, raw: bytes) -> Line:
        try:
            text = raw.decode(self._encoding)
        except UnicodeDecodeError as error:
            place = f"byte 0x{raw[error.start]:02X} at position {error.start + 1}"
            return self._complain(raw, f"this is not {self._encoding.upper()}, see {place}; {_advice(self._encoding)}")
        if "\0" in text:
            return self._complain(raw, "there is a NUL byte in the line")
        return Line(self._number, text.rstrip("\r\n"))

    def _complain(self, raw: bytes, complaint: str) -> Line:
        shown = raw[:SHOWN].decode(self._encoding, "backslashreplace").rstrip("\r\n").replace("\0", "\\x00")
        return Line(self._number, shown, complaint)


def _checked(encoding: str) -> str:
    """The encoding, by the name that Python knows it by; a byte order mark is taken off in any case."""
    try:
        name = codecs.lookup(encoding).name.removesuffix("-sig")
        fits = _SPLITTING.encode(name) == _SPLITTING.encode("ascii")
    except (LookupError, UnicodeError):
        raise EncodingError(f"{encoding!r} is not an encoding known here: try utf-8, cp1251 or cp1250") from None
    if not fits:
        raise EncodingError(f"files in {encoding} are not read: save the file as UTF-8")
    return name


def _without_mark(raw: bytes) -> bytes:
    if raw.startswith(_UTF_16):
        raise EncodingError("the file is UTF-16: save it as UTF-8")
    return raw.removeprefix(codecs.BOM_UTF8)


def _advice(encoding: str) -> str:
    other = "cp1251" if encoding == "utf-8" else "utf-8"
    return f"if the file is in another encoding, name it: --encoding {other}"

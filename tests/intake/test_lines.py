import io

import pytest

from ostatok.intake.lines import LONGEST, EncodingError, Line, Lines


def read(content: bytes, encoding: str = "utf-8") -> list[Line]:
    return list(Lines(io.BytesIO(content), encoding))


def test_lines_are_numbered_from_one_and_lose_their_ends() -> None:
    assert read(b"a\r\nb\n\nc") == [Line(1, "a"), Line(2, "b"), Line(3, ""), Line(4, "c")]


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-8-sig"])
def test_a_byte_order_mark_is_no_part_of_the_first_line(encoding: str) -> None:
    assert read(b"\xef\xbb\xbfaccount\n", encoding) == [Line(1, "account")]


def test_a_line_in_another_encoding_is_named_and_the_others_are_read() -> None:
    first, second, third = read(b"a\n" + "счёт\n".encode("cp1251") + "счёт\n".encode())

    assert (first.text, third.text) == ("a", "счёт")
    assert second.number == 2
    assert "not UTF-8" in second.complaint
    assert "--encoding cp1251" in second.complaint


def test_cp1251_is_read_where_it_is_named() -> None:
    assert read("счёт №1\n".encode("cp1251"), "cp1251") == [Line(1, "счёт №1")]


@pytest.mark.parametrize("encoding", ["utf-16", "no-such-encoding", "rot13"])
def test_an_encoding_that_cannot_be_read_line_by_line_is_refused(encoding: str) -> None:
    with pytest.raises(EncodingError):
        Lines(io.BytesIO(b""), encoding)


def test_a_utf_16_file_is_recognized_by_its_mark() -> None:
    with pytest.raises(EncodingError, match="UTF-16"):
        read("account".encode("utf-16"))


def test_a_nul_byte_is_reported_with_its_line() -> None:
    assert [line.complaint for line in read(b"a\nb\0c\nd")] == ["", "there is a NUL byte in the line", ""]


def test_the_longest_line_is_read_and_one_byte_more_is_not() -> None:
    fits, too_long, after = read(b"x" * LONGEST + b"\n" + b"y" * (LONGEST + 1) + b"\nz")

    assert fits.text == "x" * LONGEST
    assert too_long.complaint == "the line is 65,537 bytes long, more than 65,536"
    assert after == Line(3, "z")


class Endless(io.RawIOBase):
    """A stream of `size` bytes without a line break that notes the most it was asked for at once."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.most = 0

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0
        self.most = max(self.most, size)
        taken = min(size, self.left)
        self.left -= taken
        return b"x" * taken


def test_a_line_of_ten_megabytes_is_passed_over_piece_by_piece() -> None:
    stream = Endless(10_000_000)

    [line] = Lines(stream, "utf-8")

    assert line.complaint == "the line is 10,000,000 bytes long, more than 65,536"
    assert stream.most == LONGEST + 1


def test_bytes_are_counted_as_lines_are_taken() -> None:
    lines = Lines(io.BytesIO(b"ab\ncd\n"), "utf-8")

    next(lines)

    assert lines.bytes_read == 3

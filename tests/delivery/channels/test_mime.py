"""Messages as bytes: whatever goes in, a standard parser reads it back, and nothing breaks out of its place."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostatok.delivery.channels.email import addresses, mime

NOW = datetime(2026, 11, 22, 9, 0, 5, tzinfo=UTC)
ANYTHING = st.text(st.characters(codec="utf-8"), max_size=300)
HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]


def built(*, subject: str = "S", name: str = "N", text: str = "T", html: str = "<p>H</p>") -> bytes:
    return mime.build(
        sender=mime.mailbox(name, "ops@energo.test"),
        recipient="c1@client.test",
        subject=subject,
        date=NOW,
        message_id="<ostatok.1.5f@energo.test>",
        text=text,
        html=html,
    )


def read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


def shown(value: str) -> str:
    """What a header shows of any text: its controls as spaces."""
    return " ".join("".join(" " if mime._CONTROL.match(one) else one for one in value).split())


def lines(value: str) -> list[str]:
    return value.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


@given(subject=ANYTHING, name=ANYTHING)
def test_any_subject_and_name_come_back_and_add_no_header(subject: str, name: str) -> None:
    message = read(built(subject=subject, name=name))
    assert list(message.keys()) == HEADERS
    assert " ".join(str(message["subject"]).split()) == shown(subject)
    [sender] = message["from"].addresses
    assert sender.addr_spec == "ops@energo.test"
    # Python's parser leaves the space between two encoded words of a name, against RFC 2047, 6.2.
    assert "".join(sender.display_name.split()) == "".join(shown(name).split())


@given(text=ANYTHING, html=ANYTHING.filter(bool))
def test_any_text_and_html_come_back_in_their_parts(text: str, html: str) -> None:
    message = read(built(text=text, html=html))
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    for part, written in zip(parts, (text, html), strict=True):
        decoded = part.get_payload(decode=True)
        assert isinstance(decoded, bytes)
        assert lines(decoded.decode()) == lines(written)


@given(subject=ANYTHING, name=ANYTHING, text=ANYTHING)
def test_every_line_is_short_ascii_and_ends_with_crlf(subject: str, name: str, text: str) -> None:
    content = built(subject=subject, name=name, text=text)
    assert content.isascii()
    assert content.endswith(b"\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 78, line
        assert b"\r" not in line
        assert b"\n" not in line


@given(text=st.lists(st.sampled_from([".", "..", ".x", "x", ""])).map("\r\n".join))
def test_no_line_of_a_message_ends_it_early(text: str) -> None:
    stuffed = mime.dot_stuffed(built(text=text, html=""))
    assert stuffed.endswith(b"\r\n.\r\n")
    assert stuffed.count(b"\r\n.\r\n") == 1
    unstuffed = stuffed.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert unstuffed == built(text=text, html="")


def test_a_message_without_html_has_one_part() -> None:
    message = read(built(html=""))
    assert message.get_content_type() == "text/plain"
    assert message.get_content().strip() == "T"


def test_ascii_stays_readable_on_the_wire() -> None:
    content = built(text="15 minutes are left.", html="<p>Осталось</p>")
    assert b"15 minutes are left." in content
    assert content.count(b"base64") == 1


@pytest.mark.parametrize("value", ["", "a b", "a\r\nBcc: x", "é", "a\x00b", "x" * 999])
def test_what_is_written_bare_must_be_printable_ascii(value: str) -> None:
    with pytest.raises(mime.Unsendable) as refused:
        mime.bare(value)
    assert not value or value not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("c1@client.test", "c1@client.test"),
        ("root@localhost", "root@localhost"),
        ("ops@energo.local", "ops@energo.local"),
        ("ops@пример.рф", "ops@xn--e1afmkfd.xn--p1ai"),
        ("имя@пример.рф", ""),
        ("", ""),
        ("nobody", ""),
        ("a@b@c.test", ""),
        ("a b@c.test", ""),
        ('"a b"@c.test', ""),
        ("a@c.test>\r\nDATA", ""),
        ("a@c.test\n", ""),
    ],
)
def test_an_address_is_what_smtp_can_carry_or_none(address: str, form: str) -> None:
    assert addresses.ascii_form(address) == form

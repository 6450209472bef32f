"""Mails as their readers see them, and a server that refuses one."""

import email
import email.policy
from email.message import EmailMessage

from ostatok.delivery.channels.email.sink import Mail, Reaction, Reply, Script, Step


def read(mail: Mail) -> EmailMessage:
    return email.message_from_bytes(mail.content, policy=email.policy.default)


def part(mail: Mail, kind: str) -> str:
    found = read(mail).get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


def refusing(line: str, address: str = "c000002@client.test") -> Script:
    def script(step: Step, recipient: str) -> Reaction:
        return Reply(line) if step is Step.RECIPIENT and recipient == address else None

    return script

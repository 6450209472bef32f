"""A letter sent to whoever writes it, to be seen in a mail program: no notice, no delivery, and marked as a test."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ostatok.delivery.channels.base import Channel, Message, Outcome, Temporary
from ostatok.delivery.reasons import TemporaryReason
from ostatok.notices.rendering import Rendered

MARK: Final = "[test]"
#: Whoever waits for the answer waits no longer than this.
PATIENCE: Final = 20.0


def send(
    rendered: Rendered,
    *,
    address: str,
    sender_name: str,
    sender_address: str,
    language: str,
    channels: Mapping[str, Channel],
    channel: str,
    now: datetime,
) -> Outcome:
    """Hand one letter over as a real one is, once. A channel that is not set up cannot be reached."""
    if channel not in channels:
        return Temporary(reason=TemporaryReason.UNREACHABLE)
    message = Message(
        delivery_id=0,
        reference=f"ostatok.test.{secrets.token_hex(8)}",
        address=address,
        sender_name=sender_name,
        sender_address=sender_address,
        subject=f"{MARK} {rendered.subject}",
        text=rendered.text,
        html=rendered.html,
        language=language,
        date=now,
    )
    return asyncio.run(_send(channels[channel], message))


async def _send(channel: Channel, message: Message) -> Outcome:
    try:
        async with asyncio.timeout(PATIENCE):
            [outcome] = await channel.send([message])
    except TimeoutError:
        return Temporary(reason=TemporaryReason.TIMED_OUT)
    finally:
        await channel.close()
    return outcome

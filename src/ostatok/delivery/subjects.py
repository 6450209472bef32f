"""What claimed deliveries are about, notices and digests alike: looked up, checked and worded."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.backends.utils import CursorWrapper
from psycopg import AsyncConnection

from ostatok.delivery import checks, digests, facts
from ostatok.delivery.channels.base import Channel
from ostatok.delivery.checks import Verdict
from ostatok.delivery.message import Letter, Writer

Row = facts.Row | digests.Row


async def look_up(connection: AsyncConnection, writer: Writer, ids: Sequence[int], now: datetime) -> list[Row]:
    """The rows of these deliveries, and what the writer needs for their messages."""
    of_notices = await facts.fetch(connection, ids)
    await writer.prepare(connection, of_notices, now)
    of_digests = await digests.fetch(connection, rest, now) if (rest := _rest(ids, of_notices)) else []
    await writer.prepare_digests(connection, of_digests, now)
    return [*of_notices, *of_digests]


def look_up_now(cursor: CursorWrapper, ids: Sequence[int], now: datetime) -> list[Row]:
    """The rows alone, for whoever asks from a page or a command."""
    of_notices = facts.fetch_now(cursor, ids)
    of_digests = digests.fetch_now(cursor, rest, now) if (rest := _rest(ids, of_notices)) else []
    return [*of_notices, *of_digests]


def decide(row: Row, channels: Mapping[str, Channel], now: datetime) -> Verdict:
    """Whether it may be sent now, or what objects."""
    channel = channels.get(row.channel)
    is_open, valid = channel is not None, channel is not None and channel.accepts(row.address)
    if isinstance(row, digests.Row):
        return digests.decide(row, now, channel_open=is_open, address_valid=valid)
    return checks.decide(facts.for_checks(row, channel_open=is_open, address_valid=valid), now)


def write(writer: Writer, row: Row, now: datetime) -> Letter:
    """The message of one delivery. Raises what `Writer.write` does."""
    return writer.write_digest(row, now) if isinstance(row, digests.Row) else writer.write(row, now)


def _rest(ids: Sequence[int], known: Sequence[facts.Row]) -> list[int]:
    return sorted(set(ids) - {row.id for row in known}) if len(known) < len(ids) else []

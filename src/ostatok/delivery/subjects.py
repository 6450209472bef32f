"""What claimed deliveries are about, notices and digests alike: looked up, checked and worded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.backends.utils import CursorWrapper
from psycopg import AsyncConnection

from ostatok.delivery import checks, digests, facts
from ostatok.delivery.channels.base import Channel
from ostatok.delivery.checks import Verdict
from ostatok.delivery.message import Letter, Writer


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A delivery of a notice, and what its balance has used lately."""

    row: facts.Row
    use: facts.Use

    @property
    def id(self) -> int:
        """The delivery's."""
        return self.row.id

    @property
    def organization_id(self) -> int:
        """Whose it is."""
        return self.row.organization_id

    @property
    def channel(self) -> str:
        """Which it goes over."""
        return self.row.channel

    @property
    def address(self) -> str:
        """Where it goes."""
        return self.row.address


Row = Told | digests.Row


async def look_up(connection: AsyncConnection, writer: Writer, ids: Sequence[int], now: datetime) -> list[Row]:
    """The rows of these deliveries, and what the writer needs for their messages."""
    of_notices = await facts.fetch(connection, ids)
    await writer.prepare(connection, of_notices)
    use = await facts.fetch_use(connection, _balances(of_notices), now)
    of_digests = await digests.fetch(connection, rest, now) if (rest := _rest(ids, of_notices)) else []
    await writer.prepare_digests(connection, of_digests, now)
    return [*_told(of_notices, use), *of_digests]


def look_up_now(cursor: CursorWrapper, ids: Sequence[int], now: datetime) -> list[Row]:
    """The rows alone, for whoever asks from a page or a command."""
    of_notices = facts.fetch_now(cursor, ids)
    use = facts.fetch_use_now(cursor, _balances(of_notices), now)
    of_digests = digests.fetch_now(cursor, rest, now) if (rest := _rest(ids, of_notices)) else []
    return [*_told(of_notices, use), *of_digests]


def decide(row: Row, channels: Mapping[str, Channel], now: datetime) -> Verdict:
    """Whether it may be sent now, or what objects."""
    channel = channels.get(row.channel)
    is_open, valid = channel is not None, channel is not None and channel.accepts(row.address)
    if isinstance(row, digests.Row):
        return digests.decide(row, now, channel_open=is_open, address_valid=valid)
    return checks.decide(facts.for_checks(row.row, row.use, channel_open=is_open, address_valid=valid), now)


def write(writer: Writer, row: Row, now: datetime) -> Letter:
    """The message of one delivery. Raises what `Writer.write` does."""
    return writer.write_digest(row, now) if isinstance(row, digests.Row) else writer.write(row.row, row.use, now)


def _told(rows: Sequence[facts.Row], use: Mapping[int, facts.Use]) -> list[Told]:
    return [Told(row=row, use=use[row.balance_id]) for row in rows]


def _balances(rows: Sequence[facts.Row]) -> list[int]:
    return sorted({row.balance_id for row in rows})


def _rest(ids: Sequence[int], known: Sequence[facts.Row]) -> list[int]:
    return sorted(set(ids) - {row.id for row in known}) if len(known) < len(ids) else []

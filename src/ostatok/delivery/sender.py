"""Messages on their way: one asyncio task each, as many at once as their channel allows."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ostatok.delivery.channels.base import Channel, Message, Outcome, Temporary, Unknown
from ostatok.delivery.message import Letter
from ostatok.delivery.outbox import Claim
from ostatok.delivery.reasons import TemporaryReason, UnknownReason
from ostatok.delivery.settling import Sent
from ostatok.kernel import logs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A letter to be sent; `probe`: to find out whether its provider is back."""

    claim: Claim
    letter: Letter
    probe: bool


class Sender:
    """Sends parcels and tells `on_sent`; `on_unsent` gets those it was told not to begin with any more."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        *,
        on_sent: Callable[[Sent], None],
        on_unsent: Callable[[Claim], None],
    ) -> None:
        self._channels = channels
        self._slots = {name: asyncio.Semaphore(channel.concurrency) for name, channel in channels.items()}
        self._on_sent = on_sent
        self._on_unsent = on_unsent
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self.blocked: Collection[str] = ()

    @property
    def busy(self) -> bool:
        """Whether anything is on its way or about to be."""
        return bool(self._tasks)

    def send(self, parcel: Parcel) -> None:
        """Send the parcel as soon as its channel has room."""
        task = asyncio.create_task(self._send(parcel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, parcel: Parcel) -> None:
        name = parcel.claim.channel
        channel = self._channels[name]
        try:
            async with self._slots[name]:
                if self._stopped or (name in self.blocked and not parcel.probe):
                    self._on_unsent(parcel.claim)
                    return
                outcome = await _outcome(channel, parcel.letter.message)
        except asyncio.CancelledError:
            self._on_unsent(parcel.claim)
            raise
        self._on_sent(
            Sent(
                claim=parcel.claim,
                letter=parcel.letter,
                provider=channel.provider,
                outcome=outcome,
                probe=parcel.probe,
            )
        )

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopped = True

    async def finish(self, *, within: float) -> None:
        """Wait for what is under way, and interrupt what takes longer than `within` seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _outcome(channel: Channel, message: Message) -> Outcome:
    try:
        [outcome] = await channel.send([message])
    except asyncio.CancelledError:
        # We stop, and do not know how far it came.
        return Unknown(reason=UnknownReason.INTERRUPTED)
    except Exception:  # noqa: BLE001 (a channel at fault must not end the worker)
        logs.failure(_log, logging.ERROR, "channel failed", delivery=message.delivery_id)
        return Temporary(reason=TemporaryReason.INTERNAL_ERROR)
    return outcome

"""Requests that may be sent again: what was done under a key of the caller's choice is kept for a day.

A key stands for one request of one caller in one organization. The work and what is kept of it commit together, so a
request that broke off was either done and is known, or was not done.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from ostatok.kernel.errors import OstatokError
from ostatok.parties.models import Organization
from ostatok.web.models import KeptAnswer

KEPT: Final = timedelta(hours=24)
_LOCK: Final = "select pg_try_advisory_xact_lock(%s)"


class StillRunning(OstatokError):
    """The same request is being answered at this moment."""


class KeyReused(OstatokError):
    """Another request was sent under this key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request as its caller names it; `content` is all of it that decides what is done."""

    organization: Organization
    caller: str
    key: str
    content: bytes

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def lock(self) -> int:
        """A number of 64 bits, as advisory locks have them."""
        named = f"{self.organization.pk} {self.caller} {self.key}".encode()
        return int.from_bytes(hashlib.sha256(named).digest()[:8], "big", signed=True)


@contextmanager
def once(request: Request, *, now: datetime) -> Iterator[KeptAnswer | None]:
    """One transaction for the work of a request, and what was kept if it was done before.

    Raises StillRunning, KeyReused.
    """
    with transaction.atomic():
        _take(request)
        yield _kept(request, now)


def keep(request: Request, *, made: str, status: int, answer: Any, now: datetime) -> KeptAnswer:
    """Keep what the work made, within its transaction."""
    return KeptAnswer.objects.create(
        organization=request.organization,
        caller=request.caller,
        key=request.key,
        fingerprint=request.fingerprint,
        made=made[:250],
        status=status,
        answer=answer,
        at=now,
    )


def forget(*, before: datetime) -> int:
    """Forget what was done before a moment. Returns how many answers that were."""
    return KeptAnswer.objects.filter(at__lt=before).delete()[0]


def _take(request: Request) -> None:
    """The lock ends with the transaction, however it ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [request.lock])
        [taken] = cursor.fetchone()
    if not taken:
        raise StillRunning


def _kept(request: Request, now: datetime) -> KeptAnswer | None:
    rows = KeptAnswer.objects.filter(organization=request.organization, caller=request.caller, key=request.key)
    kept = rows.first()
    if kept is None:
        return None
    if kept.at < now - KEPT:
        rows.delete()
        return None
    if kept.fingerprint != request.fingerprint:
        raise KeyReused
    return kept

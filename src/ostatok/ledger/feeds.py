"""Whether data still comes: when anything was last posted for each organization."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db.backends.utils import CursorWrapper

from ostatok.kernel import sql
from ostatok.ledger.models import Feed
from ostatok.parties.access import Actor

#: A feed that was silent for so long is worth a look.
SILENT: Final = timedelta(days=1)
#: One that was silent for longer has ended, and nobody waits for it.
ENDED: Final = timedelta(days=30)

_REFRESH: Final = sql.load("ostatok.ledger", "feeds.sql")["refresh"]


def refresh(cursor: CursorWrapper) -> None:
    """Note what was posted since the last refresh of the outlook, within its transaction and before it."""
    cursor.execute(_REFRESH)


def of(actor: Actor, *, now: datetime, most: int) -> Sequence[Feed]:
    """The feeds that the actor may see and that have not ended, those that were silent longest first."""
    rows = Feed.objects.visible_to(actor).filter(posted_at__gt=now - ENDED)
    return list(rows.select_related("organization").order_by("posted_at", "organization")[:most])

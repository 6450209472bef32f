"""Where rate limits are counted: Django's cache in the database, of which nothing is lost before its time.

Django's own counts all rows at each write and, above a limit, drops a third of them by the order of their keys, live
ones too. Whoever tried enough addresses would so wipe out what was counted against another. Here rows leave when they
have run out, and by nothing else.
"""

import base64
import pickle
from datetime import UTC, datetime
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connection

#: One statement forgets so many: none lasts long.
PIECE: Final = 10_000

# One statement, so that of two who add at once only one does.
_PUT: Final = """
insert into cache (cache_key, value, expires) values (%s, %s, %s)
on conflict (cache_key) do update set value = excluded.value, expires = excluded.expires
where %s or cache.expires < now()
"""
_TOUCH: Final = "update cache set expires = %s where cache_key = %s and expires >= now()"
# What is being written at this moment has not run out.
_FORGET: Final = """
delete from cache where cache_key in (
    select cache_key from cache where expires < %s limit %s for update skip locked
)
"""
_ALWAYS: Final = datetime.max.replace(tzinfo=UTC)


class Counts(DatabaseCache):
    """Django's cache of the table `cache`, that neither counts nor culls."""

    def _base_set(self, mode: str, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT) -> bool:
        """Keep a value. Returns whether it is kept: `add` yields to one that is there, `touch` needs one."""
        until = self.get_backend_timeout(timeout)
        expires = _ALWAYS if until is None else datetime.fromtimestamp(until, UTC)
        with connection.cursor() as cursor:
            if mode == "touch":
                cursor.execute(_TOUCH, [expires, key])
            else:
                cursor.execute(_PUT, [key, self._written(value), expires, mode == "set"])
            written: int = cursor.rowcount
        return written > 0

    def _written(self, value: Any) -> str:
        """As Django reads it."""
        return base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")


def forget(*, before: datetime) -> int:
    """Forget what ran out before a moment, in pieces. Returns how much that was."""
    forgotten, last = 0, PIECE
    with connection.cursor() as cursor:
        while last == PIECE:
            cursor.execute(_FORGET, [before, PIECE])
            last = cursor.rowcount
            forgotten += last
    return forgotten

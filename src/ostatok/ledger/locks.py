"""The one lock between postings and changes of what they are judged by.

Posting, sweeps and changes of limits hold it shared; switching a rule on, editing it, or changing an
audience holds it alone. Otherwise a posting in flight would escape both the scan and the rule. It
covers one tree of organizations and ends with the transaction.
"""

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

_LOCK_CLASS = 7_263_001


def share(cursor: CursorWrapper, organization_id: int) -> None:
    """Wait until no rule of the organization's tree is being changed, and keep it so."""
    cursor.execute(
        "select pg_advisory_xact_lock_shared(%s, path[1]::integer) from organization where id = %s",
        [_LOCK_CLASS, organization_id],
    )


def take(cursor: CursorWrapper, organizations: Iterable[int]) -> None:
    """Wait until nothing is posted in the trees of these organizations, and keep it so."""
    cursor.execute(
        "select pg_advisory_xact_lock(%s, root::integer) from ("
        "select distinct path[1] as root from organization where id = any (%s) order by 1) roots",
        [_LOCK_CLASS, list(organizations)],
    )

"""Entries and balances that a person or a program posts: through the main job, audited with it, under their name."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from django.utils.timezone import now

from ostatok import pipeline
from ostatok.ledger.entries import NewEntry
from ostatok.ledger.snapshots import StatedBalance
from ostatok.parties import audit, wall
from ostatok.parties.access import Actor
from ostatok.parties.audit import Act
from ostatok.parties.models import Organization
from ostatok.pipeline import Outcome


def post(
    actor: Actor, organization: Organization, new: Sequence[NewEntry], *, origin: str, expect_duplicates: bool = False
) -> Outcome:
    """Post entries for an actor that may: the caller has asked. The same refs again post nothing.

    Each batch commits with its record: one entry is named there, of many how many there were and
    the first ref and the last.
    """
    moment = now()
    also = partial(_audit, actor, partial(_of_entries, organization, new), origin, moment)
    with wall.lowered():
        return pipeline.post(
            organization_id=organization.pk, new=new, now=moment, expect_duplicates=expect_duplicates, also=also
        )


def post_balances(actor: Actor, organization: Organization, stated: Sequence[StatedBalance], *, origin: str) -> Outcome:
    """Bring balances to what another billing states, for an actor that may. Each batch commits with its record."""
    moment = now()
    also = partial(_audit, actor, partial(_of_balances, organization), origin, moment)
    with wall.lowered():
        return pipeline.post_balances(organization_id=organization.pk, stated=stated, now=moment, also=also)


def _audit(
    actor: Actor, act: Callable[..., Act], origin: str, moment: datetime, outcome: Outcome, ends: tuple[str, str]
) -> None:
    if outcome.posted:
        audit.record_all(actor, [act(outcome, ends)], origin=origin, at=moment)


def _of_entries(organization: Organization, new: Sequence[NewEntry], outcome: Outcome, ends: tuple[str, str]) -> Act:
    if len(new) == 1:
        return _of_one(organization, new[0])
    refs = " … ".join(ends)
    return Act(
        action="entries.posted",
        subject=f"entries {organization.code}",
        organization_id=organization.pk,
        changes={"posted": (None, outcome.posted), "refs": (None, refs)},
    )


def _of_one(organization: Organization, entry: NewEntry) -> Act:
    given = {"kind": (None, entry.kind.label), "amount": (None, entry.amount), "ref": (None, entry.ref)}
    if entry.reverses:
        given["reverses"] = (None, entry.reverses)
    return Act(
        action="entry.posted",
        subject=f"account {organization.code}/{entry.account} {entry.service}",
        organization_id=organization.pk,
        changes=given,
    )


def _of_balances(organization: Organization, outcome: Outcome, _ends: tuple[str, str]) -> Act:
    return Act(
        action="balances.posted",
        subject=f"balances {organization.code}",
        organization_id=organization.pk,
        changes={"posted": (None, outcome.posted)},
    )

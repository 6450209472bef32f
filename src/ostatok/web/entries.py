"""Entries that a person posts: through the main job, audited under their name."""

from django.utils.timezone import now

from ostatok import pipeline
from ostatok.ledger.entries import NewEntry
from ostatok.parties import audit, wall
from ostatok.parties.access import Actor
from ostatok.parties.models import Organization


def post(actor: Actor, organization: Organization, entry: NewEntry, *, origin: str) -> pipeline.Outcome:
    """Post one entry for an actor that may: the caller has asked. The same ref again posts nothing."""
    moment = now()
    with wall.lowered():
        outcome = pipeline.post(organization_id=organization.pk, new=[entry], now=moment)
    if outcome.posted:
        given = {"kind": (None, entry.kind.label), "amount": (None, entry.amount), "ref": (None, entry.ref)}
        if entry.reverses:
            given["reverses"] = (None, entry.reverses)
        subject = f"account {organization.code}/{entry.account} {entry.service}"
        audit.record(actor, "entry.posted", subject, organization, given, origin, moment)
    return outcome

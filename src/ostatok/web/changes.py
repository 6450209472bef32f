"""Changes by screen or program are descriptions made true: the same checks, locks, silence and audit for all."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from django.utils.timezone import now

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.intake.description.applying import Provided
from ostatok.intake.description.report import Report
from ostatok.parties import wall
from ostatok.parties.access import Actor
from ostatok.rules import waiting

#: Sections of a description, each a list of items, as in the files of `ostatok apply`.
Description = Mapping[str, Any]


def apply(
    actor: Actor, description: Description, *, origin: str, dry_run: bool = False, provided: Provided = nullcontext
) -> Report:
    """Make a description true for an actor. Raises DescriptionError with the place of each problem, and BeingChanged
    where a worker is changing a rule of it.

    The doors stand in the description itself: what the actor cannot see is unknown there.
    """
    with wall.lowered():
        for rule in description.get("rules", ()):
            waiting.refuse_if_begun(rule["organization"], rule["name"])
    return by_worker(actor, description, origin=origin, dry_run=dry_run, provided=provided)


def by_worker(
    actor: Actor, description: Description, *, origin: str, dry_run: bool = False, provided: Provided = nullcontext
) -> Report:
    """As `apply`, for the worker that is changing the rule."""
    text = json.dumps(description, ensure_ascii=False, default=str)

    def once(_tries: int) -> Report:
        effects = pipeline.Effects(now=now())
        return applying.apply(text, actor=actor, effects=effects, origin=origin, dry_run=dry_run, provided=provided)

    with wall.lowered():
        return pipeline.until_it_wins(once)

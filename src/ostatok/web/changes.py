"""Changes by screen or program are descriptions made true: the same checks, locks, silence and audit for all."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.timezone import now

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.intake.description.report import Report
from ostatok.parties import wall
from ostatok.parties.access import Actor

#: Sections of a description, each a list of items, as in the files of `ostatok apply`.
Description = Mapping[str, Any]


def apply(actor: Actor, description: Description, *, origin: str, dry_run: bool = False) -> Report:
    """Make a description true for an actor. Raises DescriptionError with the place of each problem.

    The doors stand in the description itself: what the actor cannot see is unknown there.
    """
    text = json.dumps(description, ensure_ascii=False, default=str)

    def once(_tries: int) -> Report:
        effects = pipeline.Effects(now=now())
        return applying.apply(text, actor=actor, effects=effects, origin=origin, dry_run=dry_run)

    with wall.lowered():
        return pipeline.until_it_wins(once)

"""What saving a rule would do, tried and taken back: for a form or a program that describes one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg.errors
from django.db import OperationalError

from ostatok.intake.description import applying
from ostatok.intake.description.report import Report
from ostatok.kernel.errors import OstatokError
from ostatok.parties import wall
from ostatok.parties.access import Actor
from ostatok.rules import preview
from ostatok.rules.preview import Place, Preview


class TooSlow(OstatokError):
    """It speaks to so many that looking at them all takes longer than was waited."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What saving would report, and whom the rule would begin to speak to; None where it begins nothing."""

    report: Report
    preview: Preview | None


def of_described(
    actor: Actor,
    rule: Mapping[str, Any],
    *,
    now: datetime,
    after: Place | None = None,
    size: int = preview.SIZE,
    patience: timedelta | None = None,
) -> Tried:
    """Try a rule as an item of a description's `rules` states it. Raises DescriptionError, as saving it would, and
    TooSlow where looking takes longer than `patience`.
    """
    looking = preview.Onlooker(now=now, after=after, size=size, patience=patience)
    text = json.dumps({"rules": [dict(rule)]}, ensure_ascii=False, default=str)
    try:
        with wall.lowered():
            report = applying.apply(text, actor=actor, effects=looking, origin="", dry_run=True)
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TooSlow(str(TooSlow.__doc__)) from None
        raise
    return Tried(report=report, preview=next(iter(looking.found.values()), None))

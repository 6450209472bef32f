"""What saving a rule would do, tried and taken back: for a form or a program that describes one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ostatok.intake.description import applying
from ostatok.intake.description.report import Report
from ostatok.parties import wall
from ostatok.parties.access import Actor
from ostatok.rules import preview
from ostatok.rules.preview import Place, Preview


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
    preview.TooSlow where looking takes longer than `patience`.
    """
    looking = preview.Onlooker(now=now, after=after, size=size, patience=patience)
    text = json.dumps({"rules": [dict(rule)]}, ensure_ascii=False, default=str)
    with preview.no_longer_than(patience), wall.lowered():
        report = applying.apply(text, actor=actor, effects=looking, origin="", dry_run=True)
    return Tried(report=report, preview=next(iter(looking.found.values()), None))

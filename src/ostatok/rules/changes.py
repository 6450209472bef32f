"""What can be done to a rule."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleChange:
    """What was done to a rule; only a rule that is on speaks to anybody."""

    rule_id: int
    is_on: bool
    became_on: bool = False
    trigger_changed: bool = False
    notify_now: bool = False

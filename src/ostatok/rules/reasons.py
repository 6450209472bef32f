"""Why an alarm raised a notice at its last occasion, or did not: a closed list."""

from enum import StrEnum


class AlarmReason(StrEnum):
    RAISED = "raised"
    SILENT = "silent"
    COOLDOWN = "cooldown"
    MAX_QTY = "max_qty"
    NEXT_CHECK = "next_check"
    NO_MARK = "no_mark"
    REARMED = "rearmed"
    RENEWED = "renewed"

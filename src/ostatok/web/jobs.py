"""What a worker tidies up of the faces."""

from datetime import UTC, datetime
from typing import Final

from procrastinate import Blueprint

from ostatok.web import repeats
from ostatok.web.signing_in import counts, used_codes

_HOURLY: Final = "37 * * * *"


def blueprint() -> Blueprint:
    """The jobs of the faces."""
    jobs = Blueprint()

    @jobs.periodic(cron=_HOURLY)
    @jobs.task(name="forget_answers", queueing_lock="forget_answers")
    def run_forget_answers(timestamp: int) -> None:
        repeats.forget(before=datetime.fromtimestamp(timestamp, UTC) - repeats.KEPT)

    @jobs.periodic(cron=_HOURLY)
    @jobs.task(name="forget_attempts", queueing_lock="forget_attempts")
    def run_forget_attempts(timestamp: int) -> None:
        now = datetime.fromtimestamp(timestamp, UTC)
        counts.forget(before=now)
        used_codes.forget(before=now - used_codes.KEPT)

    return jobs

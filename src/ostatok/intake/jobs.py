"""What a worker does of the intake: it posts the files that were handed over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from procrastinate import Blueprint, JobContext

from ostatok.intake import uploads
from ostatok.intake.uploads import Posting

_EVERY_MINUTE: Final = "* * * * *"
_AT_NIGHT: Final = "23 3 * * *"
#: Refused rows may hold personal data: so long they can be downloaded.
KEEP_REFUSED_ROWS: Final = timedelta(days=90)
#: So long a file waits for the job that it came with, before another is made for it.
PATIENCE: Final = timedelta(minutes=1)


def blueprint(posting: Posting, *, clock: Callable[[], datetime]) -> Blueprint:
    """The jobs of the intake; `posting` is what posts."""
    jobs = Blueprint()

    @jobs.task(name="import", pass_context=True)
    def run_import(context: JobContext, import_id: int) -> None:
        uploads.run(import_id, posting, clock=clock, stopping=context.should_abort)

    @jobs.periodic(cron=_EVERY_MINUTE)
    @jobs.task(name="resume_imports", queueing_lock="resume_imports")
    def run_resume_imports(timestamp: int) -> None:
        """Whose worker died is taken up by another; whoever is at work is not disturbed."""
        for import_id in uploads.unfinished(before=datetime.fromtimestamp(timestamp, UTC) - PATIENCE):
            uploads.enqueue(import_id)

    @jobs.periodic(cron=_AT_NIGHT)
    @jobs.task(name="forget_refused_rows", queueing_lock="forget_refused_rows")
    def run_forget_refused_rows(timestamp: int) -> None:
        uploads.forget_refused_rows(before=datetime.fromtimestamp(timestamp, UTC) - KEEP_REFUSED_ROWS)

    return jobs

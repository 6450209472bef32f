"""The log of a process that serves pages."""

import logging
from typing import Final

from ostatok.kernel import logs

#: Where Django tells of requests that failed, in sentences that quote their path.
_REQUESTS: Final = ("django.request", "django.security", "django.security.csrf", "django.security.DisallowedHost")


class WithoutPath(logging.Filter):
    """Tells of a request by its route: a path may hold the token of an invitation or of a forgotten password."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Reword the record."""
        request = getattr(record, "request", None)
        match = getattr(request, "resolver_match", None)
        record.msg, record.args = "request failed", ()
        record.fields = {
            "method": getattr(request, "method", None),
            "route": match.route if match else None,
            "status": getattr(record, "status_code", None),
            "reason": record.name.removeprefix("django."),
        }
        return True


def to_stream() -> None:
    """Send the log of this process to the standard error as JSON: warnings and errors, no path of any request."""
    logs.to_stream(level=logging.WARNING)
    for name in _REQUESTS:
        logging.getLogger(name).addFilter(WithoutPath())
    # Pages that are not there are no news.
    logging.getLogger("django.request").setLevel(logging.ERROR)

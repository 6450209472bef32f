"""Logs as one JSON object a line: what happened and to which ids; never bodies, addresses or secrets.

Say `logs.event(_log, logging.INFO, "claimed", worker=7, deliveries=20)`. Of an exception only its type and where it
came from are written: its text may quote what it choked on.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

Field = str | int | float | bool | None


def event(logger: logging.Logger, level: int, what: str, **fields: Field) -> None:
    """Log that `what` happened."""
    logger.log(level, what, extra={"fields": fields})


def failure(logger: logging.Logger, level: int, what: str, **fields: Field) -> None:
    """Log that `what` failed, with the exception being handled."""
    logger.log(level, what, extra={"fields": fields}, exc_info=True)


class JsonFormatter(logging.Formatter):
    """Writes records, ours and the libraries', as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = type(record.exc_info[1]).__name__
            line["trace"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False, default=str)


def to_stream(stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Send all logs of this process to the stream, as JSON."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=level, force=True)

"""Logs are JSON, and do not repeat what an exception quotes."""

import io
import json
import logging

from ostatok.kernel import logs


def logged() -> tuple[logging.Logger, io.StringIO]:
    stream, logger = io.StringIO(), logging.Logger("ostatok.test")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    logger.addHandler(handler)
    return logger, stream


def test_an_event_is_one_line_with_its_fields() -> None:
    logger, stream = logged()

    logs.event(logger, logging.INFO, "claimed", worker=7, channel="почта")

    [line] = stream.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "info", "logger": "ostatok.test", "event": "claimed", "worker": 7, "channel": "почта"}


def test_a_failure_tells_its_type_and_place_and_not_its_text() -> None:
    logger, stream = logged()
    try:
        int("c1@client.test")
    except ValueError:
        logs.failure(logger, logging.ERROR, "wording failed", delivery=3)

    told = json.loads(stream.getvalue())
    assert (told["event"], told["error"], told["delivery"]) == ("wording failed", "ValueError", 3)
    assert "test_logs.py" in told["trace"][0]
    assert "client.test" not in stream.getvalue()

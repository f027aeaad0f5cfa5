"""A fault in a rush writes its traceback a few times a minute, and its line every time."""

import io
import logging
from typing import Any

import pytest
import structlog

from orchestrator import logs
from orchestrator.repeated_tracebacks import WHOLE, WINDOW, TracebackLimit
from orchestrator.settings import Settings


def fault(kind: type[Exception] = ValueError) -> Exception:
    try:
        raise kind("x")
    except Exception as error:
        return error


def test_of_one_kind_a_few_keep_their_traceback_in_a_window() -> None:
    now = [0.0]
    limit = TracebackLimit(lambda: now[0])

    def kept(error: Exception) -> bool:
        event = limit(None, "error", {"event": "unforeseen", "exc_info": error})
        assert event["event"] == "unforeseen"
        return "exc_info" in event

    assert [kept(fault()) for _ in range(WHOLE + 3)] == [True] * WHOLE + [False] * 3
    assert kept(fault(KeyError)), "another kind has its own"
    now[0] = WINDOW + 1
    assert kept(fault())


@pytest.mark.parametrize("form", ["json", "console"])
def test_it_holds_for_our_lines_and_for_libraries(monkeypatch: pytest.MonkeyPatch, form: Any) -> None:
    written = io.StringIO()
    before = logging.getLogger().handlers[:]
    monkeypatch.setattr("sys.stderr", written)
    try:
        logs.configure(Settings(log_format=form), "api")
        for _ in range(WHOLE + 4):
            structlog.get_logger("ours").error("unforeseen", exc_info=fault())
            logging.getLogger("theirs").error("went wrong", exc_info=fault(KeyError))
    finally:
        logging.getLogger().handlers[:] = before
        structlog.reset_defaults()
    said = written.getvalue()
    assert said.count("unforeseen") == said.count("went wrong") == WHOLE + 4
    assert said.count("Traceback") == 2 * WHOLE
    assert said.count("traceback_withheld") == 8

"""Tracebacks that come again and again are shortened: one fault in a rush must not fill the disk with itself."""

import logging
import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

WHOLE = 5
"""Tracebacks of one kind that are written in full within a window."""
WINDOW = 60.0
_MOST_KINDS = 500


@dataclass
class _Seen:
    since: float
    count: int = 0


@dataclass
class TracebackLimit:
    """A processor of structlog: of one kind of fault (its type, and where it came from) a few a minute keep theirs.

    The line itself is always written; ``traceback_withheld`` says how often the traceback was left out since.
    """

    clock: Any = time.monotonic
    _seen: dict[tuple[Any, ...], _Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """The event, perhaps without its traceback."""
        record = event.get("_record")
        told = event.get("exc_info") or (record.exc_info if isinstance(record, logging.LogRecord) else None)
        error = told[1] if isinstance(told, tuple) else told
        if not isinstance(error, BaseException):
            return event
        withheld = self._count(_kind(error)) - WHOLE
        if withheld > 0:
            event.pop("exc_info", None)
            if isinstance(record, logging.LogRecord):
                record.exc_info, record.exc_text = None, None
            event["error_type"], event["traceback_withheld"] = type(error).__name__, withheld
        return event

    def _count(self, kind: tuple[Any, ...]) -> int:
        now = self.clock()
        with self._lock:
            if len(self._seen) > _MOST_KINDS:
                self._seen.clear()
            seen = self._seen.get(kind)
            if seen is None or now - seen.since > WINDOW:
                seen = self._seen[kind] = _Seen(now)
            seen.count += 1
            return seen.count


def _kind(error: BaseException) -> tuple[Any, ...]:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (type(error), trace.tb_frame.f_code if trace else None, trace.tb_lineno if trace else 0)

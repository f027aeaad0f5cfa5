"""The header ``Retry-After``: when a server that is busy wants to be asked again."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def retry_after(header: str, most: timedelta) -> timedelta | None:
    """How long to wait: the header says seconds or a date (RFC 9110, 10.2.3); never longer than ``most``.

    None where it says nothing that makes sense, a wait of less than nothing included. A date that is past is no wait.
    """
    try:
        seconds = float(header) if header.isascii() else math.nan
    except ValueError:
        return _until(header, most)
    return timedelta(seconds=min(seconds, most.total_seconds())) if seconds >= 0 else None


def _until(header: str, most: timedelta) -> timedelta | None:
    try:
        wait = parsedate_to_datetime(header) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None
    return min(max(wait, timedelta(0)), most)

"""How long a server asks to be left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from activities.channels.rest import LONGEST_WAIT
from activities.http.retry_after import retry_after


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("0.5", timedelta(seconds=0.5)),
        ("-3", None),
        ("86400", LONGEST_WAIT),
        ("1e300", LONGEST_WAIT),
        ("", None),
        ("soon", None),
        ("nan", None),
    ],
)
def test_seconds(header: str, wait: timedelta | None) -> None:
    assert retry_after(header, LONGEST_WAIT) == wait


def test_a_date() -> None:
    wait = retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True), LONGEST_WAIT)
    assert wait is not None
    assert timedelta(seconds=80) < wait <= timedelta(seconds=90)
    assert retry_after(format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True), LONGEST_WAIT) == timedelta(
        0
    )

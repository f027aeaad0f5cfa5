"""Which of the two stores came back from an earlier time."""

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.core.doctor.restored import Store, behind

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("kept", "told", "known", "found"),
    [
        (None, None, False, None),  # the first day
        (NOW, NOW - SECOND, True, None),
        (NOW - HOUR, NOW, True, "database"),
        (None, NOW, True, "database"),  # the backup is older than this record
        (NOW, NOW - HOUR, True, "temporal"),
        (NOW, None, False, "temporal"),  # an empty one
        (NOW, None, True, None),  # after a long rest it has forgotten its rounds, not that there are some
    ],
)
def test_who_is_behind(kept: datetime | None, told: datetime | None, known: bool, found: Store | None) -> None:
    assert behind(kept, told, known=known) == found

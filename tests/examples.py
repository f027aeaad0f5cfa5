"""How many examples a property is tried on: fewer in everybody's loop and in CI, all of them in `make test-long`."""

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

LONG = bool(os.environ.get("TEST_LONG"))
"""Whether this is the long run."""
SHARE, LEAST = 4, 15


def some(cases: Iterable[T], every: int) -> list[T]:
    """All cases in the long run; otherwise each of so many, beginning with the first."""
    return [*cases] if LONG else [*cases][::every]


def examples(number: int) -> int:
    """`number` in the long run; otherwise a share of it that still finds what is badly wrong."""
    return number if LONG else max(number // SHARE, min(number, LEAST))

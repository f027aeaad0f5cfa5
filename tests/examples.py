"""How many examples a property is tried on: fewer in everybody's loop and in CI, all of them in `make test-long`."""

import os

LONG = bool(os.environ.get("TEST_LONG"))
"""Whether this is the long run."""
SHARE, LEAST = 4, 15


def examples(number: int) -> int:
    """`number` in the long run; otherwise a share of it that still finds what is badly wrong."""
    return number if LONG else max(number // SHARE, min(number, LEAST))

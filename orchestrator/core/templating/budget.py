"""What rendering may cost: a count of work that each operation is charged to before it is done.

Time cannot be bounded from inside a process, and a clock would let a message go out on a quiet machine and not on a
busy one. So work is counted instead: every operation that a template has costs time in proportion to the size of what
it is given (or is refused), that size is charged, and where the account is empty the rendering fails. The same template
with the same data fails everywhere or nowhere, and a unit is worth about a quarter of a microsecond, so that the whole
account is spent within about a quarter of a second. All texts of one message share one account.

A second limit, of this thread's own processor time and so not of the machine's load, stands behind it for what the
account does not see.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from jinja2.exceptions import TemplateRuntimeError

MAX_WORK = 1_000_000
"""Units that the renderings of one message may cost together: see :func:`weight`."""
MAX_LOOPS = 2_000
"""Passages through all loops of one message together."""
MAX_SECONDS = 2.0
"""Seconds of processor time that they may take together."""
MAX_OUTPUT = 200_000
"""Characters of a rendered text, and of any text made on the way."""
_LOOK = 25_000
"""Units after which the time is looked at."""
_LETTERS = 8
"""Letters of a text that cost one unit where a whole text is handled at once."""


class TooMuch(TemplateRuntimeError):
    """A limit of rendering was reached."""


@dataclass(slots=True)
class Budget:
    """What is left for one message."""

    work: int = MAX_WORK
    loops: int = MAX_LOOPS
    look_at: int = MAX_WORK - _LOOK
    began: float = field(default_factory=time.thread_time)

    def spend(self, units: int) -> None:
        """Charges work. Raises :class:`TooMuch`."""
        self.work -= units
        if self.work < self.look_at:
            self.look_at = self.work - _LOOK
            if self.work < 0 or time.thread_time() - self.began > MAX_SECONDS:
                raise TooMuch("work")

    def loop(self, passages: int) -> None:
        """Charges passages through a loop. Raises :class:`TooMuch`."""
        self.loops -= passages
        if self.loops < 0:
            raise TooMuch("loops")


BUDGET: ContextVar[Budget] = ContextVar("budget")


@contextmanager
def shared_budget() -> Iterator[Budget]:
    """Everything that is rendered inside shares one budget: the one that is there already, or a new one.

    To be had by ``with`` or as a decorator.
    """
    found = BUDGET.get(None)
    if found is not None:
        yield found
        return
    token = BUDGET.set(Budget())
    try:
        yield BUDGET.get()
    finally:
        BUDGET.reset(token)


def weight(value: Any, letters: int = _LETTERS) -> int:
    """What handling a value whole costs: a unit for everything in it and for each so many ``letters``.

    Values inside of values count as often as they stand there, so that what is small in memory and endless when it is
    printed or compared is seen; counting ends where the budget does.
    """
    if isinstance(value, str):
        return 1 + len(value) // letters
    most = BUDGET.get().work
    total, ahead = 0, [value]
    while ahead:
        inner = ahead.pop()
        kind = type(inner)
        total += 1
        if kind is str:
            total += len(inner) // letters
        elif kind is int:
            total += inner.bit_length() >> 6
        elif kind is not float and kind is not bool and inner is not None:
            total += 3
            ahead += _inside(inner)
            if total + len(ahead) > most:
                raise TooMuch("work")
    return total


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return (*value, *value.values())
    if isinstance(value, str):
        return (str(value),)
    return value if isinstance(value, Sequence | AbstractSet) else ()


def bounded(text: str) -> str:
    """The text, unless it is longer than any message."""
    if len(text) > MAX_OUTPUT:
        raise TooMuch("text")
    return text


def text_of(value: Any) -> str:
    """A value as it is printed; what would be printed without end is refused before."""
    if isinstance(value, str):
        return value
    BUDGET.get().spend(weight(value))
    return bounded(str(value))

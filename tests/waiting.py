"""Waiting for what a test awaits, rather than for a time that was enough on somebody's machine.

`PATIENCE` is a guard and no measure: what comes at all comes long before, on a machine that is busy with other things
too. The only sleeps of the tests are here, between two looks; `tests/test_waiting.py` holds the others to it.
"""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any, TypeVar

PATIENCE = 90.0
"""Seconds after which what is awaited will not come."""

T = TypeVar("T")


async def until(look: Callable[..., Any], what: str = "", seconds: float = PATIENCE, pause: float = 0.02) -> Any:
    """Look again and again until the answer is true, and return it. `look` may be a coroutine function.

    `AssertionError` naming `what` after so many `seconds`; `pause` seconds between two looks.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        answer = await found if inspect.isawaitable(found) else found
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what or look}; last answer: {answer!r}")
        await asyncio.sleep(pause)


def until_true(look: Callable[[], T], what: str = "", seconds: float = PATIENCE, pause: float = 0.02) -> T:
    """The same where nothing else runs in this thread."""
    deadline = time.monotonic() + seconds
    while not (answer := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what or look}; last answer: {answer!r}")
        time.sleep(pause)
    return answer


async def forever() -> None:
    """Never return: for a stand-in that hangs."""
    await asyncio.get_running_loop().create_future()


async def give_way() -> None:
    """Let everything go on that can go on at once."""
    await asyncio.sleep(0)


async def let_pass(seconds: float, why: str) -> None:
    """Where time itself is what is tested, or nothing must happen meanwhile; `why` is for whoever reads the test."""
    assert why
    await asyncio.sleep(seconds)

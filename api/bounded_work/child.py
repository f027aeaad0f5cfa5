"""What a process of the pool does: one job after the other, in no more memory than it is given.

Imports nothing but Python's own: the jobs' modules are there already, loaded by the process that it was forked from.
"""

import contextlib
import os
import pickle
import resource
import signal
import threading
from collections.abc import Callable
from math import ceil
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["done", "raised", "memory"]
NICE = 5
"""Behind the API itself, which customers wait for; a draft can wait."""


class Pieces(list[Any]):
    """A long list that is pickled piece by piece, so that whoever pickles it lets others go on in between."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _joined, ([pickle.dumps(one) for one in self],)


def _joined(pieces: list[bytes]) -> list[Any]:
    return [pickle.loads(one) for one in pieces]  # noqa: S301 - of our own API


def do_jobs(connection: Connection, memory: int) -> None:
    """Reads pickled ``(seconds, function, args)`` and answers ``(outcome, value)``, until nobody asks any more.

    Args:
        connection: The pool's.
        memory: Bytes that it may take beyond what its code takes.
    """
    _settle(memory)
    while True:
        try:
            seconds, function, args = pickle.loads(connection.recv_bytes())  # noqa: S301 - of our own API
        except EOFError:
            return
        _bound_time(seconds)
        outcome, value = _done(function, args)
        del function, args
        connection.send_bytes(value)
        if outcome == "memory":
            return  # what is left is in pieces


def _done(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Outcome, bytes]:
    try:
        answer: tuple[Outcome, Any] = "done", function(*args)
        return "done", pickle.dumps(answer)
    except MemoryError:
        return "memory", pickle.dumps(("memory", None))
    except Exception as error:  # the caller's, who knows what it means
        try:
            return "raised", pickle.dumps(("raised", error))
        except MemoryError:
            return "memory", pickle.dumps(("memory", None))
        except Exception:  # one that cannot travel
            return "raised", pickle.dumps(("raised", RuntimeError(f"{type(error).__name__}: {error}"[:500])))


def _settle(memory: int) -> None:
    """Signals, memory, precedence; and an end when the API ends, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the API's, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what SIGXCPU leaves behind holds customers
    threading.Thread(target=_end_with_the_api, daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(NICE)
    with contextlib.suppress(OSError, ValueError):  # where memory cannot be bounded, time is all the same
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory,) * 2)


def _end_with_the_api() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _bound_time(seconds: float) -> None:
    """By the system, which ends the process (SIGXCPU): nothing else stops what goes on and on in C."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(used.ru_utime + used.ru_stime + seconds), hard))

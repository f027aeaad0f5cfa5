"""A pool of processes for work on what callers bring: documents, templates, test runs.

Whatever such work comes to, the API goes on: a process that is not done by its deadline is killed and replaced, one
that wants more memory than it is given fails. What we know to be costly is counted beforehand and told in words
(``core/journey/schema_errors.py``, ``core/templating/budget.py``); this is for what we overlooked, and for what is
large by right. ``docs/decisions/0023`` says what it costs, and why neither threads nor a library do.
"""

import asyncio
import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, TypeVarTuple, cast

import structlog
from fastapi import Request

from api.bounded_work.child import Pieces, do_jobs
from api.http.problems import ApiProblem

__all__ = ["BoundedWork", "Pieces", "bounded", "bounded_walk"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
log = structlog.get_logger(__name__)

SECONDS = 5.0
"""Of processor time for a job: ten times what the largest journey that may be kept takes."""
WALK_SECONDS = 10.0
"""For what walks a sample of customers, which leaves off by itself after some seconds."""
WAIT = 6
"""How many times as long a job may take by the clock: the machine is others' too."""
PATIENCE = 10.0
"""Seconds that a job waits for its turn."""
MEMORY = 512 * 1024 * 1024
"""Bytes for a job, beyond the code."""
MOST_PROCESSES = max(3, min(6, (os.cpu_count() or 1) + 1))
MOST_JOBS = 2_000
"""Then a process ends, and with it whatever its caches hold."""
RETRY_AFTER = 5  # seconds
PRELOADED = (
    "orchestrator.cli",  # Python imports the command's own module again in each process
    "orchestrator.core.email.html",
    "orchestrator.core.journey.diff",
    "orchestrator.core.journey.drawing",
    "orchestrator.core.messages.template_checks",
    "orchestrator.core.preflight.make_checks",
    "orchestrator.core.preflight.template_in_journeys",
    "orchestrator.core.simulation.forecast",
    "orchestrator.core.simulation.interactive_run",
    "orchestrator.files.journeys",
    "orchestrator.message_gallery.looks",
    "api.backtests.jobs",
    "api.journeys.described",
    "api.previews.answers",
    "api.previews.attacked",
    "api.previews.recorded_answers",
    "api.previews.played",
    "api.templates.rendering",
)
"""Modules that the jobs need, and no others: a megabyte here is one in every process."""


class BoundedWork:
    """The pool of one API; its processes come with the first jobs."""

    def __init__(
        self,
        memory: int = MEMORY,
        most: int = MOST_PROCESSES,
        patience: float = PATIENCE,
        preloaded: Sequence[str] = PRELOADED,
    ) -> None:
        """``preloaded``: by the first pool of a process, for all of its pools."""
        self._memory = memory
        self._preloaded = preloaded
        self._patience = patience
        self._turns = asyncio.Semaphore(most)
        self._threads = ThreadPoolExecutor(most, "bounded-work")
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False

    async def run(self, seconds: float, function: Callable[[*Ts], T], *args: *Ts) -> T:
        """What the function answers, or raises; called in another process, so all of it has to be picklable.

        ``seconds``: full ones, of processor time. Raises the problems ``too_slow`` and ``too_much_memory``, and
        ``no_turn`` where too many others wait.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise ApiProblem("no_turn", seconds=RETRY_AFTER) from None
        job = self._threads.submit(self._do, seconds, function, args)
        loop = asyncio.get_running_loop()
        job.add_done_callback(lambda _: _quietly(loop, self._turns.release))  # also where nobody waits any more
        return cast(T, await asyncio.wrap_future(job))

    async def warm(self) -> None:
        """Starts the first process, so that nobody waits for it."""
        await self.run(60.0, os.getpid)

    def close(self) -> None:
        """Ends all processes, whatever they do."""
        with self._lock:
            self._closed = True
            idle = list(self._idle)
            self._idle.clear()
            busy = self._all.difference(idle)
        for child in busy:
            child.kill()  # the thread that waits for it does the rest
        for child in idle:
            self._end(child)
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _do(self, seconds: float, function: Callable[..., T], args: tuple[Any, ...]) -> T:
        asked = pickle.dumps((seconds, function, args))
        child = self._child()
        kept = False
        try:
            outcome, value = child.ask(asked, seconds * WAIT)
            kept = outcome != "memory" and child.jobs < MOST_JOBS
        except TimeoutError:
            raise _too_slow(function, seconds) from None
        except (EOFError, OSError):
            self._end(child)
            if child.ran_out_of_time:
                raise _too_slow(function, seconds) from None
            if not self._closed:  # by a library that ends its process without memory, or from outside
                log.warning("work ended its process", work=function.__qualname__, exit=child.exit_code)
            raise ApiProblem("too_much_memory") from None
        finally:
            self._give_back(child) if kept else self._end(child)
        if outcome == "memory":
            log.warning("work wanted too much memory", work=function.__qualname__)
            raise ApiProblem("too_much_memory")
        if outcome == "raised":
            raise value
        return cast(T, value)

    def _child(self) -> "_Child":
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                break
            if child.ready():
                return child
            self._end(child)  # was killed meanwhile
        child = _Child(self._memory, self._preloaded)
        with self._lock:
            self._all.add(child)
            if self._closed:
                child.kill()
        return child

    def _give_back(self, child: "_Child") -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(child)
                return
        self._end(child)

    def _end(self, child: "_Child") -> None:
        with self._lock:
            self._all.discard(child)
        child.end()


class _Child:
    """One process, and the way to it."""

    _starting = threading.Lock()
    """multiprocessing's own lists of processes are no matter for several threads."""

    def __init__(self, memory: int, preloaded: Sequence[str]) -> None:
        self.jobs = 0
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(preloaded))
        self._connection, theirs = context.Pipe()
        with self._starting:
            self._process = context.Process(target=do_jobs, args=(theirs, memory), daemon=True, name="bounded-work")
            self._process.start()
        theirs.close()

    @property
    def exit_code(self) -> int | None:
        """Of a process that has ended; less than nothing: the signal that ended it."""
        return self._process.exitcode

    @property
    def ran_out_of_time(self) -> bool:
        """Whether the system ended it."""
        return self.exit_code == -signal.SIGXCPU

    def ready(self) -> bool:
        """Whether it waits for a job: one that has ended has closed its end, which reads as a message."""
        return not self._connection.poll()

    def ask(self, job: bytes, seconds: float) -> tuple[str, Any]:
        """The outcome and its value. Raises TimeoutError, or EOFError and OSError for a process that is no more."""
        self.jobs += 1
        self._connection.send_bytes(job)
        if not self._connection.poll(seconds):
            raise TimeoutError
        outcome, value = pickle.loads(self._connection.recv_bytes())  # noqa: S301 - of a process of ours
        return outcome, value

    def kill(self) -> None:
        """Ends it at once; whoever waits for its answer sees the end of the way to it."""
        self._process.kill()

    def end(self) -> None:
        """Ends it at once, and the way to it."""
        with self._starting:
            self._process.kill()
            self._process.join()
        self._connection.close()


def _quietly(loop: asyncio.AbstractEventLoop, function: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(function)


def _too_slow(function: Callable[..., Any], seconds: float) -> ApiProblem:
    log.warning("work was too slow", work=function.__qualname__, seconds=seconds)
    return ApiProblem("too_slow", seconds=round(seconds))


async def bounded(request: Request, function: Callable[[*Ts], T], *args: *Ts) -> T:
    """Calls a function on what a caller brought, in another process, which has :data:`SECONDS` for it."""
    work: BoundedWork = request.app.state.bounded_work
    return await work.run(SECONDS, function, *args)


async def bounded_walk(request: Request, function: Callable[[*Ts], T], *args: *Ts) -> T:
    """The same for what walks a sample of customers."""
    work: BoundedWork = request.app.state.bounded_work
    return await work.run(WALK_SECONDS, function, *args)

"""Durable before acknowledged, at the price of one: whatever waits is stored together, in one transaction.

While one transaction commits, the next gathers. A caller learns the outcome of its events when they are on disk, and
not before; who is told nothing sends again, and the message id makes that harmless.
"""

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import orjson
import psycopg
import structlog
from prometheus_client import Counter, Histogram
from psycopg.types.json import set_json_loads

from orchestrator.core.customers.traits import Traits
from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.store.database import liveness, plain_dsn
from orchestrator.store.faults import is_transient
from orchestrator.store.intake.devices import update_devices
from orchestrator.store.intake.identities import Connection, Identities, Known, Unsettled
from orchestrator.store.intake.incoming import Incoming, Outcome, ReportedDevice, first_of_each
from orchestrator.store.intake.merge import settle
from orchestrator.store.intake.profiles import update_profiles
from orchestrator.store.intake.repetition import drop_repetitions, remember_said
from orchestrator.store.intake.routers_notice import RoutersNotice
from orchestrator.store.intake.tracked_names import NewName, SeenNames
from orchestrator.store.segments.membership import RECHECK
from orchestrator.store.silence import shut_down
from orchestrator.store.tables.workspace import Workspace
from orchestrator.store.workspace import clock_of

log = structlog.get_logger(__name__)

EVENTS = Counter("sojourn_intake_events", "Events by what became of them.", ["outcome"])
BATCH = Histogram(
    "sojourn_intake_batch_events", "Events stored in one transaction.", buckets=(1, 3, 10, 30, 100, 300, 1000, 3000)
)
FLUSH = Histogram("sojourn_intake_flush_seconds", "Time of one storing transaction, its commit included.")

DEVICE_FRESH = timedelta(minutes=10)
"""How long a device that has told of itself need not be written down again, in real time."""
_CLOCK_FRESH = 5.0  # seconds; a change of speed is rare and continuous
_PATIENCE = 4.0
"""Seconds to go on trying before the callers are told; also what one transaction may take."""
_SILENCE = 4  # seconds
STALLED_AFTER = 10.0
"""Seconds without progress, while somebody waits, after which the writer is taken to hang."""
_CLOCK = "select day_seconds, clock_real, clock_journey from workspace"
_INSERT = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
select m, c, k, n, p, x, o, r, case when h then r end
from json_to_recordset(%s::json)
  as given(m text, c uuid, k text, n text, p jsonb, x jsonb, o timestamptz, r timestamptz, h boolean)
on conflict (message_id) do nothing returning message_id
"""


class IntakeBusy(Exception):
    """More waits than can soon be stored: the caller should come back later."""


class IntakeUnavailable(Exception):
    """The database cannot be reached; nothing was stored, or it is not known whether it was."""


@dataclass
class _Submission:
    """The events of one caller, and where their outcomes go."""

    events: Sequence[Incoming]
    done: asyncio.Future[list[Outcome]]
    settled: set[str] = field(default_factory=set)
    """Ids of those events whose identities are settled as far as they can be."""


class _Unfinished(Exception):
    """Bringing customers together takes longer than others should wait. ``left``: ids of the events still to settle."""

    def __init__(self, left: set[str]) -> None:
        super().__init__(f"{len(left)} events")
        self.left = left


@dataclass
class IntakeWriter:
    """One writer for a process. ``most_together``: events in a transaction; ``most_waiting``: in the queue."""

    database_url: str
    most_together: int = 2_000
    most_waiting: int = 20_000
    _queue: deque[_Submission] = field(default_factory=deque)
    _waiting: int = 0
    _owed: int = 0
    """Callers who wait for their outcome."""
    _progress: float = 0.0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: bool = False
    _task: asyncio.Task[None] | None = None
    _connection: Connection | None = None
    _identities: Identities = field(default_factory=Identities)
    _names: SeenNames = field(default_factory=SeenNames)
    _notice: RoutersNotice = field(init=False)
    _clock: Clock = REAL_TIME
    _clock_read: float = float("-inf")

    def __post_init__(self) -> None:
        self._notice = RoutersNotice(self._wake.set)

    async def start(self) -> None:
        """Begins to write. The database need not be there yet."""
        self._task = asyncio.create_task(self._run(), name="intake-writer")

    async def close(self) -> None:
        """Stores what waits, then stops."""
        self._closing = True
        self._wake.set()
        try:
            if self._task is not None:
                await self._task
        finally:
            await self._disconnect()

    async def store(self, events: Sequence[Incoming]) -> list[Outcome]:
        """Stores events durably and says what became of each. Raises IntakeBusy or IntakeUnavailable."""
        if self._waiting + len(events) > max(self.most_waiting, len(events)):
            raise IntakeBusy
        if self._closing:
            raise IntakeUnavailable
        submission = _Submission(events, asyncio.get_running_loop().create_future())
        if not self._owed:
            self._progress = monotonic()
        self._queue.append(submission)
        self._waiting += len(events)
        self._owed += 1
        self._wake.set()
        try:
            return await submission.done
        finally:
            self._owed -= 1

    @property
    def stalled_for(self) -> float:
        """Seconds for which nothing has come of what waits, stored or refused; 0 where nothing waits."""
        return monotonic() - self._progress if self._queue or self._owed else 0.0

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._flush_some(self._take())
                self._progress = monotonic()
            await self._notice.settle(self._connection)
            if self._closing:
                self._notice.close()
                return

    def _take(self) -> list[_Submission]:
        taken: list[_Submission] = []
        events = 0
        while self._queue and (not taken or events + len(self._queue[0].events) <= self.most_together):
            submission = self._queue.popleft()
            self._waiting -= len(submission.events)
            if not submission.done.done():  # else its caller was told that it took too long, and will send it again
                taken.append(submission)
                events += len(submission.events)
        return taken

    async def _flush_some(self, submissions: list[_Submission]) -> None:
        if not submissions:
            return
        events = [event for submission in submissions for event in submission.events]
        settled = {one for submission in submissions for one in submission.settled}
        try:
            outcomes = iter(await self._store_with_retries(events, settled))
        except _Unfinished as unfinished:
            await self._flush_others(submissions, settled, unfinished.left)
            return
        except IntakeUnavailable as unavailable:
            for submission in submissions:
                if not submission.done.done():
                    submission.done.set_exception(unavailable)
            return
        for submission in submissions:
            own: list[Outcome] = [next(outcomes) for _ in submission.events]
            if not submission.done.done():  # the caller may have gone
                submission.done.set_result(own)

    async def _flush_others(self, submissions: list[_Submission], settled: set[str], left: set[str]) -> None:
        """Who has much to settle goes to the end of the queue, and on from there; the others do not wait for them."""
        slow = [one for one in submissions if any(event.message_id in left for event in one.events)]
        for submission in slow:
            submission.settled = settled
            self._waiting += len(submission.events)
        others = [one for one in submissions if one not in slow]
        if others:
            await self._flush_some(others)
        self._queue.extend(slow)

    async def _store_with_retries(self, events: list[Incoming], settled: set[str]) -> list[Outcome]:
        """Retries while the failure is transient; halves the batch while one of its events is at fault."""
        give_up = monotonic() + _PATIENCE
        while True:
            try:
                return await self._store_in_time(events, settled)
            except _Unfinished:
                raise
            except Exception as problem:
                await self._rollback()
                if is_transient(problem):
                    log.warning("intake_database_trouble", problem=type(problem).__name__, events=len(events))
                    if monotonic() > give_up:
                        raise IntakeUnavailable from problem
                    await asyncio.sleep(0.1)
                elif len(events) == 1:
                    log.error("intake_event_failed", problem=type(problem).__name__)
                    EVENTS.labels("failed").inc()
                    return ["failed"]
                else:
                    break
        half = len(events) // 2
        first = await self._store_with_retries(events[:half], settled)
        return first + await self._store_with_retries(events[half:], settled)

    async def _store_in_time(self, events: list[Incoming], settled: set[str]) -> list[Outcome]:
        """As ``_store_once``; a connection that does not answer is cut, for it would hold up everybody behind it."""
        storing = asyncio.ensure_future(self._store_once(events, settled))
        try:
            finished, _ = await asyncio.wait({storing}, timeout=_PATIENCE)
            if not finished:
                log.error("intake_database_silent", seconds=_PATIENCE, events=len(events))
                storing.add_done_callback(self._cut())
                finished, _ = await asyncio.wait({storing}, timeout=0.2)
            if not finished:
                raise TimeoutError
            return await storing
        finally:
            storing.cancel()

    def _cut(self) -> Callable[[asyncio.Future[Any]], None]:
        """Ends the connection from our side, without asking the other: whoever waits for it learns so at once.

        Cancelling the task would first ask the server to cancel, by way of the same network that is silent. Returns
        what is to be done when the task has ended.
        """
        silent, self._connection = self._connection, None
        if silent is not None:
            with contextlib.suppress(psycopg.Error):
                shut_down(silent.fileno())

        def bury(task: asyncio.Future[Any]) -> None:
            if not task.cancelled():
                task.exception()  # it was told already
            if silent is not None:
                silent.pgconn.finish()

        return bury

    async def _store_once(self, events: list[Incoming], settled: set[str]) -> list[Outcome]:
        started = monotonic()
        connection = await self._connected()
        try:
            inserted, known, names = await self._transaction(connection, events, settled)
        except Unsettled as unsettled:
            await connection.rollback()
            settlement = await settle(connection, unsettled.events, self._clock, events)
            await connection.commit()
            self._identities.forget(settlement.changed, settlement.merges)
            self._identities.keep_apart(settlement.held)
            settled |= settlement.settled
            if left := {event.message_id for event in unsettled.events} - settled:
                raise _Unfinished(left) from None
            settled |= {event.message_id for event in events}
            inserted, known, names = await self._transaction(connection, events, settled)
        await connection.commit()
        self._identities.remember(known)
        self._names.remember(names)
        FLUSH.observe(monotonic() - started)
        BATCH.observe(len(events))
        return _outcomes(events, inserted)

    async def _transaction(
        self, connection: Connection, events: list[Incoming], settled: set[str]
    ) -> tuple[set[str], Known, list[NewName]]:
        """All that one commit makes durable: customers, events, profiles, names, and the word to the router."""
        await self._identities.begin(connection)
        await self._read_clock(connection)
        now = self._clock.now()
        known = await self._identities.resolve(connection, events, now, settled=settled)
        events = await drop_repetitions(connection, events, self._clock)
        rows = orjson.dumps([self._row(event, known) for event in events]).decode()
        inserted = {row[0] for row in await (await connection.execute(_INSERT, (rows,))).fetchall()}
        names: list[NewName] = []
        if inserted:
            said: dict[UUID, list[Traits]] = defaultdict(list)
            devices: list[tuple[UUID, ReportedDevice, datetime]] = []
            stored = first_of_each(events, inserted)
            for event in stored:
                names += self._names.new_in_event(event.name, event.properties)
                if event.device is not None:
                    devices.append((known[event.key].customer, event.device, self._clock.at(event.occurred_at)))
                if event.traits:
                    said[known[event.key].customer].append(self._as_said(event, event.traits))
                    names += self._names.new_in_attributes(event.traits.attributes)
            if said:
                await update_profiles(connection, said, now)
                await remember_said(connection, stored, self._clock)
            if devices:
                await update_devices(connection, devices, DEVICE_FRESH * self._clock.speed)
            if names:
                await self._names.record(connection, names, now)
            if past := {known[event.key].customer for event in stored if event.history}:
                await connection.execute(RECHECK, {"customers": sorted(past)})  # no router will be offered it
            await self._notice.add_to(connection)
        return inserted, known, names

    def _row(self, event: Incoming, known: Known) -> dict[str, Any]:
        return {
            "m": event.message_id,
            "c": known[event.key].customer,
            "k": event.kind,
            "n": event.name,
            "p": orjson.Fragment(event.properties_json),
            "x": orjson.Fragment(event.context_json),
            "o": self._clock.at(event.occurred_at),
            "r": self._clock.at(event.received_at),
            "h": event.history,
        }

    def _as_said(self, event: Incoming, traits: Traits) -> Traits:
        """In journey time, with what proves it."""
        at = self._clock.at(traits.at)
        acts = {name: replace(act, at=self._clock.at(act.at)) for name, act in traits.acts.items()}
        return replace(traits, at=at, acts=acts, cause=event.message_id, source=event.source, history=event.history)

    async def _read_clock(self, connection: Connection) -> None:
        if monotonic() - self._clock_read < _CLOCK_FRESH:
            return
        cursor = await connection.execute(_CLOCK)
        rows = await cursor.fetchall()
        self._clock = clock_of(
            Workspace(day_seconds=rows[0][0], clock_real=rows[0][1], clock_journey=rows[0][2]) if rows else None
        )
        self._clock_read = monotonic()

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            connection = await psycopg.AsyncConnection.connect(
                plain_dsn(self.database_url),
                application_name="sojourn intake",
                options=f"-c timezone=UTC -c statement_timeout={int(_PATIENCE * 1000)}",
                **liveness(connect=2, silence=_SILENCE),
            )
            set_json_loads(orjson.loads, connection)
            names = SeenNames()
            try:
                await names.load(connection)
                await connection.commit()
            except BaseException:
                connection.pgconn.finish()
                raise
            self._connection, self._names = connection, names
        return self._connection

    async def _rollback(self) -> None:
        """Back to a usable connection, or to none: the next attempt makes one."""
        if self._connection is not None and not self._connection.closed:
            try:
                await self._connection.rollback()
            except psycopg.Error:
                await self._disconnect()

    async def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None


def _outcomes(events: Sequence[Incoming], inserted: set[str]) -> list[Outcome]:
    left = set(inserted)
    outcomes: list[Outcome] = []
    for event in events:
        if event.message_id in left:
            left.remove(event.message_id)
            outcomes.append("stored")
        else:
            outcomes.append("duplicate")
    EVENTS.labels("stored").inc(len(inserted))
    EVENTS.labels("duplicate").inc(len(events) - len(inserted))
    return outcomes

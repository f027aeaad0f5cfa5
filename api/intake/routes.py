"""The front door: Segment's HTTP tracking specification. What is acknowledged here is on disk."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from prometheus_client import Histogram
from starlette.responses import Response

from api.http.body import parse_json, read_body
from api.http.problems import ApiProblem, json_response, language
from api.intake.calls import KINDS, Envelope, read_call, read_passing_traits, read_sent_at
from api.intake.openapi import describe
from api.intake.overload import Admission
from api.intake.write_keys import WriteKey, WriteKeys
from orchestrator.settings import Settings
from orchestrator.store.intake.aliases import names_of
from orchestrator.store.intake.incoming import Incoming, Outcome
from orchestrator.store.intake.writer import EVENTS, IntakeBusy, IntakeUnavailable, IntakeWriter

log = structlog.get_logger(__name__)

MOST_EVENTS = 2_500
"""In a batch."""

BULK = 200
"""Events in a request from which on they are stored beside the others, by a writer of their own: a transaction of
thousands takes as long as a hundred single calls should not have to wait."""
AT_A_TIME = 100
"""Calls that are read before others have their turn."""

MOST_USERS = 20
"""Of one device in one request; the store holds the same within a day (``identities.taken_over``)."""

PATIENCE = 4.5
"""Seconds after which a caller learns that nothing was stored in time."""

SECONDS = Histogram("sojourn_intake_request_seconds", "Time from a request's arrival to its acknowledgement.", ["call"])
_SECONDS = {kind: SECONDS.labels(kind) for kind in (*KINDS, "batch")}


class _DirectRoute(APIRoute):
    """Hands the request straight to the endpoint, which reads it by itself. Calls pass by here only where ``door.py``
    does not stand before; the routes are there for ``/docs``, and for methods that intake does not know."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself."""
        take: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return take


router = APIRouter(prefix="/v1", tags=["Intake"], route_class=_DirectRoute)


@dataclass
class DeviceUsers:
    """Who was named together with which device in a request."""

    _users: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def check(self, event: Incoming, warnings: list[ApiProblem]) -> None:
        """One user too many: the call stays theirs, and the device stays where it is, with a warning."""
        if event.user_id is None or event.anonymous_id is None:
            return
        users = self._users[event.anonymous_id]
        if event.user_id in users or len(users) < MOST_USERS:
            users.add(event.user_id)
            return
        event.anonymous_id = None
        warnings.append(ApiProblem("crowded_device", "anonymousId", limit=MOST_USERS))


@dataclass
class _Reading:
    """What was read of a request: events, each with its call's place, and what was wrong with other calls."""

    events: list[Incoming] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    rejected: list[tuple[int, ApiProblem]] = field(default_factory=list)
    warnings: list[tuple[int, ApiProblem]] = field(default_factory=list)
    device_users: DeviceUsers = field(default_factory=DeviceUsers)


@dataclass
class Intake:
    """Checks requests and hands their events to the writer."""

    settings: Settings
    keys: WriteKeys
    writer: IntakeWriter
    admission: Admission = field(default_factory=Admission)
    bulk: IntakeWriter | None = None
    """For large requests; None: as all others."""

    async def take(self, request: Request, kind: str) -> Response | None:
        """One request. ``kind``: of its only call, or ``batch``. None: all is stored, and nothing else to be said."""
        await self.admission.require_room(request)
        with _SECONDS[kind].time(), self.admission.under_way():
            received_at = datetime.now(UTC)
            key = await self.keys.of_header(request)
            body = await read_body(request)
            with self.admission.holding(len(body)):
                document = parse_json(body)
                if not isinstance(document, dict):
                    raise ApiProblem("wrong_type", None, expected="object")
                key = key or await self.keys.of_body(request, document)
                reading = await self._read(document, kind, Envelope(received_at, browser=self.speaker(key)))
                self.keys.limits.admit(key.name, key.per_minute, len(reading.events))
                await self._refuse_aliases(reading)
                await self._store(reading)
        if not reading.rejected and not reading.warnings:
            return None
        return _answer(reading, kind, language(request))

    async def take_from_server(self, body: bytes, kind: str, locale: str) -> Response:
        """A call of a program beside us, which needs no key: as a server key's."""
        document = parse_json(body)
        if not isinstance(document, dict):
            raise ApiProblem("wrong_type", None, expected="object")
        reading = await self._read(document, kind, Envelope(datetime.now(UTC)))
        await self._store(reading)
        return _answer(reading, kind, locale)

    def speaker(self, key: WriteKey) -> Settings | None:
        """What decides of whom this key may speak; None: of everybody."""
        return self.settings if key.kind == "browser" else None

    async def _read(self, document: dict[str, Any], kind: str, envelope: Envelope) -> _Reading:
        reading = _Reading()
        if kind != "batch":
            self._read_one(document, 0, kind, envelope, reading)
            return reading
        calls, context = document.get("batch"), document.get("context")
        if calls is None:
            raise ApiProblem("missing_field", "batch")
        if not isinstance(calls, list):
            raise ApiProblem("wrong_type", "batch", expected="array")
        if len(calls) > MOST_EVENTS:
            raise ApiProblem("too_many_events", "batch", count=len(calls), limit=MOST_EVENTS)
        common = context if isinstance(context, dict) else {}
        envelope = replace(envelope, sent_at=read_sent_at(document), context=common)
        for place, call in enumerate(calls):
            if place % AT_A_TIME == AT_A_TIME - 1:
                await asyncio.sleep(0)
            self._read_one(call, place, None, envelope, reading)
        return reading

    def _read_one(self, call: object, place: int, kind: str | None, envelope: Envelope, reading: _Reading) -> None:
        warnings: list[ApiProblem] = []
        try:
            event = read_call(call, kind, envelope, warnings)
            reading.device_users.check(event, warnings)
            events = [event]
            if b'"traits"' in event.context_json and isinstance(call, dict):
                passing = read_passing_traits(call, event, warnings)
                if passing is not None:
                    events.append(passing)
        except ApiProblem as problem:
            reading.rejected.append((place, problem))
            return
        except Exception as error:  # whatever one call holds, the others are not to be lost with it
            log.error("unforeseen in a call", problem=type(error).__name__, exc_info=error)
            reading.rejected.append((place, ApiProblem("unreadable_call", None, reason=type(error).__name__)))
            return
        reading.events += events
        reading.places += [place] * len(events)
        reading.warnings += [(place, warning) for warning in warnings]

    def stalled_for(self) -> float:
        """Seconds for which a writer has made no progress although events wait for it."""
        return max(self.writer.stalled_for, self.bulk.stalled_for if self.bulk else 0.0)

    async def _refuse_aliases(self, reading: _Reading) -> None:
        """A page may give a visitor a name, and not make two known customers one."""
        asked = [event for event in reading.events if event.kind == "alias" and event.said_by == "browser"]
        if not asked or self.keys.engine is None:
            return
        names = await names_of(self.keys.engine, {event.previous_id or "" for event in asked})
        refused = {id(event) for event in asked if names.get(event.previous_id or "", set()) - {event.user_id}}
        for n in reversed(range(len(reading.events))):
            if id(reading.events[n]) in refused:
                del reading.events[n]
                reading.rejected.append((reading.places.pop(n), ApiProblem("server_key_needed", "previousId")))

    async def _store(self, reading: _Reading) -> None:
        EVENTS.labels("rejected").inc(len(reading.rejected))
        if not reading.events:
            return
        try:
            writer = self.bulk if self.bulk is not None and len(reading.events) >= BULK else self.writer
            outcomes = await store_in_time(writer, reading.events)
        except IntakeBusy:
            raise ApiProblem("busy", seconds=1) from None
        except IntakeUnavailable:
            raise ApiProblem("unavailable", seconds=1) from None
        for place, event, outcome in zip(reading.places, reading.events, outcomes, strict=True):
            if outcome == "failed":
                reading.rejected.append((place, ApiProblem("not_stored", None, message_id=event.message_id)))


async def store_in_time(writer: IntakeWriter, events: list[Incoming]) -> list[Outcome]:
    """What became of the events. Raises ``IntakeBusy``, or ``IntakeUnavailable`` after :data:`PATIENCE` at the latest:
    what still waits in the queue then is not stored any more; whether what was under way is, nobody knows."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await writer.store(events)
    except TimeoutError:
        raise IntakeUnavailable from None


def _answer(reading: _Reading, kind: str, locale: str) -> Response:
    if kind != "batch" and reading.rejected:
        raise reading.rejected[0][1]
    answer: dict[str, Any] = {"success": True}
    for name, found in (("rejected", reading.rejected), ("warnings", reading.warnings)):
        if found:
            answer[name] = [{"index": place, **problem.rendered(locale)} for place, problem in found]
    return json_response(answer)


def _endpoint(kind: str) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def take(request: Request) -> Response:
        intake: Intake = request.app.state.intake
        return await intake.take(request, kind) or json_response({"success": True})

    return take


def _add(kind: str) -> None:
    """The call's address, and the first letter for it that the browser and mobile libraries use."""
    documentation: Mapping[str, Any] = describe(kind)
    router.add_api_route(f"/{kind}", _endpoint(kind), methods=["POST"], name=kind, **documentation)
    router.add_api_route(f"/{kind[0]}", _endpoint(kind), methods=["POST"], include_in_schema=False)


for _kind in (*KINDS, "batch"):
    _add(_kind)

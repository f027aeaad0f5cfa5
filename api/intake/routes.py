"""The front door: Segment's HTTP tracking specification. What is acknowledged here is on disk."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from prometheus_client import Histogram
from starlette.responses import Response

from api.http.body import parse_json, read_body
from api.http.problems import ApiProblem, json_response, language
from api.intake.calls import KINDS, Envelope, read_call, read_passing_traits, read_sent_at
from api.intake.crowded_devices import DeviceUsers
from api.intake.openapi import describe
from api.intake.write_keys import WriteKeys
from orchestrator.store.intake.incoming import IdentityKey, Incoming, ReportedDevice
from orchestrator.store.intake.writer import EVENTS, IntakeBusy, IntakeUnavailable, IntakeWriter

MOST_EVENTS = 2_500
"""In a batch."""
DEVICE_FRESH = 600.0
"""Seconds for which a device that has told of itself need not be written down again."""
_REMEMBERED_TRAITS = 20_000

SECONDS = Histogram("sojourn_intake_request_seconds", "Time from a request's arrival to its acknowledgement.", ["call"])


class _DirectRoute(APIRoute):
    """Hands the request straight to the endpoint, which reads it by itself: FastAPI's own reading would cost more than
    storing the event does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself."""
        take: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return take


router = APIRouter(prefix="/v1", tags=["Intake"], route_class=_DirectRoute)


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

    keys: WriteKeys
    writer: IntakeWriter
    _passing_traits: dict[IdentityKey, int] = field(default_factory=dict)
    _devices: dict[ReportedDevice, tuple[IdentityKey, float]] = field(default_factory=dict)

    async def take(self, request: Request, kind: str) -> Response:
        """One request. ``kind``: of its only call, or ``batch``."""
        with SECONDS.labels(kind).time():
            received_at = datetime.now(UTC)
            known = self.keys.check_header(request.headers.get("authorization"))
            document = parse_json(await read_body(request))
            if not isinstance(document, dict):
                raise ApiProblem("wrong_type", None, expected="object")
            if not known:
                self.keys.check_body(document.get("writeKey"))
            reading = self._read(document, kind, received_at)
            await self._store(reading)
        return _answer(reading, kind, language(request))

    def _read(self, document: dict[str, Any], kind: str, received_at: datetime) -> _Reading:
        reading = _Reading()
        if kind != "batch":
            self._read_one(document, 0, kind, Envelope(received_at), reading)
            return reading
        calls, context = document.get("batch"), document.get("context")
        if calls is None:
            raise ApiProblem("missing_field", "batch")
        if not isinstance(calls, list):
            raise ApiProblem("wrong_type", "batch", expected="array")
        if len(calls) > MOST_EVENTS:
            raise ApiProblem("too_many_events", "batch", count=len(calls), limit=MOST_EVENTS)
        envelope = Envelope(received_at, read_sent_at(document), context if isinstance(context, dict) else {})
        for place, call in enumerate(calls):
            self._read_one(call, place, None, envelope, reading)
        return reading

    def _read_one(self, call: object, place: int, kind: str | None, envelope: Envelope, reading: _Reading) -> None:
        warnings: list[ApiProblem] = []
        try:
            event = read_call(call, kind, envelope, warnings)
            reading.device_users.check(event, warnings)
            events = [event]
            if event.device is not None and not self._is_new_device(event, event.device):
                event.device = None
            if b'"traits"' in event.context_json and isinstance(call, dict):
                passing = read_passing_traits(call, event, warnings)
                if passing is not None and self._has_changes(passing):
                    events.append(passing)
        except ApiProblem as problem:
            reading.rejected.append((place, problem))
            return
        reading.events += events
        reading.places += [place] * len(events)
        reading.warnings += [(place, warning) for warning in warnings]

    def _has_changes(self, passing: Incoming) -> bool:
        """Mobile libraries repeat all traits in every call: only what differs from the last time is worth storing."""
        said = hash(passing.properties_json)
        if self._passing_traits.get(passing.key) == said:
            return False
        if len(self._passing_traits) >= _REMEMBERED_TRAITS:
            self._passing_traits.clear()
        self._passing_traits[passing.key] = said
        return True

    def _is_new_device(self, event: Incoming, device: ReportedDevice) -> bool:
        """Mobile libraries name their device in every call: now and then is enough to know that it is still there."""
        said = self._devices.get(device)
        if said is not None and said[0] == event.key and monotonic() - said[1] < DEVICE_FRESH:
            return False
        if len(self._devices) >= _REMEMBERED_TRAITS:
            self._devices.clear()
        self._devices[device] = event.key, monotonic()
        return True

    async def _store(self, reading: _Reading) -> None:
        EVENTS.labels("rejected").inc(len(reading.rejected))
        if not reading.events:
            return
        try:
            outcomes = await self.writer.store(reading.events)
        except IntakeBusy:
            raise ApiProblem("busy", seconds=1) from None
        except IntakeUnavailable:
            raise ApiProblem("unavailable", seconds=1) from None
        for place, event, outcome in zip(reading.places, reading.events, outcomes, strict=True):
            if outcome == "failed":
                reading.rejected.append((place, ApiProblem("not_stored", None, message_id=event.message_id)))


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
        return await intake.take(request, kind)

    return take


def _add(kind: str) -> None:
    """The call's address, and the first letter for it that the browser and mobile libraries use."""
    documentation: Mapping[str, Any] = describe(kind)
    router.add_api_route(f"/{kind}", _endpoint(kind), methods=["POST"], name=kind, **documentation)
    router.add_api_route(f"/{kind[0]}", _endpoint(kind), methods=["POST"], include_in_schema=False)


for _kind in (*KINDS, "batch"):
    _add(_kind)

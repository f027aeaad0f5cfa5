"""A test run of a journey as drawn: a customer, picked or invented; events; a clock. Nothing is stored, nothing sent.

Stateless: whoever asks sends the whole script each time, so that one may change any part of it and look again.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.documents.body import MOST_BYTES, require_within_limits
from api.documents.hidden_secrets import revealed
from api.documents.problems import refusal
from api.http.access import Require
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, ProblemBody, known_customer, resources_of
from api.http.problems import ApiProblem, json_response, language
from api.previews.test_run_schemas import TestRun, TestScript
from orchestrator.core.commands import Transition
from orchestrator.core.conditions.customer import Log
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.journey.template_use import templates_of
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import policy_for
from orchestrator.core.simulation.example_events import entry_events, passing
from orchestrator.core.simulation.interactive_run import InteractiveRun, NarratedSend, RunEnvironment
from orchestrator.core.simulation.narrate import end
from orchestrator.core.simulation.simulator import Person, SimulatedRun, recipient_of
from orchestrator.core.steps.narration import Scope
from orchestrator.core.text import Text
from orchestrator.store.customers.sample import load_person
from orchestrator.store.customers.view import load_newest
from orchestrator.store.tables.workspace import Workspace
from orchestrator.store.templates.source import load_named
from orchestrator.store.workspace import clock_of, load_workspace, zone_of


class JourneyBody(BoundedBody):
    """As large as a journey may be."""

    most = MOST_BYTES


router = APIRouter(
    prefix="/api",
    tags=["Test run"],
    dependencies=[Depends(Require("draw"))],
    responses=REFUSALS,
    route_class=JourneyBody,
)

MOST_HISTORY = 5_000
LONGEST = timedelta(days=3_660)
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@router.post(
    "/journeys/test-run",
    summary="Test a journey",
    response_model=TestRun,
    responses={409: {"model": ProblemBody, "description": "The journey has errors; they are in `problems`."}},
)
async def test_run(request: Request, script: TestScript) -> Response:
    """Walks a customer through the journey as drawn, with the reason of every decision. Nothing is sent or stored."""
    plan = await asyncio.to_thread(_compiled, script.document, request)
    async with resources_of(request).sessions() as session:
        workspace = await load_workspace(session)
    start = script.start or clock_of(workspace).now()
    until = script.until or start
    _check_times(script, start, until)
    interactive_run = await _interactive_run(request, script, plan, workspace, start, until)
    events = [
        CustomerEvent(f"test-{n}", event.name, event.at, dict(event.properties))
        for n, event in enumerate(script.events)
    ]
    for customer_event in events:
        if customer_event.occurred_at < start:
            interactive_run.person.log.add(customer_event)
    answer = await asyncio.to_thread(
        _played, interactive_run, [one for one in events if one.occurred_at >= start], start
    )
    return json_response(answer)


def _compiled(document: dict[str, Any], request: Request) -> Plan:
    require_within_limits(document)
    document = revealed(request, document)
    result = compile_journey(document)
    if result.plan is None:
        raise refusal(result.problems, language(request))
    return result.plan


def _check_times(script: TestScript, start: datetime, until: datetime) -> None:
    for name, at in (("start", start), ("until", until)):
        if not EARLIEST <= at <= LATEST:
            raise ApiProblem("invalid_parameter", name, reason=f"{EARLIEST.year}–{LATEST.year}")
    if not start <= until <= start + LONGEST:
        raise ApiProblem("invalid_parameter", "until", reason=f"start … start + {LONGEST.days} d")
    for n, event in enumerate(script.events):
        if not EARLIEST <= event.at <= LATEST:
            raise ApiProblem("invalid_parameter", f"events.{n}.at", reason=f"{EARLIEST.year}–{LATEST.year}")


async def _interactive_run(
    request: Request, script: TestScript, plan: Plan, workspace: Workspace | None, start: datetime, until: datetime
) -> InteractiveRun:
    settings = resources_of(request).settings
    own = workspace.settings if workspace else {}
    locale = workspace.locale if workspace else settings.workspace_locale
    given = script.customer
    person = Person(f"test-{given.seed}", zone=zone_of(workspace, settings))
    known: dict[str, Any] = {"id": person.id, "external_id": None, "email": None, "phone": None, "locale": None}
    if given.id is not None:
        person = await _customer(request, given.id, start, person.zone)
        known |= {"id": person.id, "locale": person.locale, **person.known}
    person.attributes |= given.attributes
    person.zone = given.time_zone or person.zone
    person.stage = given.stage or person.stage
    person.consents = person.consents if given.consents is None else dict(given.consents)
    person.tags = person.tags if given.tags is None else list(given.tags)
    person.contacts = person.contacts if given.contacts is None else dict(given.contacts)
    known |= {"email": person.contacts.get("email"), "phone": person.contacts.get("phone")}
    known["locale"] = given.locale or known["locale"]
    person.locale = known["locale"]
    policy = policy_for(own.get("sending"), recipient_of(person).country)
    async with resources_of(request).engine.connect() as db:
        named = await load_named(db, templates_of(plan.journey))
    environment = RunEnvironment(policy, Sender.of(own), own, locale, named)
    return InteractiveRun(plan, person, until, environment, known, known["locale"] or "")


async def _customer(request: Request, given: str, start: datetime, zone: str) -> Person:
    """A copy of a customer that there is: as decisions at a real send see them, with their history up to the start."""
    engine = resources_of(request).engine
    identity = await known_customer(request, given)
    person = await load_person(engine, identity, start, zone)
    if person is None:
        raise ApiProblem("unknown_customer", "customer")
    async with engine.connect() as db:
        person.log = Log(await load_newest(db, identity, start, MOST_HISTORY))
    return person


def _played(interactive_run: InteractiveRun, events: list[CustomerEvent], start: datetime) -> dict[str, Any]:
    interactive_run.play(events)
    person = interactive_run.person
    answer = {
        "start": start,
        "until": interactive_run.until,
        "entries": [
            {"at": e.at, "event": e.event, "admitted": e.admitted, "reason": e.reason, "text": e.text.by_locale()}
            for e in interactive_run.entries
        ],
        "heard": [{"at": one.at, "event": one.name, "text": one.text.by_locale()} for one in interactive_run.heard],
        "runs": [_run(interactive_run, run) for run in interactive_run.runs],
        "entry_events": entry_events(interactive_run.plan),
        "customer": {
            "attributes": dict(person.attributes),
            "consents": dict(person.consents),
            "tags": list(person.tags),
            "stage": person.stage,
        },
        "stopped": _stopped(interactive_run),
    }
    answer["next_at"] = interactive_run.next_at()  # last: it walks on
    return answer


def _stopped(interactive_run: InteractiveRun) -> dict[str, Any] | None:
    if interactive_run.too_long is None:
        return None
    text = Text(
        "More happens here than a test run shows. Move the clock less far, or look for a loop that hardly waits."
    )
    return {"at": interactive_run.too_long, "text": text.by_locale()}


def _run(interactive_run: InteractiveRun, run: SimulatedRun) -> dict[str, Any]:
    lines = interactive_run.trace(run)
    return {
        "key": run.key,
        "transitions": [_line(interactive_run, run, one) for one in lines],
        "sends": [_message(told) for told in interactive_run.sends if told.run == run.run_id],
        "now": _now(interactive_run, run) if run.live else None,
        "ended": _end(interactive_run, run, lines) if not run.live else None,
    }


def _line(interactive_run: InteractiveRun, run: SimulatedRun, one: Transition) -> dict[str, Any]:
    return {
        "at": one.at,
        "what": one.what,
        "step": one.step,
        "occurrence": one.occurrence,
        "port": one.port,
        "text": interactive_run.text(run, one).by_locale(),
    }


def _message(told: NarratedSend) -> dict[str, Any]:
    send, composed = told.send, told.content
    content = None
    if composed is not None:
        words = composed.words
        content = {
            "locale": composed.locale,
            "subject": words.subject,
            "preheader": words.preheader,
            "body": words.body,
            "html": composed.html or None,
            "missing": list(composed.missing),
        }
    return {
        "at": send.at,
        "step": send.step,
        "occurrence": send.occurrence,
        "channel": send.channel,
        "outcome": send.outcome,
        "reason": send.reason,
        "until": told.until,
        "text": told.text.by_locale(),
        "content": content,
    }


def _now(interactive_run: InteractiveRun, run: SimulatedRun) -> dict[str, Any]:
    state = run.state
    return {
        "step": state.step,
        "waiting_until": state.until,
        "listening": list(state.listening),
        "wakes": _wakes(interactive_run.plan, run),
        "text": interactive_run.standing(run).by_locale(),
    }


def _wakes(plan: Plan, run: SimulatedRun) -> list[dict[str, Any]]:
    """What to play next: the step's own events first, then those of goals and exits."""
    state, step = run.state, plan.steps[run.state.step]
    scope = Scope(state.entry, state.event, state.variables, state.began)
    awaited = step.awaits() if state.names else ()
    found: list[tuple[str, str | None, Any]] = [(one.event, one.port, one.where) for one in awaited]
    given: dict[tuple[str, str | None], Mapping[str, Any]] = {(one.event, one.port): one.example for one in awaited}
    found += [(name, None, None) for name in state.names if name not in {one[0] for one in found}]
    rules = [(goal.event, goal.where) for goal in plan.journey.goals]
    rules += [(rule.event, rule.where) for rule in plan.journey.exits if rule.event is not None]
    for event, where in rules:  # a purchase that is a goal and an exit too is one thing to play
        if event not in {one[0] for one in found}:
            found.append((event, None, where))
    return [
        {
            "event": event,
            "port": port,
            "properties": {
                **given.get((event, port), {}),
                **({} if where is None else passing(scope.bound(where))),
            },
        }
        for event, port, where in found
        if event != CUSTOMER_UPDATED or port is not None
    ]


def _end(interactive_run: InteractiveRun, run: SimulatedRun, lines: tuple[Transition, ...]) -> dict[str, Any]:
    last = lines[-1]
    return {"at": last.at, "reason": run.state.reason, "text": end(interactive_run.plan, run.state.reason).by_locale()}

"""A test run carried out, and what the API answers of it. In a process of its own: imports only what that needs."""

from collections.abc import Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from api.previews.snapshots import SnapshotWriter, inputs_as_json
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.commands import Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.journey.plan import Plan
from orchestrator.core.simulation.example_events import entry_events, passing
from orchestrator.core.simulation.interactive_run import InteractiveRun, NarratedSend, RunEnvironment
from orchestrator.core.simulation.narrate import end
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.simulation.snapshots import KeepsSnapshots
from orchestrator.core.steps.narration import Scope
from orchestrator.core.text import Text


def play(
    plan: Plan,
    person: Person,
    until: datetime,
    environment: RunEnvironment,
    known: Mapping[str, Any],
    events: list[CustomerEvent],
    start: datetime,
) -> dict[str, Any]:
    """Walks a customer through the journey; events before the start are their history."""
    interactive_run = KeepsSnapshots(plan, person, until, environment, known, known["locale"] or "")
    for one in events:
        if one.occurred_at < start:
            person.log.add(one)
    return _played(interactive_run, [one for one in events if one.occurred_at >= start], start)


def _played(interactive_run: KeepsSnapshots, events: list[CustomerEvent], start: datetime) -> dict[str, Any]:
    interactive_run.play(events)
    person, writer = interactive_run.person, SnapshotWriter()
    answer = {
        "start": start,
        "until": interactive_run.until,
        "entries": [
            {"at": e.at, "event": e.event, "admitted": e.admitted, "reason": e.reason, "text": e.text.by_locale()}
            for e in interactive_run.entries
        ],
        "events": [{"at": one.at, "event": one.name, "text": one.text.by_locale()} for one in interactive_run.heard],
        "runs": [_run(interactive_run, run, writer) for run in interactive_run.runs],
        "customers": writer.customers,
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
        "More happens here than a test run can show. Move the clock forward less, or look for a loop that barely waits."
    )
    return {"at": interactive_run.too_long, "text": text.by_locale()}


def _run(interactive_run: KeepsSnapshots, run: SimulatedRun, writer: SnapshotWriter) -> dict[str, Any]:
    lines = interactive_run.trace(run)
    snapshots = [writer.write(one) for one in interactive_run.snapshots(run)]
    return {
        "key": run.key,
        "transitions": [
            {**_line(interactive_run, run, one), "snapshot": snapshot}
            for one, snapshot in zip_longest(lines, snapshots[: len(lines)])
        ],
        "sends": [_message(told, interactive_run.tz) for told in interactive_run.sends if told.run == run.run_id],
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


def _message(told: NarratedSend, tz: ZoneInfo) -> dict[str, Any]:
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
            "options": composed.options,
            "form": CHANNELS[send.channel].measured(words.subject, words.body, composed.options).form,
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
        "inputs": [] if told.decision is None else inputs_as_json(told.decision.inputs, tz),
    }


def _now(interactive_run: InteractiveRun, run: SimulatedRun) -> dict[str, Any]:
    state = run.state
    return {
        "step": state.step,
        "waiting_until": state.until,
        "listening": list(state.listening),
        "waking_events": _waking_events(interactive_run.plan, run),
        "text": interactive_run.standing(run).by_locale(),
    }


def _waking_events(plan: Plan, run: SimulatedRun) -> list[dict[str, Any]]:
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

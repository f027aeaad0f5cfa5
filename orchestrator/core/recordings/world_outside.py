"""What the world outside answered a run: providers, other systems, coupon pools. Told as a script tells it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.core.commands import Transition
from orchestrator.core.recordings.made_up import MadeUp
from orchestrator.core.recordings.recorded_run import RecordedRun, RecordedSend
from orchestrator.core.scenarios.script import Outside, Timed
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.message import Sending
from orchestrator.core.steps.webhook import Webhook


@dataclass
class _Visit:
    """One visit to a step that asks something of the world outside."""

    since: datetime
    """From here on the answer may stand: what asked before has had its own."""
    results: dict[str, Any] = field(default_factory=dict)
    pools: dict[str, str] = field(default_factory=dict)


def outside_of(run: RecordedRun, made_up: MadeUp) -> list[Timed]:
    """How the world outside stood, each change in the middle between those that it was different to."""
    told: list[Timed] = []
    stands: dict[str, Any] = {}
    pools: dict[str, str] = {}
    for visit in _visits(run, made_up):
        results = {name: said for name, said in visit.results.items() if stands.get(name, "ok") != said}
        changed = {name: state for name, state in visit.pools.items() if pools.get(name, "open") != state}
        stands |= results
        pools |= changed
        if results:
            told.append(Timed(visit.since, Outside(results=results)))
        if changed:
            told.append(Timed(visit.since, Outside(pools=changed)))
    return told


def _visits(run: RecordedRun, made_up: MadeUp) -> Iterator[_Visit]:
    sends = {(one.step, one.occurrence): one for one in run.sends}
    since, left = run.began, run.began
    for line in run.lines:
        step = run.plan.steps.get(line.step)
        if line.what == "entered" and isinstance(step, Sending | Webhook | Coupon):
            since = run.began if left == run.began else left + (line.at - left) / 2
            send = sends.get((line.step, line.occurrence))
            if isinstance(step, Sending) and send is not None:
                yield _Visit(since, _of_message(step, send))
        if line.what == "left" and isinstance(step, Webhook | Coupon):
            yield _of_answer(run, line, step, sends.get((line.step, line.occurrence)), since, made_up)
        if line.what == "left" and isinstance(step, Sending | Webhook | Coupon):
            left = line.at


def _of_message(step: Any, send: RecordedSend) -> dict[str, Any]:
    """``unreachable`` of those channels that it went past for that; ``unknown`` where nobody knows."""
    channels = (step.settings.channel, *step.settings.fallback)
    passed: Mapping[str, Any] = send.inputs.get("passed") or {}
    over = [name for name in channels if (passed.get(name) or {}).get("code") == "unreachable"]
    if send.reason == "unreachable":
        return {step.id: "unreachable"}
    results: dict[str, Any] = {name: "unreachable" if name in over else "ok" for name in channels}
    return results | {step.id: "unknown" if send.status == "unknown" else "ok"}


def _of_answer(
    run: RecordedRun, line: Transition, step: Any, send: RecordedSend | None, since: datetime, made_up: MadeUp
) -> _Visit:
    if isinstance(step, Coupon):
        state = {"empty": "empty", "had": "had"}.get(line.port, "open")
        return _Visit(since, pools={step.settings.pool: state})
    if line.port == step.FAILED.name:
        return _Visit(since, {step.id: "failed"})
    values = {} if send is None else send.inputs.get("values") or {}
    answer: dict[str, Any] = {}
    for name, path in step.settings.response.items():
        _put(answer, path.split("."), made_up.value(name, values.get(name)))
    return _Visit(since, {step.id: {"answer": answer}} if answer else {step.id: "ok"})


def _put(answer: dict[str, Any], path: list[str], value: Any) -> None:
    """``data.items.0.id`` into objects: a place in a list is told as the name that it is looked up by."""
    for name in path[:-1]:
        inner = answer.get(name)
        answer[name] = inner if isinstance(inner, dict) else {}
        answer = answer[name]
    answer[path[-1]] = value

"""One run's path, line by line, in the words of a test run."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from api.previews.snapshots import inputs_as_json
from orchestrator.core.commands import Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.trouble import describe_problem
from orchestrator.core.sending.reasons import outcome_in_words
from orchestrator.core.simulation.narrate import narrate, title
from orchestrator.core.steps.narration import NarrationContext, Scope, Waiting
from orchestrator.core.text import Names, Text
from orchestrator.store.runs.path import PathSend, RunPath


def path_as_json(found: RunPath, plans: Mapping[str, Plan], tz: ZoneInfo, names: Names) -> dict[str, Any]:
    """The run, what it went through, and its messages, each with its words; times in words are of ``tz``.

    ``plans``: those that it followed, by their hashes (:func:`plans_followed`).
    """
    told = [(line, text.naming(names)) for line, text in _told(found, plans, tz)]
    last = _last_entered(found)
    here = next((text for line, text in told if line.seq == last), None)
    return {
        "run": _run(found, here),
        "transitions": [
            {
                "seq": line.seq,
                "at": line.at,
                "what": line.what,
                "step": line.step,
                "occurrence": line.occurrence,
                "port": line.port,
                "text": text.by_locale(),
            }
            for line, text in told
        ],
        "sends": [_send(send, tz) for send in found.sends],
    }


def problem_text(problem: str | None) -> dict[str, str] | None:
    """What is wrong with a run, in words."""
    return None if problem is None else describe_problem(problem).by_locale()


def plans_followed(found: RunPath) -> list[str]:
    """Of each line of the trace, the hash of the plan by which it was written; then of the one that the run follows."""
    hashes, plan = [found.run.plan_hash], found.run.plan_hash
    for line in reversed(found.lines):
        plan = line.note.get("from", plan) if line.what == "moved" else plan
        hashes.append(plan)
    return hashes[::-1]


def _told(found: RunPath, plans: Mapping[str, Plan], tz: ZoneInfo) -> Iterator[tuple[Transition, Text]]:
    row, last = found.run, _last_entered(found)
    sent = {(send.step, send.occurrence): _outcome(send, tz) for send in found.sends}
    entry = found.events.get(row.entry_message_id or "")
    last_event: CustomerEvent | None = None
    resting = Waiting(row.waiting_until) if row.status != "finished" else None
    for line, digest in zip(found.lines, plans_followed(found), strict=False):
        plan = plans[digest]
        event = found.events.get(line.note.get("message_id", "")) if line.what == "left" else None
        last_event = event or last_event
        scope = Scope(entry, last_event, plan.variables, row.entered_at)
        waiting = resting if line.seq == last else None
        send = sent.get((line.step, line.occurrence))
        context = NarrationContext(partial(title, plan), tz, scope, waiting, sent=send, seen=False)
        yield line, narrate(plan, line, context)


def _last_entered(found: RunPath) -> int:
    return max((line.seq for line in found.lines if line.what == "entered"), default=0)


def _run(found: RunPath, here: Text | None) -> dict[str, Any]:
    row = found.run
    return {
        "id": row.id,
        "journey": row.journey_key,
        "version": row.version,
        "plan_hash": row.plan_hash,
        "customer": {"id": row.customer_id, "external_id": row.external_id, "name": row.name},
        "key": row.key,
        "status": row.status,
        "step": row.step,
        "waiting_until": row.waiting_until,
        "problem": row.problem,
        "problem_text": problem_text(row.problem),
        "entered_at": row.entered_at,
        "finished_at": row.finished_at,
        "text": here.by_locale() if here is not None and row.status != "finished" else None,
    }


def _send(send: PathSend, tz: ZoneInfo) -> dict[str, Any]:
    return {
        "at": send.at,
        "step": send.step,
        "occurrence": send.occurrence,
        "channel": send.channel,
        "outcome": send.status,
        "reason": send.reason,
        "text": _outcome(send, tz).by_locale(),
        "inputs": inputs_as_json(send.inputs, tz),
    }


def _outcome(send: PathSend, tz: ZoneInfo) -> Text:
    told, passed = send.inputs.get("reason"), send.inputs.get("passed")
    reason = told if isinstance(told, dict) else {"code": send.reason} if send.reason else None
    over = passed if isinstance(passed, dict) else {}
    return outcome_in_words(send.status, send.channel, reason, over, tz)

"""A script as a scenario of a file: what was found, or recorded, is kept and played again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.channels.registry import consent_names
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.reading import REACHABLE
from orchestrator.core.scenarios.script import Answers, Changes, Happens, Outside, Script, Stops, Timed
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.timing import zone
from orchestrator.core.zone_settings import DEFAULT_ZONE

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)), ("s", timedelta(seconds=1)))
USUAL = timedelta(days=90)


def written_span(span: timedelta) -> str:
    """``2d3h``; below a second in ISO 8601."""
    parts, rest = [], span
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    if rest:
        return f"PT{span.total_seconds():f}".rstrip("0").rstrip(".") + "S"
    return "".join(parts) or "0s"


def scenario_of(name: str, script: Script, expect: Mapping[str, Any] | Sequence[Any] | None = None) -> dict[str, Any]:
    """One entry of ``scenarios``. Played again it is the same script."""
    found: dict[str, Any] = {"name": name, "start": _local(script.start, script.person.zone)}
    customer = _customer(script.person)
    if customer:
        found["customer"] = customer
    if script.history:
        found["before"] = [
            {
                "after": written_span(script.start - one.occurred_at),
                **_event(one.name, one.properties, one.message_id if _needs_ids(script) else ""),
            }
            for one in script.history
        ]
    named = _needs_ids(script)
    found["when"] = [_act(script.start, one, named) for one in script.acts]
    if script.until - script.start != USUAL:
        found["until"] = written_span(script.until - script.start)
    if expect:
        found["expect"] = expect
    return found


def outcome_of(run: ScenarioRun) -> dict[str, Any] | list[dict[str, Any]]:
    """What came of a playing, as what a scenario expects: of each run what became of it, of triggers that did not let
    in why."""
    reasons = [one.admission.reason for one in run.result.entries if one.journey == run.plan.key]
    refusals = {"entries": reasons} if {*reasons} - {"admitted"} else {}
    customer = {"customer": {"stage": run.person.stage or "none"}}
    if not run.runs:
        return {**({"entered": False} if not reasons else refusals), **customer}
    found = [_outcome(run, one) for one in run.runs]
    return {**refusals, **found[0], **customer} if len(found) == 1 else [{**refusals, **customer}, *found]


def _outcome(run: ScenarioRun, one: SimulatedRun) -> dict[str, Any]:
    sends = [told for told in run.sends if told.run == one.run_id and told.send.outcome in ("sent", "unknown")]
    found: dict[str, Any] = {} if one.journey == run.plan.key else {"journey": one.journey}
    if one.key:
        found["key"] = one.key
    earlier = [other for other in run.runs if (other.journey, other.key) == (one.journey, one.key)]
    if earlier[0] is not one:
        found["run"] = 1 + next(n for n, other in enumerate(earlier) if other is one)
    found["path"] = [line.step for line in run.trace(one) if line.what == "entered"]
    start = run.script.start
    found["sends"] = [
        {"step": told.send.step, "channel": told.send.channel, "after": written_span(told.send.at - start)}
        for told in sends
    ]
    found["goals"] = [line.port for line in run.trace(one) if line.what == "goal"]
    not_sent = {
        (told.send.step, told.send.reason): {"step": told.send.step, "reason": told.send.reason}
        for told in run.sends
        if told.run == one.run_id and told.send.outcome == "skipped"
    }
    if not_sent:
        found["not_sent"] = list(not_sent.values())
    if one.live:
        return found | {"waits_at": one.state.step}
    took = run.trace(one)[-1].at - start
    return found | {"ends": one.state.reason, **({"ends_after": written_span(took)} if took >= timedelta(0) else {})}


def _local(at: datetime, time_zone: str) -> str:
    local = at.astimezone(zone(time_zone))
    return local.isoformat(sep=" ")


def _customer(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = {} if person.id == "customer" else {"seed": person.id}
    if person.attributes:
        found["attributes"] = dict(person.attributes)
    said = {name: person.consents.get(name) is True for name in consent_names() if name in person.consents}
    if not person.consents:
        found["consents"] = "none"
    elif not all(said.values()):
        found["consents"] = {name: yes for name, yes in said.items() if not yes}
    contacts = {kind: value for kind, value in person.contacts.items() if value != REACHABLE.get(kind)}
    if contacts:
        found["contacts"] = contacts
    if person.tags:
        found["tags"] = list(person.tags)
    inside = sorted(key for key, member in person.segments.items() if member)
    if inside:
        found["segments"] = inside
    more = {"stage": person.stage, "locale": person.locale}
    found |= {name: value for name, value in more.items() if value is not None}
    return found | ({} if person.zone == DEFAULT_ZONE else {"time_zone": person.zone})


def _event(name: str, properties: Mapping[str, Any], message_id: str) -> dict[str, Any]:
    return {
        "event": name,
        **({"properties": dict(properties)} if properties else {}),
        **({"id": message_id} if message_id else {}),
    }


def _needs_ids(script: Script) -> bool:
    """Whether ids matter: one comes twice, or decides which of two events of one instant is first."""
    events = [one.what.event for one in script.acts if isinstance(one.what, Happens)]
    instants = {event.occurred_at for event in (*events, *script.history)}
    return len(instants) < len(events) + len(script.history)


def _act(start: datetime, one: Timed, named: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"after": written_span(one.at - start)}
    match one.what:
        case Happens(event):
            found |= _event(event.name, event.properties, event.message_id if named else "")
            if event.occurred_at != one.at:
                found["late"] = written_span(one.at - event.occurred_at)
        case Answers(survey, group, score):
            found["answer"] = {"survey": survey, "group": group, **({} if score is None else {"score": score})}
        case Changes() as changed:
            told = {
                "attributes": dict(changed.attributes),
                "consents": dict(changed.consents),
                "contacts": dict(changed.contacts),
                "add_tags": list(changed.add_tags),
                "remove_tags": list(changed.remove_tags),
                "enters": list(changed.enters),
                "leaves": list(changed.leaves),
                "time_zone": changed.time_zone,
            }
            found["customer"] = {name: value for name, value in told.items() if value}
        case Outside(results, pools):
            found |= {"results": dict(results)} if results or not pools else {}
            found |= {"pools": dict(pools)} if pools and not results else {}
        case Stops(reason):
            found["stop"] = reason
    return found

"""What a scenario expects, compared with what happened."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.core.formatting import span
from orchestrator.core.paths import lookup
from orchestrator.core.run.routing import REASONS
from orchestrator.core.scenarios.document import (
    CustomerExpected,
    Expected,
    NotSent,
    Scenario,
    ScenarioFile,
    SendExpected,
)
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.reading import instant
from orchestrator.core.simulation.interactive_run import NarratedSend
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.text import Text, verbatim


@dataclass(frozen=True, slots=True)
class Difference:
    """``field``: of the expectation, such as ``path``; ``expected`` and ``found``: as people read them."""

    field: str
    expected: Text
    found: Text


_NOTHING = Text("nothing", context="found")
_RUNS = Text("{count} run", plural="{count} runs")


def differences(file: ScenarioFile, scenario: Scenario, run: ScenarioRun) -> list[Difference]:
    """Everything in which what happened is other than expected; empty: the scenario holds."""
    expected = scenario.expect if isinstance(scenario.expect, tuple) else (scenario.expect,)
    found = [difference for one in expected for difference in _of_one(file, one, run)]
    if run.too_long is not None:
        words = Text("more happens than can be played: a loop hardly waits")
        found.append(Difference("until", Text("an end"), words))
    return found


def _of_one(file: ScenarioFile, expected: Expected, run: ScenarioRun) -> Iterator[Difference]:
    journey = expected.journey or run.plan.key
    own = [one for one in run.runs if one.journey == journey and expected.key in (None, one.key)]
    yield from _entry(expected, run, journey, own)
    yield from _entries(expected, run, journey)
    meant = own[expected.run - 1 : expected.run]
    if meant:
        yield from _path(expected, run, meant[0])
        yield from _sends(file, expected, run, meant[0])
        yield from _end(expected, run, meant[0])
    elif own:
        yield Difference("run", _RUNS.format(count=expected.run), _RUNS.format(count=len(own)))
    elif _asks_for_a_run(expected) and expected.entered is None:
        yield Difference("entered", Text("a run of “{key}”", key=journey), _why_not(run, journey))
    yield from _customer(expected.customer, run)


def _asks_for_a_run(expected: Expected) -> bool:
    """Whether anything is expected that only a run can do."""
    return bool(
        expected.path or expected.passes or expected.sends or expected.not_sent or expected.ends
        or expected.waits_at or expected.goals or expected.variables
    )  # fmt: skip


def _why_not(run: ScenarioRun, journey: str) -> Text:
    refused = [one.admission.reason for one in run.result.entries if one.journey == journey]
    return REASONS[refused[0]] if refused else Text("nothing that happened starts it")


def _entry(expected: Expected, run: ScenarioRun, journey: str, own: Sequence[SimulatedRun]) -> Iterator[Difference]:
    match expected.entered:
        case True if not own:
            yield Difference("entered", Text("enters"), _why_not(run, journey))
        case False if own:
            yield Difference("entered", Text("does not enter"), Text("entered"))
        case str(reason):
            refused = [one.admission.reason for one in run.result.entries if one.journey == journey]
            if reason not in refused:
                yield Difference("entered", verbatim(reason), verbatim(", ".join(refused)) if refused else _NOTHING)


def _entries(expected: Expected, run: ScenarioRun, journey: str) -> Iterator[Difference]:
    found = [one.admission.reason for one in run.result.entries if one.journey == journey]
    if expected.entries is not None and list(expected.entries) != found:
        yield Difference("entries", _row(expected.entries), _row(found))


def _path(expected: Expected, run: ScenarioRun, own: SimulatedRun) -> Iterator[Difference]:
    steps = [line.step for line in run.trace(own) if line.what == "entered"]
    if expected.path is not None and list(expected.path) != steps:
        yield Difference("path", _row(expected.path), _row(steps))
    if expected.passes is not None and not _in_order(expected.passes, steps):
        yield Difference("passes", _row(expected.passes), _row(steps))
    for step in expected.never:
        if step in steps:
            yield Difference("never", Text("not at “{step}”", step=step), _row(steps))


def _row(steps: Sequence[str]) -> Text:
    return verbatim(" → ".join(steps)) if steps else _NOTHING


def _in_order(wanted: Sequence[str], steps: Sequence[str]) -> bool:
    rest = iter(steps)
    return all(step in rest for step in wanted)


# --- messages --------------------------------------------------------------------------------------------------------


def _sends(file: ScenarioFile, expected: Expected, run: ScenarioRun, own: SimulatedRun) -> Iterator[Difference]:
    sends = [told for told in run.sends if told.run == own.run_id]
    went = [told for told in sends if told.send.outcome in ("sent", "unknown")]
    if expected.sends is not None:
        wanted = [one if isinstance(one, SendExpected) else SendExpected(step=one) for one in expected.sends]
        if [one.step for one in wanted] != [told.send.step for told in went]:
            yield Difference("sends", _row([one.step for one in wanted]), _row([told.send.step for told in went]))
        else:
            for n, (one, told) in enumerate(zip(wanted, went, strict=True), 1):
                yield from _send(file, run, one, told, f"sends › {n}")
    for given in expected.not_sent:
        not_sent = given if isinstance(given, NotSent) else NotSent(step=given)
        yield from _not_sent(not_sent, sends)


def _send(
    file: ScenarioFile, run: ScenarioRun, expected: SendExpected, told: NarratedSend, place: str
) -> Iterator[Difference]:
    send = told.send
    if expected.channel is not None and expected.channel != send.channel:
        yield Difference(f"{place} › channel", verbatim(expected.channel), verbatim(send.channel))
    if expected.after is not None and run.script.start + expected.after != send.at:
        yield Difference(f"{place} › after", span(expected.after), span(send.at - run.script.start))
    if expected.at is not None and instant(expected.at, file.time_zone) != send.at:
        yield Difference(
            f"{place} › at", verbatim(expected.at), verbatim(f"{send.at.astimezone(run.tz):%Y-%m-%d %H:%M:%S}")
        )
    words = None if told.content is None else told.content.words
    subject, whole = ("", "") if words is None else (words.subject, f"{words.subject}\n{words.preheader}\n{words.body}")
    if expected.subject is not None and expected.subject not in subject:
        yield Difference(f"{place} › subject", verbatim(expected.subject), verbatim(subject))
    for part in (expected.says,) if isinstance(expected.says, str) else expected.says:
        if part not in whole:
            yield Difference(f"{place} › says", verbatim(part), verbatim(whole.strip()))
    options = "" if told.content is None else f"{told.content.options} {told.content.html}"
    if expected.link is not None and expected.link not in f"{whole} {options}":
        yield Difference(f"{place} › link", verbatim(expected.link), verbatim(options))


def _not_sent(expected: NotSent, sends: Sequence[NarratedSend]) -> Iterator[Difference]:
    own = [told for told in sends if told.send.step == expected.step]
    refused = [told for told in own if told.send.outcome in ("skipped", "held")]
    if any(expected.reason in (None, told.send.reason) for told in refused):
        return
    wanted = verbatim(expected.step if expected.reason is None else f"{expected.step}: {expected.reason}")
    found = own[-1].text if own else Text("the run did not come to this step")
    yield Difference("not_sent", wanted, found)


# --- how it ended, and what it left behind ---------------------------------------------------------------------------


def _end(expected: Expected, run: ScenarioRun, own: SimulatedRun) -> Iterator[Difference]:
    over = not own.live
    stands = Text("still at “{step}”", step=own.state.step)
    if expected.ends is not None and (not over or own.state.reason != expected.ends):
        yield Difference("ends", verbatim(expected.ends), verbatim(own.state.reason) if over else stands)
    if expected.ends_after is not None:
        took = run.trace(own)[-1].at - run.script.start
        if not over or took != expected.ends_after:
            yield Difference("ends_after", span(expected.ends_after), span(took) if over else stands)
    if expected.waits_at is not None and (over or own.state.step != expected.waits_at):
        at = Text("over: {reason}", reason=own.state.reason) if over else stands
        yield Difference("waits_at", verbatim(expected.waits_at), at)
    goals = [line.port for line in run.trace(own) if line.what == "goal"]
    if expected.goals is not None and list(expected.goals) != goals:
        yield Difference("goals", _row(expected.goals), _row(goals))
    yield from _values("variables", expected.variables, own.state.variables)


def _customer(expected: CustomerExpected | None, run: ScenarioRun) -> Iterator[Difference]:
    if expected is None:
        return
    person = run.person
    yield from _values("customer › attributes", expected.attributes, person.attributes)
    yield from _values("customer › consents", expected.consents, person.consents)
    for tag in expected.tags:
        if tag not in person.tags:
            yield Difference("customer › tags", verbatim(tag), _row(person.tags))
    if expected.stage is not None and expected.stage != (person.stage or "none"):
        found = _NOTHING if person.stage is None else verbatim(person.stage)
        yield Difference("customer › stage", verbatim(expected.stage), found)


def _shown(value: Any) -> Text:
    return verbatim(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, default=str))


def _values(field: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    for name, value in expected.items():
        got = lookup(found, name)
        if got != value:
            yield Difference(f"{field} › {name}", _shown(value), _NOTHING if got is None else _shown(got))

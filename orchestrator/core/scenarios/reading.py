"""A scenario of a file becomes a script: instants are counted, defaults filled in, names looked up."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from orchestrator.core.channels.registry import CHANNELS, consent_names
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.scenarios.document import (
    Act,
    CustomerGiven,
    Expected,
    NotSent,
    Scenario,
    ScenarioFile,
    SendExpected,
    WebhookAnswer,
)
from orchestrator.core.scenarios.problems import ScenarioProblem
from orchestrator.core.scenarios.script import (
    LONGEST,
    Answers,
    Changes,
    Happens,
    Outside,
    Script,
    Stops,
    Timed,
    What,
)
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.text import Text
from orchestrator.core.timing import known_zones, resolve, zone
from orchestrator.core.zone_settings import DEFAULT_ZONE

USUAL_LENGTH = timedelta(days=90)
REACHABLE: Mapping[str, str | None] = {
    "email": "someone@example.com",
    "phone": "+821000000000",
    "push_token": "device-token",
}
"""Contacts of a customer of whom a file says nothing else."""


class UnreadableInstant(ValueError):
    """A text that is no local date and time."""


def instant(text: str, time_zone: str) -> datetime:
    """``2026-03-02 10:00`` in a zone; with an offset of its own, that. Raises :class:`UnreadableInstant`."""
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UnreadableInstant(text) from None
    if read.tzinfo is not None:
        return read
    return resolve(read.date(), read.time(), zone(time_zone))


def script_of(file: ScenarioFile, scenario: Scenario) -> Script:
    """The script of a sound scenario (:func:`problems_of`)."""
    start = instant(scenario.start or file.start, file.time_zone)
    given = _merged(file.customer, scenario.customer)
    tz = given.time_zone or file.time_zone
    acts = tuple(_timed(scenario.when, start, file.time_zone))
    history = tuple(
        CustomerEvent(act.id or f"before-{n}", act.event, start - (act.after or timedelta(0)), dict(act.properties))
        for n, act in enumerate(scenario.before)
        if act.event is not None
    )
    return Script(
        start,
        start + (scenario.until or USUAL_LENGTH),
        _person(given, tz, start),
        acts,
        history,
        _known(given),
        file.time_zone,
    )


def _merged(file: CustomerGiven, own: CustomerGiven) -> CustomerGiven:
    """The scenario's word before the file's; attributes, consents and contacts one by one."""
    told = own.model_fields_set
    consents = own.consents if "consents" in told else file.consents
    if isinstance(own.consents, dict) and isinstance(file.consents, dict):
        consents = {**file.consents, **own.consents}
    return file.model_copy(
        update={
            **{name: getattr(own, name) for name in told},
            "attributes": {**file.attributes, **own.attributes},
            "contacts": {**file.contacts, **own.contacts},
            "consents": consents,
        }
    )


def _person(given: CustomerGiven, time_zone: str, start: datetime) -> Person:
    all_of_them = given.consents != "none"
    consents = dict.fromkeys(consent_names(), all_of_them)
    if isinstance(given.consents, dict):
        consents |= given.consents
    dated = {name: start for name, said in consents.items() if said}
    contacts = {**REACHABLE, **given.contacts}
    person = Person(given.seed, dict(given.attributes), consents, contacts, list(given.tags), given.stage, time_zone)
    person.locale, person.consented_at = given.locale, dated
    person.segments = dict.fromkeys(given.segments, True)
    return person


def _known(given: CustomerGiven) -> dict[str, object]:
    contacts = {**REACHABLE, **given.contacts}
    told = {name: contacts.get(name) for name in ("email", "phone")}
    return {"id": given.seed, "external_id": given.seed, **told, "locale": given.locale}


def _timed(acts: Sequence[Act], start: datetime, time_zone: str) -> Iterator[Timed]:
    """In the order of their instants; what comes at one instant, as it is written."""
    at, found = start, []
    for n, act in enumerate(acts):
        if act.after is not None:
            at = start + act.after
        elif act.at is not None:
            at = instant(act.at, time_zone)
        found.append(Timed(at, _what(act, n, at)))
    yield from sorted(found, key=lambda one: one.at)


def _what(act: Act, n: int, at: datetime) -> What:
    if act.event is not None:
        occurred = at - (act.late or timedelta(0))
        return Happens(CustomerEvent(act.id or f"act-{n:04d}", act.event, occurred, dict(act.properties)))
    if act.answer is not None:
        return Answers(act.answer.survey, act.answer.group, act.answer.score)
    if act.stop is not None:
        return Stops(act.stop)
    if act.customer is not None:
        changed = act.customer
        return Changes(
            changed.attributes,
            changed.consents,
            changed.contacts,
            changed.add_tags,
            changed.remove_tags,
            changed.time_zone,
            changed.enters,
            changed.leaves,
        )
    results = {
        name: {"answer": said.answer} if isinstance(said, WebhookAnswer) else said
        for name, said in (act.results or {}).items()
    }
    return Outside(results, act.pools or {})


# --- what is wrong with it -------------------------------------------------------------------------------------------


def problems_of(file: ScenarioFile, plans: Sequence[Plan]) -> tuple[ScenarioProblem, ...]:
    """Everything in a file that cannot be meant so, given its journeys."""
    return tuple(_problems(file, plans))


def _problems(file: ScenarioFile, plans: Sequence[Plan]) -> Iterator[ScenarioProblem]:
    if file.time_zone not in known_zones():
        yield ScenarioProblem("time_zone", _no_zone(file.time_zone))
        return
    if not _is_instant(file.start, file.time_zone):
        yield ScenarioProblem("start", _NO_INSTANT)
        return
    steps = {step for plan in plans for step in plan.steps}
    for n, rule in enumerate(file.always, 1):
        if rule.step is not None and rule.step not in steps:
            yield ScenarioProblem(f"always › {n} › step", _unknown_step(rule.step))
    names: set[str] = set()
    for n, scenario in enumerate(file.scenarios, 1):
        place = f"scenarios › {n}"
        if scenario.name in names:
            yield ScenarioProblem(f"{place} › name", Text("another scenario of this file has this name"))
        names.add(scenario.name)
        yield from _of_scenario(file, scenario, plans, steps, place)


_NO_INSTANT = Text("a date and time such as 2026-03-02 10:00 is expected")


def _no_zone(name: str) -> Text:
    return Text("“{name}” is no time zone, such as {example}", name=name, example=DEFAULT_ZONE)


def _unknown_step(step: str) -> Text:
    return Text("none of the journeys has a step “{step}”", step=step)


def _is_instant(text: str, time_zone: str) -> bool:
    try:
        instant(text, time_zone)
    except (UnreadableInstant, OverflowError):
        return False
    return True


def _of_scenario(
    file: ScenarioFile, scenario: Scenario, plans: Sequence[Plan], steps: set[str], place: str
) -> Iterator[ScenarioProblem]:
    if scenario.start is not None and not _is_instant(scenario.start, file.time_zone):
        yield ScenarioProblem(f"{place} › start", _NO_INSTANT)
        return
    if scenario.until is not None and scenario.until > LONGEST:
        yield ScenarioProblem(f"{place} › until", Text("at most {days:,} days", days=LONGEST.days))
    start = instant(scenario.start or file.start, file.time_zone)
    for n, act in enumerate(scenario.before, 1):
        if act.kinds != ["event"] or act.at is not None or act.late is not None:
            yield ScenarioProblem(f"{place} › before › {n}", Text("history is events, each so long before the start"))
    for n, act in enumerate(scenario.when, 1):
        yield from _of_act(file, act, start, steps, f"{place} › when › {n}")
    keys = {plan.key for plan in plans}
    expected = scenario.expect if isinstance(scenario.expect, tuple) else (scenario.expect,)
    for n, one in enumerate(expected, 1):
        within = f"{place} › expect" if len(expected) == 1 else f"{place} › expect › {n}"
        if one.journey is not None and one.journey not in keys:
            yield ScenarioProblem(
                f"{within} › journey", Text("none of the journeys is called “{key}”", key=one.journey)
            )
        yield from _of_expected(file, one, steps, within)


def _of_act(file: ScenarioFile, act: Act, start: datetime, steps: set[str], place: str) -> Iterator[ScenarioProblem]:
    if len(act.kinds) != 1:
        yield ScenarioProblem(place, Text("one of event, answer, customer, results, pools and stop is needed here"))
    if act.after is not None and act.at is not None:
        yield ScenarioProblem(f"{place} › at", Text("either after or at, not both"))
    if act.at is not None:
        if not _is_instant(act.at, file.time_zone):
            yield ScenarioProblem(f"{place} › at", _NO_INSTANT)
        elif instant(act.at, file.time_zone) < start:
            yield ScenarioProblem(f"{place} › at", Text("that is before the start: put what was earlier under before"))
    zone_named = act.customer.time_zone if act.customer else None
    if zone_named is not None and zone_named not in known_zones():
        yield ScenarioProblem(f"{place} › customer › time_zone", _no_zone(zone_named))
    for name in act.results or {}:
        if name not in steps and name not in CHANNELS:
            words = Text("neither a step of the journeys nor a channel is called “{name}”", name=name)
            yield ScenarioProblem(f"{place} › results › {name}", words)


def _of_expected(file: ScenarioFile, one: Expected, steps: set[str], place: str) -> Iterator[ScenarioProblem]:
    named = [("path", step) for step in one.path or ()]
    named += [("passes", step) for step in one.passes or ()]
    named += [("never", step) for step in one.never]
    named += [("waits_at", one.waits_at)] if one.waits_at is not None else []
    named += [("sends", sent.step if isinstance(sent, SendExpected) else sent) for sent in one.sends or ()]
    named += [("not_sent", not_sent.step if isinstance(not_sent, NotSent) else not_sent) for not_sent in one.not_sent]
    for field, step in named:
        if step not in steps:
            yield ScenarioProblem(f"{place} › {field}", _unknown_step(step))
    for n, sent in enumerate(one.sends or (), 1):
        if isinstance(sent, SendExpected) and sent.at is not None and not _is_instant(sent.at, file.time_zone):
            yield ScenarioProblem(f"{place} › sends › {n} › at", _NO_INSTANT)
    if one.ends is not None and one.waits_at is not None:
        yield ScenarioProblem(place, Text("a run that ends waits nowhere: either ends or waits_at"))

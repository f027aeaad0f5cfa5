"""A script that breaks something becomes the smallest one that still does: fewer acts, a plainer customer, rounder
times."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from orchestrator.core.scenarios.reading import REACHABLE
from orchestrator.core.scenarios.script import Happens, Script, Timed
from orchestrator.core.zone_settings import DEFAULT_ZONE

MOST_TRIES = 600
PLAIN_START = datetime(2026, 1, 5, 1, tzinfo=UTC)
"""A Monday, ten in the morning in Korea."""


def shrunk(script: Script, still: Callable[[Script], bool], most: int = MOST_TRIES) -> Script:
    """The smallest script found for which ``still`` is true; it is true of the one given."""
    left = most
    smaller = True
    while smaller and left > 0:
        smaller = False
        for candidate in _smaller(script):
            left -= 1
            if left < 0:
                break
            if still(candidate):
                script, smaller = candidate, True
                break
    return script


def _smaller(script: Script) -> Iterator[Script]:
    """Candidates, the boldest first."""
    acts, n = script.acts, len(script.acts)
    size = n // 2
    while size >= 1:
        for begin in range(0, n, size):
            rest = acts[:begin] + acts[begin + size :]
            if rest:
                yield _with_acts(script, rest)
        size //= 2
    for k in range(len(script.history)):
        yield replace(script, history=script.history[:k] + script.history[k + 1 :])
    for days in (30, 90):
        if script.start + timedelta(days=days) < script.until:
            yield replace(script, until=script.start + timedelta(days=days))
    yield from _plainer(script)
    for k, one in enumerate(acts):
        for other in _simpler(script, one):
            yield _with_acts(script, (*acts[:k], other, *acts[k + 1 :]))


def _plainer(script: Script) -> Iterator[Script]:
    person = script.person
    for name in person.attributes:
        rest = {other: value for other, value in person.attributes.items() if other != name}
        yield replace(script, person=replace(person, attributes=rest))
    refused = [name for name, said in person.consents.items() if not said]
    for name in refused:
        dated = {**person.consented_at, name: script.start}
        yield replace(script, person=replace(person, consents={**person.consents, name: True}, consented_at=dated))
    for kind, value in person.contacts.items():
        if value is None and kind in REACHABLE:
            yield replace(script, person=replace(person, contacts={**person.contacts, kind: REACHABLE[kind]}))
    for key, member in person.segments.items():
        if member:
            yield replace(script, person=replace(person, segments={**person.segments, key: False}))
    if person.id != "customer":
        yield replace(script, person=replace(person, id="customer"))
    if script.start != PLAIN_START:
        yield _shifted(script, PLAIN_START - script.start)
    if person.zone != DEFAULT_ZONE:
        yield replace(script, person=replace(person, zone=DEFAULT_ZONE))


def _shifted(script: Script, by: timedelta) -> Script:
    """The same at another time of the year."""
    dated = {name: at + by for name, at in script.person.consented_at.items()}
    return replace(
        script,
        start=script.start + by,
        until=script.until + by,
        person=replace(script.person, consented_at=dated),
        history=tuple(replace(event, occurred_at=event.occurred_at + by) for event in script.history),
        acts=tuple(_moved(one, by) for one in script.acts),
    )


def _moved(one: Timed, by: timedelta) -> Timed:
    if not isinstance(one.what, Happens):
        return Timed(one.at + by, one.what)
    event = one.what.event
    return Timed(one.at + by, Happens(replace(event, occurred_at=event.occurred_at + by)))


def _simpler(script: Script, one: Timed) -> Iterator[Timed]:
    """The same act on time, without what nobody looks at, at a rounder time."""
    if isinstance(one.what, Happens):
        event = one.what.event
        if event.occurred_at != one.at:
            yield Timed(one.at, Happens(replace(event, occurred_at=one.at)))
        for name in event.properties:
            rest = {other: value for other, value in event.properties.items() if other != name}
            yield Timed(one.at, Happens(replace(event, properties=rest)))
    since = one.at - script.start
    for unit in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)):
        rounder = since // unit * unit
        if rounder != since:
            yield _moved(one, rounder - since)


def _with_acts(script: Script, acts: tuple[Timed, ...]) -> Script:
    return replace(script, acts=tuple(sorted(acts, key=lambda one: one.at)))

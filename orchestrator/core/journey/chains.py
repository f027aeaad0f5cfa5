"""Journeys that set each other off: what one emits lets customers into another, which emits what the first waits for.

Each journey is reduced to what matters here (:class:`JourneyLinks`): which events set something off in it, and what it
then emits before enough time has passed. Those of all live journeys make one graph, and a circle in it would run round
without end. Conditions are only decided as far as the journeys alone tell: a circle that only a condition may end is
told as a warning, and is cut while it runs (``core.run.routing``).
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from orchestrator.core.conditions.contradictions import can_match
from orchestrator.core.conditions.evaluate import matches
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.model import Condition, scopes
from orchestrator.core.conditions.tree import AllOf
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import (
    MESSAGE_BOUNCED,
    MESSAGE_DELIVERED,
    MESSAGE_SENT,
    SEGMENT_ENTERED,
    SEGMENT_LEFT,
    STAGE_CHANGED,
)
from orchestrator.core.journey.graph import EventTrigger, Journey, SegmentTrigger, Trigger
from orchestrator.core.problems import Problem
from orchestrator.core.steps import Step
from orchestrator.core.steps.message import Sending
from orchestrator.core.steps.references import EmittedEvent
from orchestrator.core.text import LocalText, Named, Text, joined
from orchestrator.core.values import Ref

CHAIN_REST = timedelta(hours=1)
"""So much time between two links of a chain, and it is none: what follows later is another occasion."""
TOLD_BY_THE_PROVIDER = (MESSAGE_SENT, MESSAGE_DELIVERED, MESSAGE_BOUNCED)
"""Events that a message brings about by itself; opening and clicking are the customer's acts."""

MOST_LINKS, BUDGET = 2_000, 20_000
"""Links of one journey, and pairs looked at for one of them, before giving up: what is missed is cut while it runs."""


class Link(NamedTuple):
    """An event that sets something off in a journey (``when``), and one that it then emits."""

    event: str
    where: Condition | None
    guarded: bool
    """Whether the customer has to meet a condition."""
    step: str
    emits: EmittedEvent
    waiting: bool = False
    """Whether a run that is there already waits for the event, as opposed to one that it begins."""


@dataclass(frozen=True)
class JourneyLinks:
    """What a journey passes on: small enough to be kept for every live one."""

    key: str
    name: LocalText
    links: tuple[Link, ...]
    moves_stage: bool = False
    """Whether it sets its customers' lifecycle stage."""


@dataclass(frozen=True)
class Circle:
    """Journeys that set each other off. ``steps``: key and step of each that emits, in their order.

    ``sure``: no condition stands in the way."""

    steps: tuple[tuple[str, str, str], ...]
    """Of each link: the journey, its step, the event that it emits."""
    sure: bool


def links_of(journey: Journey) -> JourneyLinks:
    """What a journey passes on, by each event that may set it off."""
    found: list[Link] = []
    following = _all_next(journey)
    ahead = {step.id: [] if step.shortest_stay() >= CHAIN_REST else following[step.id] for step in journey.steps}
    first = [edge.target for edge in journey.edges if edge.source == "entry"]
    if not _once(journey):
        for trigger in journey.entry.triggers:
            event, where = _trigger(journey, trigger)
            for step, emits in _emissions(journey, first, ahead):
                found.append(Link(event, where, journey.entry.filter is not None, step, emits))
    ports = {(edge.source, edge.port): edge.target for edge in journey.edges}
    for waiting in journey.steps:
        again = waiting.awaits() and waiting.id in _reached(following, following[waiting.id])
        for awaited in waiting.awaits():
            target = ports.get((waiting.id, awaited.port))
            if target is not None and len(found) < MOST_LINKS:
                for step, emits in _emissions(journey, [target], ahead):
                    found.append(Link(awaited.event, awaited.where, not again, step, emits, True))
    return JourneyLinks(journey.key, journey.name, tuple(found[:MOST_LINKS]), journey.moves_stage)


OF_A_SEGMENT = "segment "
"""How a segment's place among journeys begins: no journey's key has a blank."""


def links_of_segment(key: str, name: LocalText, wakes_on: Iterable[str]) -> JourneyLinks:
    """A segment between journeys: each event that may change who is in it may bring about that somebody comes or goes.
    Its condition has a say, so no circle through it is sure."""
    told = [EmittedEvent(name, {"segment": key}) for name in (SEGMENT_ENTERED, SEGMENT_LEFT)]
    links = [Link(event, None, True, "", emits) for event in sorted(wakes_on) for emits in told]
    return JourneyLinks(f"{OF_A_SEGMENT}{key}", name, tuple(links[:MOST_LINKS]))


def _once(journey: Journey) -> bool:
    """Whether a customer cannot come back soon, whatever is emitted."""
    again = journey.reentry
    return (again.mode == "never" and journey.entry.key is None) or (
        again.mode == "cool_down" and again.cool_down >= CHAIN_REST and journey.entry.key is None
    )


def _trigger(journey: Journey, trigger: Trigger) -> tuple[str, Condition | None]:
    if isinstance(trigger, EventTrigger | SegmentTrigger):
        return trigger.event, trigger.where
    return trigger.event, Property(name="journey", value=journey.key)


def _all_next(journey: Journey) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {step.id: [*step.targets()] for step in journey.steps}
    for edge in journey.edges:
        if edge.source in found:
            found[edge.source].append(edge.target)
    return found


def _reached(ahead: Mapping[str, list[str]], first: Iterable[str]) -> dict[str, None]:
    """Steps that can be reached from these, themselves among them, the nearest first."""
    seen: dict[str, None] = {}
    waiting = deque(step for step in first if step in ahead)
    while waiting:
        at = waiting.popleft()
        if at not in seen:
            seen[at] = None
            waiting.extend(step for step in ahead[at] if step in ahead)
    return seen


def _emissions(
    journey: Journey, first: Iterable[str], ahead: Mapping[str, list[str]]
) -> Iterator[tuple[str, EmittedEvent]]:
    """What is emitted on the way from these steps on, each with the step that does."""
    steps = {step.id: step for step in journey.steps}
    told: set[str] = set()
    for at in _reached(ahead, first):
        for emits in _of_step(journey, steps[at]):
            if repr(emits) not in told:  # the same event once
                told.add(repr(emits))
                yield at, emits


def _of_step(journey: Journey, step: Step) -> Iterator[EmittedEvent]:
    yield from step.emitted()
    if isinstance(step, Sending):
        known = {"journey": journey.key, "step": step.id}
        unknown = dict.fromkeys(("run", "occurrence", "channel", "message", "reason"), Ref(ref="var.unknown"))
        for name in TOLD_BY_THE_PROVIDER:
            yield EmittedEvent(name, {**known, **unknown})
    if journey.moves_stage and step.stage is not None:
        yield EmittedEvent(STAGE_CHANGED, {"to": step.stage, "from": Ref(ref="var.unknown")}, guarded=True)


_Node = tuple[str, int]


def find_circles(journeys: Mapping[str, JourneyLinks], among: str) -> list[Circle]:
    """Circles in which the journey ``among`` takes part: for each of its links the shortest, the sure ones first."""
    nodes: dict[_Node, Link] = {(key, n): link for key, one in journeys.items() for n, link in enumerate(one.links)}
    by_event: dict[str, list[_Node]] = {}
    for node, link in nodes.items():
        by_event.setdefault(link.event, []).append(node)
    found: dict[frozenset[tuple[str, str, str]], Circle] = {}
    for start in (node for node in nodes if node[0] == among and nodes[node].emits.event in by_event):
        for surely in (True, False):
            way = _way_back(start, nodes, by_event, surely)
            if way is not None:
                if all(key == among and nodes[key, n].waiting for key, n in way):
                    break  # a loop within the journey: the rule for those has told it
                steps = tuple((node[0], nodes[node].step, nodes[node].emits.event) for node in way)
                found.setdefault(frozenset(steps), Circle(steps, surely))
                break
    return sorted(found.values(), key=lambda circle: not circle.sure)


def _way_back(
    start: _Node, nodes: Mapping[_Node, Link], by_event: Mapping[str, list[_Node]], surely: bool
) -> list[_Node] | None:
    """The shortest way from a link over others back to it; ``surely``: only where no condition has a say."""
    before: dict[_Node, _Node] = {}
    ahead, left = [start], BUDGET
    while ahead:
        following: list[_Node] = []
        for node in ahead:
            for other in by_event.get(nodes[node].emits.event, ()):
                left -= 1
                if left < 0:
                    return None
                if other in before or not _sets_off(nodes[node], nodes[other], surely):
                    continue
                before[other] = node
                if other == start:
                    return _traced(start, before)
                following.append(other)
        ahead = following
    return None


def _traced(start: _Node, before: Mapping[_Node, _Node]) -> list[_Node]:
    way, at = [start], before[start]
    while at != start:
        way.append(at)
        at = before[at]
    return [start, *reversed(way[1:])]


def _sets_off(link: Link, other: Link, surely: bool) -> bool:
    """Whether what one link emits brings about the other."""
    same_stage = link.emits.event == STAGE_CHANGED == other.emits.event and link.emits == other.emits
    if same_stage:
        return False  # a customer who is in that stage already does not come into it
    answer = fits(other.where, link.emits)
    if surely:
        return answer == "yes" and not other.guarded and not other.emits.guarded
    return answer != "no"


def fits(where: Condition | None, emits: EmittedEvent) -> Literal["yes", "maybe", "no"]:
    """Whether an event that a step emits passes a filter, as far as that is known beforehand."""
    if where is None:
        return "yes"
    if emits.properties is None or "customer" in scopes(where):
        return "maybe"
    known = {name: value for name, value in emits.properties.items() if not isinstance(value, Ref)}
    asked = {leaf.name: leaf.value for leaf in where.leaves() if isinstance(leaf, Property)}
    if any(isinstance(value, Ref) for value in asked.values()):
        return "maybe"
    if all(name.split(".")[0] in known or name.split(".")[0] not in emits.properties for name in asked):
        return "yes" if matches(where, _event(emits.event, known)) else "no"
    facts: tuple[Condition, ...] = tuple(
        Property(name=name, op="missing") if value is None else Property(name=name, value=value)
        for name, value in known.items()
    )
    return "maybe" if can_match(AllOf(of=(where, *facts))) else "no"


def _event(name: str, properties: Mapping[str, object]) -> CustomerEvent:
    return CustomerEvent("", name, datetime.min.replace(tzinfo=UTC), dict(properties))


def journeys_in_a_circle(journey: Journey, live: Mapping[str, JourneyLinks]) -> Iterator[Problem]:
    """No journey sets itself off again, alone or by way of those that are live."""
    for circle in find_circles({**live, journey.key: links_of(journey)}, journey.key):
        links = [(name_of_link(key), event) for key, _, event in circle.steps]
        words = [Text("{journey} (*{event}*)", journey=name, event=event) for name, event in links]
        told: dict[str, Any] = {"loop": joined([*words, name_of_link(circle.steps[0][0])], " → ")}
        keys = dict.fromkeys(key for key, _, _ in circle.steps)
        told["journeys"] = [key for key in keys if not key.startswith(OF_A_SEGMENT)]
        yield Problem("endless_chain" if circle.sure else "possible_chain", circle.steps[0][1], told)


def name_of_link(key: str) -> Text:
    """What sets off what: a journey, or a segment between two."""
    if key.startswith(OF_A_SEGMENT):
        return Named("segment", key.removeprefix(OF_A_SEGMENT))
    return Named("journey", key)

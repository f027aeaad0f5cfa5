"""What a segment is as people write it: a name and a condition on the customer; and what is wrong with one."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from orchestrator.core.conditions.contradictions import can_match
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.model import Condition, leaves, scopes, segments_of
from orchestrator.core.conditions.tree import AllOf, AnyOf
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, LocalText, Named, Text, joined
from orchestrator.core.values import Ref

LONGEST_NAME, LONGEST_DESCRIPTION = 200, 2_000
MOST_CHAINED = 5
"""Segments that may stand upon each other: each link of such a chain is one round of routing later."""
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


class SegmentDocument(Frozen):
    """One segment."""

    name: LocalText = Field(json_schema_extra=labelled(Text("Name"), editor="local_text"))
    description: LocalText = Field(
        default_factory=dict, json_schema_extra=labelled(Text("Description"), editor="local_text")
    )
    condition: Condition = Field(
        description="On the customer: any condition of journeys but those on the event in scope.",
        json_schema_extra=labelled(Text("Who is in it"), editor="condition"),
    )


class SegmentProblem(NamedTuple):
    """What is wrong with a segment, at which field; ``code`` is for programs."""

    field: str
    code: str
    text: Text


def read_segment(given: Mapping[str, Any]) -> tuple[SegmentDocument | None, tuple[SegmentProblem, ...]]:
    """The segment, or what stands in its way."""
    try:
        segment = SegmentDocument.model_validate(given)
    except ValidationError as error:
        return None, tuple(_unreadable(one) for one in error.errors())
    found = (*_words(segment), *check_condition(segment.condition))
    return (None if found else segment), found


def read_condition(given: Any) -> tuple[Condition | None, tuple[SegmentProblem, ...]]:
    """A condition alone, as a segment may have it, or what stands in its way."""
    try:
        condition = _CONDITION.validate_python(given)
    except ValidationError as error:
        return None, tuple(_unreadable({**one, "loc": ("condition", *one["loc"])}) for one in error.errors())
    found = tuple(check_condition(condition))
    return (None if found else condition), found


_FIELD = Text("This value cannot be used here.")
_TOLD: dict[str, Text] = {
    "missing": Text("Fill this in."),
    "extra_forbidden": Text("There is no such field."),
    "union_tag_invalid": Text("There is no condition of this kind."),
    "condition_too_long": Text("A condition has too many parts. Make a segment of some of them."),
}


def _unreadable(error: Mapping[str, Any]) -> SegmentProblem:
    place = ".".join(str(part) for part in error["loc"])
    code = str(error["type"])
    return SegmentProblem(place, code if code in _TOLD else "invalid_value", _TOLD.get(code, _FIELD))


def _words(segment: SegmentDocument) -> Iterator[SegmentProblem]:
    if not any(text.strip() for text in segment.name.values()):
        yield SegmentProblem("name", "missing", Text("Fill this in, in one language at least."))
    if any(len(text) > LONGEST_NAME for text in segment.name.values()):
        yield SegmentProblem("name", "too_long", Text("200 characters at most."))
    if any(len(text) > LONGEST_DESCRIPTION for text in segment.description.values()):
        yield SegmentProblem("description", "too_long", Text("2,000 characters at most."))


def check_condition(condition: Condition) -> Iterator[SegmentProblem]:
    """What makes a condition unfit for a segment, which no event and no run is asked about."""
    if isinstance(condition, AllOf | AnyOf) and not condition.of:
        yield SegmentProblem("condition", "empty_condition", Text("Add a condition: without one, nobody is meant."))
    elif "event" in scopes(condition):
        yield SegmentProblem(
            "condition",
            "asks_about_event",
            Text("A segment asks about customers, and there is no event here. Ask what the customer has done instead."),
        )
    elif _refers(condition):
        yield SegmentProblem(
            "condition",
            "refers_to_a_run",
            Text("A segment belongs to no journey, so it cannot compare with an entry event or a journey variable."),
        )
    elif any(isinstance(leaf, History) and leaf.since_entry for leaf in leaves(condition)):
        yield SegmentProblem(
            "condition",
            "refers_to_a_run",
            Text("A segment belongs to no journey: “only since entry” means nothing."),
        )
    elif not can_match(condition):
        yield SegmentProblem("condition", "never_matches", Text("No customer can ever meet this condition."))


def _refers(node: Any) -> bool:
    match node:
        case Ref():
            return True
        case BaseModel():
            return any(_refers(value) for value in node.__dict__.values())
        case list() | tuple():
            return any(map(_refers, node))
    return False


def check_segments_within(
    key: str, condition: Condition, others: Mapping[str, Condition], archived: Collection[str] = ()
) -> tuple[SegmentProblem, ...]:
    """What is wrong with the segments that a segment's condition asks about.

    ``others``: the conditions of those that there are, by key, the archived ones apart.
    """
    asked = sorted(segments_of(condition))
    found = []
    for other in asked:
        name = Named("segment", other)
        if other in archived:
            text = Text("The segment “{name}” is archived. Choose another, or restore it.", name=name)
            found.append(SegmentProblem("condition", "segment_archived", text))
        elif other != key and other not in others:
            text = Text("There is no segment “{name}”. Choose another.", name=name)
            found.append(SegmentProblem("condition", "unknown_segment", text))
    if found:
        return tuple(found)
    asks = {one: segments_of(other) for one, other in others.items()} | {key: frozenset(asked)}
    way = _circle(key, asks)
    if way is not None:
        names = joined([Named("segment", one) for one in way], " → ")
        text = Text("These segments stand upon each other in a circle: {way}.", way=names)
        return (SegmentProblem("condition", "segments_in_a_circle", text),)
    if max(depth_of(one, asks) for one in (key, *others)) > MOST_CHAINED:
        text = Text("At most {most} segments may stand upon each other.", most=MOST_CHAINED)
        return (SegmentProblem("condition", "segments_too_deep", text),)
    return ()


def _circle(start: str, asks: Mapping[str, Collection[str]]) -> list[str] | None:
    """The way from a segment over those that it asks about back to it."""
    ahead = [[start]]
    seen: set[str] = set()
    while ahead:
        way = ahead.pop()
        for other in sorted(asks.get(way[-1], ())):
            if other == start:
                return [*way, start]
            if other not in seen:
                seen.add(other)
                ahead.append([*way, other])
    return None


def depth_of(key: str, asks: Mapping[str, Collection[str]]) -> int:
    """How many segments stand upon each other up to this one, itself counted. There is no circle among them."""
    return 1 + max((depth_of(other, asks) for other in asks.get(key, ())), default=0)

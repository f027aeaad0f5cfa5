"""The nodes that join conditions: all of these, any of these, not."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from orchestrator.core.conditions.contract import LASTING, Bindings, Leaf, Node, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import AND, OR, Text, joined
from orchestrator.core.values import as_written

if TYPE_CHECKING:
    # At run time the union of all kinds, which model.py makes; pydantic waits for it.
    Condition = Node

MOST_PARTS = 200
"""Of a condition in all: what is asked of every customer with every event is read by people, too."""


def _not_endless(parts: object, info: ValidationInfo) -> object:
    if as_written(info) and isinstance(parts, list | tuple) and len(parts) > MOST_PARTS:
        raise PydanticCustomError("condition_too_long", "at most {most}", {"most": MOST_PARTS})
    return parts


def _few(parts: tuple[Node, ...], info: ValidationInfo) -> tuple[Node, ...]:
    if not as_written(info):
        return parts
    count = 0
    for part in parts:
        for _ in part.leaves():
            count += 1
            if count > MOST_PARTS:
                raise PydanticCustomError("condition_too_long", "at most {most}", {"most": MOST_PARTS})
    return parts


Parts = Annotated[tuple["Condition", ...], BeforeValidator(_not_endless), AfterValidator(_few)]
_PARTS = labelled(Text("Conditions"), editor="condition", item=Text("Condition"))


class AllOf(Node):
    """True when every part is (and when there is none)."""

    model_config = called(Text("All of these"))
    kind: Literal["all"] = "all"
    of: Parts = Field(json_schema_extra=_PARTS)

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return _joined(self.of, False, customer, now, event)

    def matches(self, event: CustomerEvent) -> bool:
        return all(part.matches(event) for part in self.of)

    def leaves(self) -> Iterator[Leaf]:
        for part in self.of:
            yield from part.leaves()

    def bind(self, bindings: Bindings) -> Node:
        return _bound(self, bindings)

    def describe(self) -> Text:
        return _in_words(self.of, AND, Text("always"))

    def example(self, guesses: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for part in self.of for name, value in part.example(guesses).items()}


class AnyOf(Node):
    """True when at least one part is."""

    model_config = called(Text("Any of these"))
    kind: Literal["any"] = "any"
    of: Parts = Field(json_schema_extra=_PARTS)

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        return _joined(self.of, True, customer, now, event)

    def matches(self, event: CustomerEvent) -> bool:
        return any(part.matches(event) for part in self.of)

    def leaves(self) -> Iterator[Leaf]:
        for part in self.of:
            yield from part.leaves()

    def bind(self, bindings: Bindings) -> Node:
        return _bound(self, bindings)

    def describe(self) -> Text:
        return _in_words(self.of, OR, Text("never"))

    def example(self, guesses: Mapping[str, Any]) -> dict[str, Any]:
        return self.of[0].example(guesses) if self.of else {}


class Not(Node):
    """True when its part is not."""

    model_config = called(Text("Not"))
    kind: Literal["not"] = "not"
    of: "Condition" = Field(json_schema_extra=labelled(Text("Condition"), editor="condition"))

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        truth, until = self.of.evaluate(customer, now, event)
        return Verdict(not truth, until)

    def matches(self, event: CustomerEvent) -> bool:
        return not self.of.matches(event)

    def leaves(self) -> Iterator[Leaf]:
        yield from self.of.leaves()

    def bind(self, bindings: Bindings) -> Node:
        inner = self.of.bind(bindings)
        return self if inner is self.of else self.model_copy(update={"of": inner})

    def describe(self) -> Text:
        return self.of.denied()

    def denied(self) -> Text:
        return self.of.describe()


Group = AllOf | AnyOf


def _joined(
    parts: tuple[Node, ...], decisive: bool, customer: Customer, now: datetime, event: CustomerEvent | None
) -> Verdict:
    """One part of truth ``decisive`` decides, for as long as the longest-lived such part does."""
    found = False
    held: datetime | None = None
    soonest: datetime | None = None
    for part in parts:
        truth, until = part.evaluate(customer, now, event)
        if truth is decisive:
            if until is None:
                return LASTING[decisive]
            held = until if held is None or until > held else held
            found = True
        elif until is not None and (soonest is None or until < soonest):
            soonest = until
    return Verdict(decisive, held) if found else Verdict(not decisive, soonest)


def _bound(group: Group, bindings: Bindings) -> Node:
    bound = tuple(part.bind(bindings) for part in group.of)
    if all(new is old for new, old in zip(bound, group.of, strict=True)):
        return group
    return group.model_copy(update={"of": bound})


def _in_words(parts: tuple[Node, ...], word: Text, none: Text) -> Text:
    words = [part.describe() for part in parts]
    if len(words) > 1:
        words = [
            Text("({words})", words=text) if isinstance(part, Group) and len(part.of) > 1 else text
            for part, text in zip(parts, words, strict=True)
        ]
    return joined(words, word) if words else none

"""Why a condition held of one customer, or did not: its decisive parts in words, each with the value that was found.

"*Order Completed* at least once (found: 0)" / "*Order Completed* 1회 이상(실제 0)". For a test run.
"""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

from orchestrator.core.conditions.contract import Leaf, Node
from orchestrator.core.conditions.customer import Customer, utc
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.text import Text, joined, number_text, verbatim

MOST_PARTS = 4
"""Parts that are told of; more make no sentence."""
MOST_LETTERS = 60


def explain(condition: Node, customer: Customer, now: datetime, event: CustomerEvent | None = None) -> Text:
    """The parts of a bound condition that decided its truth, joined. ``event`` is the event in scope."""
    parts = list(_decisive(condition, customer, now, event))
    told = [_explain_leaf(part, customer, now, event) for part in parts[:MOST_PARTS]]
    if not told:
        return describe(condition)
    words = joined(told, " · ")
    return words if len(parts) <= MOST_PARTS else joined((words, verbatim("…")), " ")


def _decisive(condition: Node, customer: Customer, now: datetime, event: CustomerEvent | None) -> Iterator[Leaf]:
    """Leaves: of an "and" that fails the first part that does, of one that holds all; of an "or" the other way."""
    match condition:
        case AllOf(of=parts) | AnyOf(of=parts):
            decided_by_one = isinstance(condition, AnyOf)
            for part in parts:
                if evaluate(part, customer, now, event).truth is decided_by_one:
                    yield from _decisive(part, customer, now, event)
                    return
            for part in parts:
                yield from _decisive(part, customer, now, event)
        case Not(of=part):
            yield from _decisive(part, customer, now, event)
        case Leaf():
            yield condition


def _explain_leaf(leaf: Leaf, customer: Customer, now: datetime, event: CustomerEvent | None) -> Text:
    words, found = describe(leaf), in_words(leaf.found(customer, utc(now), event))
    return Text("{words} (found: {found})", words=words, found=found)


def in_words(value: Any) -> Text:
    """A value as people read it: numbers without a tail, texts in quotation marks, nothing as nothing."""
    match value:
        case Text():
            return value
        case None:
            return Text("nothing", context="found")
        case bool():
            return Text("yes") if value else Text("no")
        case str():
            short = value if len(value) <= MOST_LETTERS else f"{value[: MOST_LETTERS - 1]}…"
            return verbatim(f"“{short}”")
        case Fraction():
            return in_words(int(value) if value.denominator == 1 else float(value))
        case int() | float():
            return number_text(value, "#,##0.##")
    return in_words(str(value))

"""Conditions in few words, for the canvas, the console and the Temporal UI (to which asterisks mean emphasis)."""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.conditions.contract import Node
from orchestrator.core.conditions.operators import Operator
from orchestrator.core.text import OR, Text, joined, verbatim
from orchestrator.core.values import Ref

# In Korean no particle follows a name: it would depend on the sound that the name ends with.
_COMPARED: Mapping[Operator, Text] = {
    "eq": Text("{name} is {value}"),
    "ne": Text("{name} is not {value}"),
    "gt": Text("{name} is more than {value}"),
    "gte": Text("{name} is at least {value}"),
    "lt": Text("{name} is less than {value}"),
    "lte": Text("{name} is at most {value}"),
    "in": Text("{name} is {value}"),
    "not_in": Text("{name} is not {value}"),
    "contains": Text("{name} contains {value}"),
    "starts_with": Text("{name} starts with {value}"),
    "exists": Text("{name} is known"),
    "missing": Text("{name} is not known"),
}
_BEFORE_AND_AFTER: Mapping[Operator, Text] = {
    "gt": Text("{name} is after {value}"),
    "gte": Text("{name} is {value} or after"),
    "lt": Text("{name} is before {value}"),
    "lte": Text("{name} is {value} or before"),
}
_SOURCE: Mapping[str, Text] = {
    "entry": Text("the entry event’s {name}"),
    "event": Text("the event’s {name}"),
    "var": Text("the journey variable {name}"),
}


def describe(condition: Node) -> Text:
    """One line: "*Order Completed* at least once in 7 days" / "7일 안에 *Order Completed* 1회 이상"."""
    return condition.describe()


def either(parts: list[Text]) -> Text:
    """``a, b or c``."""
    if not parts:
        return Text("nothing")
    *most, last = parts
    if not most:
        return last
    return joined((joined(most), last), OR)


def value_words(operand: Any) -> Text:
    """A value, or where it comes from."""
    match operand:
        case Ref(ref=ref):
            source, _, path = ref.partition(".")
            return _SOURCE[source].format(name=path)
        case tuple():
            return either([value_words(one) for one in operand])
        case bool():
            return Text("true") if operand else Text("false")
        case str():
            return verbatim(f"“{operand}”")
        case None:
            return Text("nothing")
    return verbatim(str(operand))


def compared(subject: Text, op: Operator, operand: Any) -> Text:
    """``subject is more than operand``, said of a date as before and after."""
    phrases = _BEFORE_AND_AFTER if isinstance(operand, str) and op in _BEFORE_AND_AFTER else _COMPARED
    return phrases[op].format(name=subject, value=value_words(operand))

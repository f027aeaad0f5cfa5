"""Conditions in few words, for the canvas, the console and the Temporal UI (to which asterisks mean emphasis)."""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.channels.registry import channel_in_sentence
from orchestrator.core.conditions.model import (
    All,
    AnyOf,
    Attribute,
    Condition,
    Consent,
    History,
    InStage,
    Measure,
    Not,
    Operator,
    Property,
)
from orchestrator.core.formatting import span
from orchestrator.core.text import AND, OR, Text, joined, verbatim
from orchestrator.core.values import STAGE_TEXT, Ref

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
_AMOUNT: Mapping[Operator, Text] = {
    "eq": Text("exactly {amount}"),
    "ne": Text("other than {amount}"),
    "gt": Text("more than {amount}"),
    "gte": Text("at least {amount}"),
    "lt": Text("less than {amount}"),
    "lte": Text("at most {amount}"),
}
_SUBJECT: Mapping[Measure, Text] = {
    "count": Text("number of {event}"),
    "sum": Text("sum of {property} of {event}"),
    "average": Text("average {property} of {event}"),
    "minimum": Text("lowest {property} of {event}"),
    "maximum": Text("highest {property} of {event}"),
    "first": Text("{property} of the first {event}"),
    "last": Text("{property} of the last {event}"),
    "days_since_first": Text("days since the first {event}"),
    "days_since_last": Text("days since the last {event}"),
    "average_interval": Text("average interval of {event} in days"),
    "overdue": Text("time since the last {event} over its usual interval"),
}
_MEASURED: Mapping[Measure, Text] = {
    "days_since_first": Text("first {event} {amount} ago"),
    "days_since_last": Text("last {event} {amount} ago"),
    "average_interval": Text("average interval of {event} {amount}"),
    "overdue": Text("no {event} for {amount} the usual interval"),
}
_DAYS = Text("{amount} day", plural="{amount} days")
_UNIT: Mapping[Measure, Text] = {
    "days_since_first": _DAYS,
    "days_since_last": _DAYS,
    "average_interval": _DAYS,
    "overdue": Text("{amount} times"),
}
_SOURCE: Mapping[str, Text] = {
    "entry": Text("the entry event’s {name}"),
    "event": Text("the event’s {name}"),
    "var": Text("the run’s {name}"),
}
_OPPOSITE: Mapping[Operator, Operator] = {
    "eq": "ne",
    "ne": "eq",
    "in": "not_in",
    "not_in": "in",
    "exists": "missing",
    "missing": "exists",
}


def describe(condition: Condition) -> Text:
    """One line: "*Order Completed* at least once in 7 days" / "7일 안에 *Order Completed* 1회 이상"."""
    match condition:
        case All(of=parts):
            return _joined(parts, AND, Text("always"))
        case AnyOf(of=parts):
            return _joined(parts, OR, Text("never"))
        case Not(of=part):
            return _negated(part)
        case Attribute() | Property():
            return _compared(verbatim(condition.name), condition.op, condition.value)
        case Consent():
            return _consent(condition)
        case InStage(of=stages):
            return Text("lifecycle stage {stage}", stage=_either([STAGE_TEXT[stage] for stage in stages]))
        case History():
            return _history(condition)


def _either(parts: list[Text]) -> Text:
    if not parts:
        return Text("nothing")
    *most, last = parts
    if not most:
        return last
    return joined((joined(most), last), OR)


def _joined(parts: tuple[Condition, ...], word: Text, none: Text) -> Text:
    words = [describe(part) for part in parts]
    if len(words) > 1:
        words = [
            Text("({words})", words=text) if isinstance(part, All | AnyOf) and len(part.of) > 1 else text
            for part, text in zip(parts, words, strict=True)
        ]
    return joined(words, word) if words else none


def _negated(part: Condition) -> Text:
    match part:
        case Not(of=inner):
            return describe(inner)
        case Consent(granted=granted):
            return describe(part.model_copy(update={"granted": not granted}))
        case Attribute(op=op) | Property(op=op) | History(op=op) if op in _OPPOSITE:
            return describe(part.model_copy(update={"op": _OPPOSITE[op]}))
    return Text("not ({words})", words=describe(part))


def _consent(leaf: Consent) -> Text:
    channel = channel_in_sentence(leaf.channel)
    if leaf.purpose == "night":
        channel = Text("{channel} at night", context="condition", channel=channel)
    if leaf.granted:
        return Text("agreed to advertising by {channel}", channel=channel)
    return Text("not agreed to advertising by {channel}", channel=channel)


def value_words(operand: Any) -> Text:
    """A value, or where it comes from."""
    match operand:
        case Ref(ref=ref):
            source, _, path = ref.partition(".")
            return _SOURCE[source].format(name=path)
        case tuple():
            return _either([value_words(one) for one in operand])
        case bool():
            return Text("true") if operand else Text("false")
        case str():
            return verbatim(f"“{operand}”")
        case None:
            return Text("nothing")
    return verbatim(str(operand))


def _compared(subject: Text, op: Operator, operand: Any) -> Text:
    phrases = _BEFORE_AND_AFTER if isinstance(operand, str) and op in _BEFORE_AND_AFTER else _COMPARED
    return phrases[op].format(name=subject, value=value_words(operand))


def _event(leaf: History) -> Text:
    event = verbatim(f"*{leaf.event}*")
    return event if leaf.where is None else Text("{event} ({where})", event=event, where=describe(leaf.where))


def _history(leaf: History) -> Text:
    event = _event(leaf)
    number = not isinstance(leaf.value, str | bool | tuple | None) and leaf.op in _AMOUNT
    if leaf.measure == "count" and number:
        words = _counted(event, leaf)
    elif leaf.measure in _MEASURED and number:
        measured = _UNIT[leaf.measure].format(
            amount=value_words(leaf.value), count=leaf.value if isinstance(leaf.value, int) else 2
        )
        words = _MEASURED[leaf.measure].format(event=event, amount=_AMOUNT[leaf.op].format(amount=measured))
    else:
        subject = _SUBJECT[leaf.measure].format(event=event, property=leaf.property)
        words = _compared(subject, leaf.op, leaf.value)
    return _in_window(words, leaf)


def _counted(event: Text, leaf: History) -> Text:
    if (leaf.op, leaf.value) in (("eq", 0), ("lt", 1), ("lte", 0)):
        return Text("no {event}", event=event)
    value = value_words(leaf.value)
    if leaf.op == "lt":
        return Text("{event} fewer than {value} times", event=event, value=value)
    return Text("{event} {times}", event=event, times=_AMOUNT[leaf.op].format(amount=_times(leaf.value, value)))


def _times(number: Any, value: Text) -> Text:
    if number == 1:
        return Text("once")
    return Text("twice") if number == 2 else Text("{value} times", value=value)


def _in_window(words: Text, leaf: History) -> Text:
    if leaf.after is not None:
        day = leaf.after.strftime("%Y-%m-%d %H:%M%z" if leaf.after.hour or leaf.after.minute else "%Y-%m-%d")
        words = Text("{words} since {day}", words=words, day=day)
    if leaf.since_entry:
        words = Text("{words} since entry", words=words)
    if leaf.within is not None:
        words = Text("{words} in {length}", words=words, length=span(leaf.within))
    return words

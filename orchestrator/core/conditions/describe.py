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
from orchestrator.core.text import Text
from orchestrator.core.values import STAGE_TEXT, Ref

# In Korean no particle follows a name: it would depend on the sound that the name ends with.
_COMPARED: Mapping[Operator, Text] = {
    "eq": Text("{0} is {1}", "{0} = {1}"),
    "ne": Text("{0} is not {1}", "{0} ≠ {1}"),
    "gt": Text("{0} is more than {1}", "{0} {1} 초과"),
    "gte": Text("{0} is at least {1}", "{0} {1} 이상"),
    "lt": Text("{0} is less than {1}", "{0} {1} 미만"),
    "lte": Text("{0} is at most {1}", "{0} {1} 이하"),
    "in": Text("{0} is {1}", "{0} = {1}"),
    "not_in": Text("{0} is not {1}", "{0} ≠ {1}"),
    "contains": Text("{0} contains {1}", "{0}에 {1} 포함"),
    "starts_with": Text("{0} starts with {1}", "{0} 앞부분이 {1}"),
    "exists": Text("{0} is known", "{0} 값 있음"),
    "missing": Text("{0} is not known", "{0} 값 없음"),
}
_BEFORE_AND_AFTER: Mapping[Operator, Text] = {
    "gt": Text("{0} is after {1}", "{0} {1} 다음"),
    "gte": Text("{0} is {1} or after", "{0} {1} 이후"),
    "lt": Text("{0} is before {1}", "{0} {1} 전"),
    "lte": Text("{0} is {1} or before", "{0} {1} 이전"),
}
_AMOUNT: Mapping[Operator, Text] = {
    "eq": Text("exactly {0}", "정확히 {0}"),
    "ne": Text("other than {0}", "{0} 아님"),
    "gt": Text("more than {0}", "{0} 초과"),
    "gte": Text("at least {0}", "{0} 이상"),
    "lt": Text("less than {0}", "{0} 미만"),
    "lte": Text("at most {0}", "{0} 이하"),
}
_SUBJECT: Mapping[Measure, Text] = {
    "count": Text("number of {0}", "{0} 횟수"),
    "sum": Text("sum of {1} of {0}", "{0}의 {1} 합계"),
    "average": Text("average {1} of {0}", "{0}의 {1} 평균"),
    "minimum": Text("lowest {1} of {0}", "{0}의 {1} 최솟값"),
    "maximum": Text("highest {1} of {0}", "{0}의 {1} 최댓값"),
    "first": Text("{1} of the first {0}", "첫 {0}의 {1}"),
    "last": Text("{1} of the last {0}", "마지막 {0}의 {1}"),
    "days_since_first": Text("days since the first {0}", "첫 {0} 후 지난 날수"),
    "days_since_last": Text("days since the last {0}", "마지막 {0} 후 지난 날수"),
    "average_interval": Text("average interval of {0} in days", "{0} 평균 간격(일)"),
    "overdue": Text("time since the last {0} over its usual interval", "평소 간격 대비 마지막 {0} 후 지난 시간"),
}
_MEASURED: Mapping[Measure, Text] = {
    "days_since_first": Text("first {0} {1} ago", "첫 {0} 후 {1}"),
    "days_since_last": Text("last {0} {1} ago", "마지막 {0} 후 {1}"),
    "average_interval": Text("average interval of {0} {1}", "{0} 평균 간격 {1}"),
    "overdue": Text("no {0} for {1} the usual interval", "마지막 {0} 후 평소 간격의 {1}"),
}
_DAYS = (Text("{0} days", "{0}일"), Text("{0} day", "{0}일"))
_UNIT: Mapping[Measure, tuple[Text, Text]] = {
    "days_since_first": _DAYS,
    "days_since_last": _DAYS,
    "average_interval": _DAYS,
    "overdue": (Text("{0} times", "{0}배"), Text("{0} times", "{0}배")),
}
"""Of several, of one."""
_SOURCE: Mapping[str, Text] = {
    "entry": Text("the entry event’s {0}", "진입 이벤트의 {0}"),
    "event": Text("the event’s {0}", "이벤트의 {0}"),
    "var": Text("the run’s {0}", "여정 변수 {0}"),
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
            return _joined(parts, Text(" and ", " 그리고 "), Text("always", "항상"))
        case AnyOf(of=parts):
            return _joined(parts, Text(" or ", " 또는 "), Text("never", "해당 없음"))
        case Not(of=part):
            return _negated(part)
        case Attribute() | Property():
            return _compared(_same(condition.name), condition.op, condition.value)
        case Consent():
            return _consent(condition)
        case InStage(of=stages):
            return _fill(Text("lifecycle stage {0}", "고객 단계 {0}"), _either([STAGE_TEXT[stage] for stage in stages]))
        case History():
            return _history(condition)


def _same(words: object) -> Text:
    return Text(str(words), str(words))


def _fill(phrase: Text, *parts: Text) -> Text:
    return Text(phrase.en.format(*(part.en for part in parts)), phrase.ko.format(*(part.ko for part in parts)))


def _either(parts: list[Text]) -> Text:
    if not parts:
        return Text("nothing", "없음")
    *most, last = parts
    if not most:
        return last
    return Text(f"{', '.join(p.en for p in most)} or {last.en}", f"{', '.join(p.ko for p in most)} 또는 {last.ko}")


def _joined(parts: tuple[Condition, ...], word: Text, none: Text) -> Text:
    words = [describe(part) for part in parts]
    if len(words) > 1:
        words = [
            _fill(Text("({0})", "({0})"), text) if isinstance(part, All | AnyOf) and len(part.of) > 1 else text
            for part, text in zip(parts, words, strict=True)
        ]
    return Text(word.en.join(w.en for w in words), word.ko.join(w.ko for w in words)) if words else none


def _negated(part: Condition) -> Text:
    match part:
        case Not(of=inner):
            return describe(inner)
        case Consent(granted=granted):
            return describe(part.model_copy(update={"granted": not granted}))
        case Attribute(op=op) | Property(op=op) | History(op=op) if op in _OPPOSITE:
            return describe(part.model_copy(update={"op": _OPPOSITE[op]}))
    return _fill(Text("not ({0})", "({0}) 아님"), describe(part))


def _consent(leaf: Consent) -> Text:
    channel = channel_in_sentence(leaf.channel)
    if leaf.purpose == "night":
        channel = _fill(Text("{0} at night", "{0} 야간"), channel)
    agreed = Text("agreed to advertising by {0}", "{0} 광고 수신 동의")
    refused = Text("not agreed to advertising by {0}", "{0} 광고 수신 미동의")
    return _fill(agreed if leaf.granted else refused, channel)


def value_words(operand: Any) -> Text:
    """A value, or where it comes from."""
    match operand:
        case Ref(ref=ref):
            source, _, path = ref.partition(".")
            return _fill(_SOURCE[source], _same(path))
        case tuple():
            return _either([value_words(one) for one in operand])
        case bool():
            return Text("true", "참") if operand else Text("false", "거짓")
        case str():
            return _same(f"“{operand}”")
        case None:
            return Text("nothing", "없음")
    return _same(operand)


def _compared(subject: Text, op: Operator, operand: Any) -> Text:
    phrases = _BEFORE_AND_AFTER if isinstance(operand, str) and op in _BEFORE_AND_AFTER else _COMPARED
    return _fill(phrases[op], subject, value_words(operand))


def _event(leaf: History) -> Text:
    event = _same(f"*{leaf.event}*")
    return event if leaf.where is None else _fill(Text("{0} ({1})", "{0}({1})"), event, describe(leaf.where))


def _history(leaf: History) -> Text:
    event = _event(leaf)
    number = not isinstance(leaf.value, str | bool | tuple | None) and leaf.op in _AMOUNT
    if leaf.measure == "count" and number:
        words = _counted(event, leaf)
    elif leaf.measure in _MEASURED and number:
        amount = _fill(_AMOUNT[leaf.op], _fill(_UNIT[leaf.measure][leaf.value == 1], value_words(leaf.value)))
        words = _fill(_MEASURED[leaf.measure], event, amount)
    else:
        subject = _fill(_SUBJECT[leaf.measure], event, _same(leaf.property))
        words = _compared(subject, leaf.op, leaf.value)
    return _in_window(words, leaf)


def _counted(event: Text, leaf: History) -> Text:
    if (leaf.op, leaf.value) in (("eq", 0), ("lt", 1), ("lte", 0)):
        return _fill(Text("no {0}", "{0} 없음"), event)
    value = value_words(leaf.value)
    if leaf.op == "lt":
        return _fill(Text("{0} fewer than {1} times", "{0} {1}회 미만"), event, value)
    times = Text("once" if leaf.value == 1 else "twice" if leaf.value == 2 else f"{value.en} times", f"{value.ko}회")
    return _fill(Text("{0} {1}", "{0} {1}"), event, _fill(_AMOUNT[leaf.op], times))


def _in_window(words: Text, leaf: History) -> Text:
    if leaf.after is not None:
        day = leaf.after.strftime("%Y-%m-%d %H:%M%z" if leaf.after.hour or leaf.after.minute else "%Y-%m-%d")
        words = _fill(Text("{0} since {1}", "{1} 이후 {0}"), words, _same(day))
    if leaf.since_entry:
        words = _fill(Text("{0} since entry", "진입 이후 {0}"), words)
    if leaf.within is not None:
        words = _fill(Text("{0} in {1}", "{1} 안에 {0}"), words, span(leaf.within))
    return words

"""Conditions in few words, for the canvas, the console and the Temporal UI (to which asterisks mean emphasis)."""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.conditions.contract import Node
from orchestrator.core.conditions.operators import Operator
from orchestrator.core.text import Text
from orchestrator.core.values import Ref

CHANNEL_TEXT: Mapping[str, Text] = {
    "email": Text("e-mail", "이메일"),
    "sms": Text("SMS", "문자"),
    "push": Text("app push", "앱 푸시"),
    "alimtalk": Text("Alimtalk", "알림톡"),
    "kakao_brand": Text("Brand Message", "브랜드 메시지"),
    "web_push": Text("web push", "웹 푸시"),
    "in_app": Text("on-site message", "온사이트 메시지"),
    # No channel of messages; the ledger writes calls to other systems down under it.
    "webhook": Text("webhook", "웹훅"),
}

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
_SOURCE: Mapping[str, Text] = {
    "entry": Text("the entry event’s {0}", "진입 이벤트의 {0}"),
    "event": Text("the event’s {0}", "이벤트의 {0}"),
    "var": Text("the run’s {0}", "여정 변수 {0}"),
}


def describe(condition: Node) -> Text:
    """One line: "*Order Completed* at least once in 7 days" / "7일 안에 *Order Completed* 1회 이상"."""
    return condition.describe()


def same(words: object) -> Text:
    """Words that are the same in every language: names, values."""
    return Text(str(words), str(words))


def fill(phrase: Text, *parts: Text) -> Text:
    """The phrase with ``{0}``, ``{1}`` … filled, language by language."""
    return Text(phrase.en.format(*(part.en for part in parts)), phrase.ko.format(*(part.ko for part in parts)))


def either(parts: list[Text]) -> Text:
    """``a, b or c``."""
    if not parts:
        return Text("nothing", "없음")
    *most, last = parts
    if not most:
        return last
    return Text(f"{', '.join(p.en for p in most)} or {last.en}", f"{', '.join(p.ko for p in most)} 또는 {last.ko}")


def value_words(operand: Any) -> Text:
    """A value, or where it comes from."""
    match operand:
        case Ref(ref=ref):
            source, _, path = ref.partition(".")
            return fill(_SOURCE[source], same(path))
        case tuple():
            return either([value_words(one) for one in operand])
        case bool():
            return Text("true", "참") if operand else Text("false", "거짓")
        case str():
            return same(f"“{operand}”")
        case None:
            return Text("nothing", "없음")
    return same(operand)


def compared(subject: Text, op: Operator, operand: Any) -> Text:
    """``subject is more than operand``, said of a date as before and after."""
    phrases = _BEFORE_AND_AFTER if isinstance(operand, str) and op in _BEFORE_AND_AFTER else _COMPARED
    return fill(phrases[op], subject, value_words(operand))

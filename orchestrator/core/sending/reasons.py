"""Why a message was not sent, or not at once: every reason in both languages, as people read it in the console.

``docs/sending.md`` explains each, by test.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from orchestrator.core.channels.contacts import contact_title
from orchestrator.core.channels.registry import channel_in_sentence
from orchestrator.core.formatting import instant
from orchestrator.core.text import LOCALES, Text

ReasonCode = Literal[
    "journey_paused",
    "journey_stopped",
    "run_over",
    "not_wanted",
    "class_not_allowed",
    "no_consent",
    "no_address",
    "complaint_open",
    "consent_expired",
    "frequency_cap",
    "frequency_cap_held",
    "frequency_cap_too_long",
    "legal_night",
    "channel_closed",
    "quiet_hours",
    "rate_limit",
    "unmarked",
    "no_content",
    "missing_variable",
    "template_failed",
    "unreachable",
    "ambiguous",
    "interrupted",
    "not_accepted",
    "not_delivered",
    "temporary",
    "counts_away",
    "definition_error",
    "webhook_refused",
    "webhook_failed",
    "webhook_answer",
]

REASONS: dict[ReasonCode, Text] = {
    "journey_paused": Text("The journey is paused; asked again at {until}", "여정 일시 중지됨, {until}에 다시 확인"),
    "journey_stopped": Text("The journey is stopped", "여정이 중단됨"),
    "run_over": Text("The customer had left the journey", "고객이 이미 여정에서 나감"),
    "not_wanted": Text("The step's own condition no longer held", "단계의 발송 조건을 더 이상 만족하지 않음"),
    "class_not_allowed": Text(
        "{channel} does not carry {class} messages", "{channel} 채널은 {class} 메시지를 허용하지 않음"
    ),
    "no_consent": Text("No consent to advertising by {channel}", "{channel} 광고 수신 동의 없음"),
    "no_address": Text("No valid {contact}", "유효한 {contact} 없음"),
    "complaint_open": Text("A complaint of theirs is open", "처리 중인 불만이 있음"),
    "consent_expired": Text(
        "Consent to advertising by {channel} was not confirmed for too long",
        "{channel} 광고 수신 동의를 재확인한 지 오래됨",
    ),
    "frequency_cap": Text("Frequency cap reached: {cap}", "빈도 제한 도달: {cap}"),
    "frequency_cap_held": Text(
        "Frequency cap reached ({cap}): held until {until} ({zone})", "빈도 제한 도달({cap}): {until} ({zone})까지 보류"
    ),
    "frequency_cap_too_long": Text(
        "Frequency cap reached ({cap}), and no room within the time it may wait",
        "빈도 제한 도달({cap}), 대기 가능 시간 안에 자리가 나지 않음",
    ),
    "legal_night": Text(
        "No night-time consent: held until {until} ({zone})", "야간 광고 수신 동의 없음: {until} ({zone})까지 보류"
    ),
    "channel_closed": Text(
        "{channel} takes nothing at this hour: held until {until} ({zone})",
        "{channel} 발송 불가 시간: {until} ({zone})까지 보류",
    ),
    "quiet_hours": Text("Quiet hours: held until {until} ({zone})", "방해 금지 시간: {until} ({zone})까지 보류"),
    "rate_limit": Text(
        "{channel} is at its limit: held until {until}", "{channel} 발송 한도에 이르러 {until}까지 보류"
    ),
    "unmarked": Text("An advertisement must also say: {marks}", "광고에 꼭 필요한 표시 누락: {marks}"),
    "no_content": Text("The message says nothing in any language", "메시지 내용이 비어 있음"),
    "missing_variable": Text("Unset: {names}", "값이 없는 변수: {names}"),
    "template_failed": Text("The template failed on this customer's data", "이 고객의 데이터로 템플릿을 만들 수 없음"),
    "unreachable": Text("Not reachable by {channel}", "{channel}(으)로 도달할 수 없음"),
    "ambiguous": Text(
        "Handed over by {channel}; the outcome is unknown", "{channel}(으)로 전달했으나 결과를 알 수 없음"
    ),
    "interrupted": Text(
        "Interrupted while sending by {channel}; not repeated, for it may have arrived",
        "{channel} 발송 중 중단됨; 이미 도착했을 수 있어 다시 보내지 않음",
    ),
    "not_accepted": Text("The provider of {channel} never took it over", "{channel} 발송사가 접수한 기록이 없음"),
    "not_delivered": Text("Not delivered by {channel}", "{channel}(으)로 전달되지 않음"),
    "temporary": Text("{channel} could not take it just now; tried again", "{channel} 일시 오류, 재시도"),
    "counts_away": Text(
        "What frequency caps count could not be looked up; tried again", "빈도 제한 횟수를 확인할 수 없어 재시도"
    ),
    "definition_error": Text("The message's definition is wrong: {detail}", "메시지 설정 오류: {detail}"),
    "webhook_refused": Text("The address is not called: {detail}", "호출할 수 없는 주소: {detail}"),
    "webhook_failed": Text("The call failed: {detail}", "호출 실패: {detail}"),
    "webhook_answer": Text("The answer could not be read: {detail}", "응답을 읽을 수 없음: {detail}"),
}

OUTCOMES: dict[str, Text] = {
    "sent": Text("Sent by {channel}", "{channel} 발송"),
    "held": Text("Held", "보류"),
    "claimed": Text("Being sent", "발송 중"),
    "skipped": Text("Not sent", "발송 안 함"),
    "failed": Text("Not sent", "발송 실패"),
    "unknown": Text("Outcome unknown", "결과 확인 안 됨"),
}
_CLASSES = {"advertising": Text("advertising", "광고성"), "informational": Text("informational", "정보성")}
_WEBHOOK = Text("webhook", "웹훅")
"""No channel of messages; the ledger writes calls to other systems down under it."""


MARKS: dict[str, Text] = {
    "label": Text("the label (광고)", "(광고) 표시"),
    "sender": Text("who sends it", "전송자 이름"),
    "opt_out": Text("how to opt out", "수신거부 방법"),
}
"""What an advertisement must say (``core.sending.advertising.missing_marks``)."""


def words_of_reason(phrase: Text, parameters: Mapping[str, Any]) -> Text:
    """A reason's phrase with its parameters as they are; what is words already (``{"en", "ko"}``) in each language."""
    filled = [{name: _plain(value, locale) for name, value in parameters.items()} for locale in LOCALES]
    return Text(*(getattr(phrase, locale).format(**filled[n]) for n, locale in enumerate(LOCALES)))


def _plain(value: Any, locale: str) -> Any:
    return value.get(locale, "") if isinstance(value, Mapping) else value


def reason_in_words(reason: Mapping[str, Any], where: ZoneInfo) -> Text:
    """A reason as the ledger keeps it (``Reason.as_json``), with its channels, classes and instants in words."""
    phrase = REASONS.get(reason.get("code", ""))
    if phrase is None:
        return Text(str(reason.get("code", "")), str(reason.get("code", "")))
    said = {name: _said(name, value, where) for name, value in reason.items()}
    words = [{name: getattr(one, locale) for name, one in said.items()} for locale in LOCALES]
    return Text(*(getattr(phrase, locale).format_map(defaultdict(str, words[n])) for n, locale in enumerate(LOCALES)))


def outcome_in_words(
    outcome: str,
    channel: str | None,
    reason: Mapping[str, Any] | None,
    passed: Mapping[str, Mapping[str, Any]],
    where: ZoneInfo,
) -> Text:
    """What became of a message: "Held: no night-time consent …", "Sent by e-mail (app push: no valid push token)".

    ``passed``: why channels before it were passed over. A reason that is the whole outcome's is not said twice.
    """
    name, phrase = _channel(channel or ""), OUTCOMES.get(outcome, Text(outcome, outcome))
    said = Text(phrase.en.format(channel=name.en), phrase.ko.format(channel=name.ko))
    if reason is not None:
        why = reason_in_words(reason, where)
        said = Text(f"{said.en}: {why.en}", f"{said.ko}: {why.ko}")
    told = [(_channel(one), reason_in_words(why, where)) for one, why in passed.items() if why != reason]
    if not told:
        return said
    en = ", ".join(f"{channel.en}: {why.en}" for channel, why in told)
    ko = ", ".join(f"{channel.ko}: {why.ko}" for channel, why in told)
    return Text(f"{said.en} ({en})", f"{said.ko}({ko})")


def _channel(name: str) -> Text:
    return _WEBHOOK if name == "webhook" else channel_in_sentence(name)


_NAMED: Mapping[str, Callable[[str], Text]] = {
    "channel": _channel,
    "class": lambda name: _CLASSES.get(name, Text(name, name)),
    "contact": contact_title,
}
"""Parameters that name something which has words of its own."""


def _said(name: str, value: Any, where: ZoneInfo) -> Text:
    if isinstance(value, str) and name in _NAMED:
        return _NAMED[name](value)
    if isinstance(value, Mapping):
        return Text(str(value.get("en", "")), str(value.get("ko", "")))
    if name == "marks" and isinstance(value, list):
        marks = [MARKS.get(str(mark), Text(str(mark), str(mark))) for mark in value]
        return Text(", ".join(mark.en for mark in marks), ", ".join(mark.ko for mark in marks))
    if name == "until" and isinstance(value, str) and "T" in value:
        return instant(datetime.fromisoformat(value), where)
    words = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return Text(words, words)

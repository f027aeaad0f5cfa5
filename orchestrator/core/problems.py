"""What the compiler can find wrong: code, severity, and the words for it in both languages."""

# ruff: noqa: E501 - a table of sentences, one a line

from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Literal

from orchestrator.core.text import LOCALES, Locale, Text

Severity = Literal["error", "warning"]

PROBLEMS: dict[str, tuple[Severity, Text]] = {
    "invalid_value": (
        "error",
        Text("{label}: {message}. Correct the value.", "{label}: 값이 올바르지 않습니다({message}). 값을 고쳐 주세요."),
    ),
    "empty_value": (
        "error",
        Text("“{label}” is still empty. Fill it in.", "“{label}” 항목이 비어 있습니다. 내용을 채워 주세요."),
    ),
    "unknown_field": (
        "error",
        Text("There is no field “{field}” here. Correct its name or remove it.", "“{field}” 항목은 여기에 쓸 수 없습니다. 이름을 고치거나 지우세요."),
    ),
    "missing_field": (
        "error",
        Text("“{label}” is missing. Add it.", "“{label}” 항목이 없습니다. 추가하세요."),
    ),
    "unknown_kind": (
        "error",
        Text("There is no step kind “{kind}”. Use one of: {kinds}.", "“{kind}”은(는) 없는 단계 종류입니다. 사용할 수 있는 종류: {kinds}."),
    ),
    "duplicate_id": (
        "error",
        Text("Two {what}s are called “{id}”. Rename one of them.", "“{id}”(이)라는 {what} ID가 두 번 쓰였습니다. 하나를 바꿔 주세요."),
    ),
    "reserved_id": (
        "error",
        Text("“{id}” names the entry. Give this step another id.", "“{id}”은(는) 진입 지점의 이름입니다. 다른 ID를 쓰세요."),
    ),
    "unknown_step": (
        "error",
        Text("An edge leads from or to “{id}”, which does not exist. Remove it or add the step.", "연결선이 없는 단계 “{id}”을(를) 가리킵니다. 연결선을 지우거나 단계를 추가하세요."),
    ),
    "unknown_port": (
        "error",
        Text("This step has no port “{port}”. It has: {ports}.", "이 단계에는 “{port}” 출구가 없습니다. 있는 출구: {ports}."),
    ),
    "duplicate_edge": (
        "error",
        Text("Two edges leave port “{port}”. Keep one.", "“{port}” 출구에서 연결선이 두 개 나갑니다. 하나만 남기세요."),
    ),
    "missing_edge": (
        "error",
        Text("“{port}” leads nowhere yet. Add a step after it, or connect it to one.", "“{port}” 다음에 단계가 없습니다. 단계를 추가하거나 연결하세요."),
    ),
    "no_entry_edge": (
        "error",
        Text("The entry leads nowhere yet. Add the first step, or connect it to one.", "진입 다음에 단계가 없습니다. 첫 단계를 추가하거나 연결하세요."),
    ),
    "unreachable_step": (
        "error",
        Text("No customer can get to this step. Connect it or delete it.", "어떤 고객도 이 단계에 올 수 없습니다. 연결하거나 삭제하세요."),
    ),
    "loop_without_wait": (
        "error",
        Text("The loop {loop} never waits: a customer would run round it without end. Add a delay or a wait.", "{loop} 반복 구간에 대기가 없어 고객이 끝없이 돌게 됩니다. 시간 대기나 이벤트 대기를 추가하세요."),
    ),
    "no_exit": (
        "error",
        Text("No path ends and no exit rule is set: nobody could ever leave. Add an exit.", "끝나는 경로도 이탈 규칙도 없어 아무도 나갈 수 없습니다. 종료 단계를 추가하세요."),
    ),
    "stage_missing": (
        "error",
        Text("This step lies in no lifecycle stage. Move it into a lane.", "이 단계에 생애주기 단계가 없습니다. 레인 안으로 옮기세요."),
    ),
    "weights_zero": (
        "error",
        Text("The weights add up to 0. Give at least one arm a weight.", "가중치 합이 0입니다. 하나 이상에 가중치를 주세요."),
    ),
    "too_many_controls": (
        "error",
        Text("{count} arms are marked as the control. Mark one.", "대조군이 {count}개입니다. 하나만 지정하세요."),
    ),
    "no_control": (
        "warning",
        Text("No arm is marked as the control, so lift cannot be told. Mark one.", "대조군이 없어 효과를 비교할 수 없습니다. 하나를 지정하세요."),
    ),
    "exit_shape": (
        "error",
        Text("Exit rule “{id}” needs either an event or a condition, and only one of them.", "이탈 규칙 “{id}”에는 이벤트와 조건 중 하나만 있어야 합니다."),
    ),
    "filter_never_matches": (
        "error",
        Text("“{place}” can never hold: {condition}. Correct the condition.", "“{place}” 항목은 절대 만족할 수 없는 조건입니다: {condition}. 조건을 고쳐 주세요."),
    ),
    "empty_condition": (
        "warning",
        Text("“{place}” asks nothing, so it always holds. Add a condition.", "“{place}” 항목이 비어 있어 항상 만족합니다. 조건을 추가하세요."),
    ),
    "filter_asks_customer": (
        "error",
        Text("“{place}” may look at the event's properties only. Ask about the customer in a branch step.", "“{place}” 항목에는 이벤트 속성만 쓸 수 있습니다. 고객에 대한 조건은 조건 분기 단계에 쓰세요."),
    ),
    "wait_without_end": (
        "error",
        Text("Neither time nor any event can change this condition: who does not meet it at once waits for ever. Add a window, or use a branch.", "시간이 지나거나 이벤트가 와도 이 조건은 바뀌지 않아, 처음에 만족하지 않은 고객은 끝없이 기다립니다. 대기 기간을 정하거나 조건 분기를 쓰세요."),
    ),
    "sample_text": (
        "warning",
        Text("The {language} text is still the sample. Write your own, or remove that language.", "{language} 본문이 예시 문구 그대로입니다. 내용을 쓰거나 그 언어를 지우세요."),
    ),
    "template_syntax": (
        "error",
        Text("“{part}” ({locale}) cannot be read. {message}. Correct it.", "“{part}”({locale})의 템플릿 문법이 잘못되었습니다. {message}. 고쳐 주세요."),
    ),
    "unknown_event": (
        "warning",
        Text("No event called “{name}” has been seen yet. Check the spelling.", "“{name}” 이벤트가 들어온 적이 없습니다. 철자를 확인하세요."),
    ),
    "unknown_property": (
        "warning",
        Text("Event “{event}” has not been seen with a property “{name}”. Check the spelling.", "“{event}” 이벤트에 “{name}” 속성이 들어온 적이 없습니다. 철자를 확인하세요."),
    ),
    "unknown_attribute": (
        "warning",
        Text("No customer has an attribute “{name}” yet. Check the spelling.", "“{name}” 속성을 가진 고객이 아직 없습니다. 철자를 확인하세요."),
    ),
    "unknown_variable": (
        "error",
        Text("“{name}” in “{part}” means nothing here. Use customer.…, entry.…, event.… or var.…", "“{part}”의 “{name}”은(는) 쓸 수 없는 변수입니다. customer.…, entry.…, event.…, var.… 를 쓰세요."),
    ),
    "undeclared_variable": (
        "error",
        Text("“var.{name}” is not among the journey's variables. Declare it.", "“var.{name}” 변수가 여정에 선언되지 않았습니다. 변수를 추가하세요."),
    ),
    "unknown_survey": (
        "error",
        Text("There is no survey “{name}”. Choose another, or write it under Surveys first.", "“{name}” 설문이 없습니다. 다른 설문을 고르거나 설문 메뉴에서 먼저 만드세요."),
    ),
    "survey_groups_differ": (
        "error",
        Text("The ways of this step are not the answer groups of the survey “{name}”: {groups}. Choose the survey again.", "이 단계의 경로가 “{name}” 설문의 응답 그룹({groups})과 다릅니다. 설문을 다시 고르세요."),
    ),
    "unknown_journey": (
        "warning",
        Text("There is no journey “{name}”. Publish it first, or correct the key.", "“{name}” 여정이 없습니다. 먼저 게시하거나 키를 고쳐 주세요."),
    ),
    "no_words": (
        "error",
        Text("This message has no words. Write them here, or choose a template.", "메시지 내용이 없습니다. 직접 쓰거나 템플릿을 고르세요."),
    ),
    "words_and_template": (
        "error",
        Text("This message has words of its own and a template. Keep one of the two.", "직접 쓴 내용과 템플릿이 함께 있습니다. 하나만 남기세요."),
    ),
    "unknown_message_template": (
        "error",
        Text("There is no template “{name}”. Choose another, or make it first.", "“{name}” 템플릿이 없습니다. 다른 템플릿을 고르거나 먼저 만드세요."),
    ),
    "template_archived": (
        "error",
        Text("Template “{name}” is archived and is not sent. Choose another, or bring it back.", "보관된 템플릿 “{name}”은(는) 발송할 수 없습니다. 다른 템플릿을 고르거나 복원하세요."),
    ),
    "template_not_in_use": (
        "error",
        Text("Template “{name}” was never put into use. Open it and put it into use first.", "“{name}” 템플릿은 아직 적용되지 않았습니다. 템플릿을 열어 먼저 적용하세요."),
    ),
    "template_lacks_channel": (
        "error",
        Text("Template “{name}” has no words for {channel}. Add them to the template, or choose another channel.", "“{name}” 템플릿에 {channel} 내용이 없습니다. 템플릿에 추가하거나 다른 채널을 고르세요."),
    ),
    "template_is_advertising": (
        "warning",
        Text("Template “{name}” is advertising, so this message counts as advertising too.", "“{name}” 템플릿이 광고성이므로 이 메시지도 광고성으로 취급됩니다."),
    ),
    "unknown_coupons": (
        "warning",
        Text("There is no coupon pool “{name}” yet: everybody would leave through “No code left”. Make the pool, or choose another.", "“{name}” 쿠폰 풀이 없어 모두 “코드 없음”으로 나갑니다. 풀을 만들거나 다른 풀을 고르세요."),
    ),
    "coupons_archived": (
        "warning",
        Text("The coupon pool “{name}” was archived and gives no codes. Choose another.", "“{name}” 쿠폰 풀은 보관되어 코드를 발급하지 않습니다. 다른 풀을 고르세요."),
    ),
    "coupons_over": (
        "warning",
        Text("The last day of the coupon pool “{name}” has gone by: it gives no codes. Choose another, or move the day.", "“{name}” 쿠폰 풀은 사용 기한이 지나 코드를 발급하지 않습니다. 다른 풀을 고르거나 기한을 늘리세요."),
    ),
    "coupons_gone": (
        "warning",
        Text("The coupon pool “{name}” has no code left. Add codes.", "“{name}” 쿠폰 풀에 남은 코드가 없습니다. 코드를 추가하세요."),
    ),
    "coupons_low": (
        "warning",
        Text("The coupon pool “{name}” runs low. Add codes.", "“{name}” 쿠폰 풀의 코드가 얼마 남지 않았습니다. 코드를 추가하세요."),
    ),
}  # fmt: skip
"""Every code, with its severity and words. ``docs/problems.md`` explains each (a test holds it to that)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a journey."""

    code: str
    step: str | None = None
    parameters: dict[str, Any] = default(default_factory=dict)
    """What the words need; a :class:`Text` among them is said in the language of the rest."""
    field: str | None = default(default=None, compare=False)
    """The place, dotted: within the step, if it is a step's problem, else within the file."""

    @property
    def kind(self) -> tuple[Severity, Text]:
        """What its code stands for."""
        return PROBLEMS[self.code]

    @property
    def severity(self) -> Severity:
        return self.kind[0]

    @property
    def text(self) -> Text:
        words = self.kind[1]
        return Text(*(getattr(words, locale).format(**self._in(locale)) for locale in LOCALES))

    def _in(self, locale: Locale) -> dict[str, Any]:
        return {name: getattr(one, locale) if isinstance(one, Text) else one for name, one in self.parameters.items()}

    def as_json(self) -> dict[str, Any]:
        """As the API answers it."""
        text = self.text
        return {
            "code": self.code,
            "severity": self.severity,
            "step": self.step,
            "field": self.field,
            "parameters": {
                name: one._asdict() if isinstance(one, Text) else one for name, one in self.parameters.items()
            },
            "text": {"en": text.en, "ko": text.ko},
        }

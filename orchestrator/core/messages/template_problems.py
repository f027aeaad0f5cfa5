"""What can be wrong with a message template: code, severity, and the words for it in both languages."""

# ruff: noqa: E501 - a table of sentences, one a line

from orchestrator.core.problems import PROBLEMS, Problem, Severity
from orchestrator.core.text import Text

TEMPLATE_PROBLEMS: dict[str, tuple[Severity, Text]] = {
    "template_without_words": (
        "error",
        Text("This template says nothing yet. Choose a channel and write.", "아직 내용이 없습니다. 채널을 골라 내용을 쓰세요."),
    ),
    "subject_missing": (
        "error",
        Text("{where}: an e-mail needs a subject. Write one.", "{where}: 이메일에는 제목이 필요합니다. 제목을 쓰세요."),
    ),
    "template_syntax": (
        "error",
        Text("{where}, “{label}”: {message}. Correct it.", "{where}, “{label}”: {message}. 고쳐 주세요."),
    ),
    "unknown_variable": (
        "error",
        Text("{where}, “{label}”: “{name}” means nothing here. Use customer.…, entry.…, event.…, var.… or links.…", "{where}, “{label}”: “{name}”은(는) 쓸 수 없는 변수입니다. customer.…, entry.…, event.…, var.…, links.… 를 쓰세요."),
    ),
    "unknown_attribute": (
        "warning",
        Text("{where}, “{label}”: no customer has an attribute “{name}” yet. Check the spelling.", "{where}, “{label}”: “{name}” 속성을 가진 고객이 아직 없습니다. 철자를 확인하세요."),
    ),
    "unknown_property": (
        "warning",
        Text("{where}, “{label}”: no event has been seen with a property “{name}”. Check the spelling.", "{where}, “{label}”: “{name}” 속성이 있는 이벤트가 아직 없습니다. 철자를 확인하세요."),
    ),
    "default_missing": (
        "warning",
        Text("Nothing is set to be said in {language} when “{name}” has no value.", "“{name}” 값이 없을 때 쓸 {language} 문구가 없습니다."),
    ),
    "rule_without_variable": (
        "warning",
        Text("No text uses “{name}”, for which a rule is set. Remove the rule, or use the variable.", "“{name}” 규칙이 있지만 이 변수를 쓰는 곳이 없습니다. 규칙을 지우거나 변수를 쓰세요."),
    ),
    "too_long_for_channel": (
        "error",
        Text("{where}: {measured} {unit} even before variables are filled, and the channel carries {limit}. Shorten it.", "{where}: 변수를 채우기 전에도 {measured}{unit}로 한도 {limit}{unit}를 넘습니다. 줄여 주세요."),
    ),
    "sms_becomes_lms": (
        "warning",
        Text("{where}: more than 90 bytes, so it goes out as a long message (LMS), which costs more.", "{where}: 90바이트를 넘어 장문(LMS)으로 발송됩니다. 단문보다 비용이 높습니다."),
    ),
    "letters_refused": (
        "error",
        Text("{where}: carriers refuse these letters: {letters}. Leave them out.", "{where}: 통신사에서 보낼 수 없는 문자가 있습니다: {letters}. 빼 주세요."),
    ),
    "class_not_carried": (
        "error",
        Text("{channel} carries information only, and this template is advertising. Remove it, or use another channel.", "{channel}은(는) 정보성만 보낼 수 있는데 이 템플릿은 광고성입니다. 빼거나 다른 채널을 쓰세요."),
    ),
    "looks_like_advertising": (
        "warning",
        Text("{where}: “{word}” looks like advertising, and the template is informational. If it is, change the class.", "{where}: “{word}”은(는) 광고로 보이는데 템플릿이 정보성입니다. 광고라면 분류를 바꾸세요."),
    ),
    "too_many_variables": (
        "error",
        Text("{where}: {count} variables, and an Alimtalk may have {limit}.", "{where}: 변수가 {count}개입니다. 알림톡은 {limit}개까지 쓸 수 있습니다."),
    ),
    "variable_without_value": (
        "error",
        Text("{where}: nothing is set for “#{{{name}}}” of the approved text. Give it a value.", "{where}: 승인된 본문의 “#{{{name}}}”에 들어갈 값이 없습니다. 값을 정하세요."),
    ),
    "value_without_variable": (
        "warning",
        Text("{where}: the approved text has no “#{{{name}}}”. Remove the value.", "{where}: 승인된 본문에 “#{{{name}}}”이(가) 없습니다. 값을 지우세요."),
    ),
    "too_many_buttons": (
        "error",
        Text("{where}: {count} buttons, and there may be {limit} here. Remove some.", "{where}: 버튼이 {count}개입니다. 여기에는 {limit}개까지 쓸 수 있습니다."),
    ),
    "button_name_too_long": (
        "error",
        Text("{where}: button “{name}” has more than {limit} letters. Shorten it.", "{where}: “{name}” 버튼 이름이 {limit}자를 넘습니다. 줄여 주세요."),
    ),
    "button_without_link": (
        "error",
        Text("{where}: button “{name}” has no link. Add one.", "{where}: “{name}” 버튼에 링크가 없습니다. 추가하세요."),
    ),
    "image_missing": (
        "error",
        Text("{where}: this bubble needs an image. Give its address, or choose a text bubble.", "{where}: 이 말풍선에는 이미지가 필요합니다. 이미지 주소를 넣거나 텍스트형을 고르세요."),
    ),
    "coupon_title_form": (
        "error",
        Text("{where}: “{name}” is none of the five forms of a coupon's title. Write it like one of: {forms}.", "{where}: “{name}”은(는) 쿠폰 이름 형식이 아닙니다. 다음 중 하나로 쓰세요: {forms}."),
    ),
    "coupon_text_too_long": (
        "error",
        Text("{where}: the coupon's description has more than {limit} letters. Shorten it.", "{where}: 쿠폰 설명이 {limit}자를 넘습니다. 줄여 주세요."),
    ),
    "link_form": (
        "error",
        Text("{where}, “{label}”: a link begins with https://. Correct it.", "{where}, “{label}”: 링크는 https://로 시작해야 합니다. 고쳐 주세요."),
    ),
    "language_missing": (
        "warning",
        Text("{channel} has no {language} text, and other channels have: customers of that language get another.", "{channel}에 {language} 내용이 없습니다. 다른 채널에는 있어, 그 언어의 고객은 다른 언어로 받습니다."),
    ),
    "sample_text": (
        "warning",
        Text("{where}: the text is still the sample. Write your own, or remove it.", "{where}: 본문이 예시 문구 그대로입니다. 내용을 쓰거나 지우세요."),
    ),
}  # fmt: skip
"""Every code of its own, with its severity and words. ``docs/templates.md`` explains each, by test."""


class TemplateProblem(Problem):
    """One thing that is wrong with a template; ``field`` is dotted, within its document."""

    __slots__ = ()

    @property
    def kind(self) -> tuple[Severity, Text]:
        return TEMPLATE_PROBLEMS.get(self.code) or PROBLEMS[self.code]

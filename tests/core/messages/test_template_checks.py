"""Each problem that a template can have, provoked by the smallest template that has it, and by no other."""

from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.messages.template_checks import check_template
from orchestrator.core.messages.template_problems import TEMPLATE_PROBLEMS
from orchestrator.core.problems import PROBLEMS, Problem
from orchestrator.core.sending.advertising_words import looks_like_advertising
from orchestrator.core.steps.message import Message
from orchestrator.message_gallery import ORDER, ready_made
from tests.bubbles import BUBBLES, PRODUCT, words_of

Document = dict[str, Any]
SEEN = Vocabulary({"Viewed": frozenset({"sku"})}, frozenset({"vip"}))
BUTTON = {"kind": "WL", "name": "Go", "link_mobile": "https://shop.example"}


def template(channels: Any, **fields: Any) -> Document:
    return {"name": "x", "class": "informational", "channels": channels, **fields}


def sms(body: str, **fields: Any) -> Document:
    return template({"sms": {"ko": {"body": body}}}, **fields)


def email(**words: Any) -> Document:
    return template({"email": {"ko": {"subject": "제목", "body": "본문", **words}}})


def alimtalk(**words: Any) -> Document:
    return template({"alimtalk": {"ko": {"code": "A", "body": "안내드립니다", **words}}})


def brand(**words: Any) -> Document:
    return template({"kakao_brand": {"ko": {"body": "안내드립니다", **words}}})


def bubble(name: str, **words: Any) -> Document:
    return template({"kakao_brand": {"ko": {**words_of(name), **words}}}, **{"class": "advertising"})


SMALLEST: dict[str, Document] = {
    "template_without_words": template({}),
    "subject_missing": email(subject=""),
    "template_syntax": sms("{{ customer.first_name"),
    "template_failed": sms("{{ 'abcdef'|truncate(2) }}"),
    "unknown_variable": sms("{{ nobody.name }}"),
    "unknown_attribute": sms("{{ customer.size }}"),
    "unknown_property": sms("{{ entry.colour }}"),
    "default_missing": sms("{{ customer.vip }}", variables={"customer.vip": {"unset": "default"}}),
    "rule_without_variable": sms("안녕", variables={"customer.vip": {"unset": "skip"}}),
    "too_long_for_channel": alimtalk(body="가" * 1_301),
    "sms_becomes_lms": sms("가" * 46),
    "title_too_long": template({"sms": {"ko": {"body": "안녕", "subject": "가" * 21}}}),
    "letters_refused": sms("안녕 🎉"),
    "class_not_carried": alimtalk() | {"class": "advertising"},
    "looks_like_advertising": sms("10% 할인 쿠폰"),
    "too_many_variables": alimtalk(
        body=" ".join(f"#{{a{n}}}" for n in range(41)), variables={f"a{n}": "x" for n in range(41)}
    ),
    "variable_without_value": alimtalk(body="#{이름}님"),
    "value_without_variable": alimtalk(variables={"이름": "x"}),
    "too_many_buttons": alimtalk(buttons=[BUTTON] * 6),
    "button_name_too_long": brand(buttons=[{**BUTTON, "name": "가" * 15}]),
    "part_missing": brand(body=" "),
    "part_too_long": bubble("WIDE_ITEM_LIST", header="가" * 21),
    "part_breaks": bubble("WIDE", body="한\n두\n세"),
    "how_many": bubble("CAROUSEL_FEED", cards=BUBBLES["CAROUSEL_FEED"]["cards"][:1]),
    "number_form": bubble("COMMERCE", product={**PRODUCT, "price": "만 원"}),
    "discount_form": bubble("COMMERCE", product={**PRODUCT, "percent_off": ""}),
    "video_elsewhere": bubble("PREMIUM_VIDEO", video={"url": "https://youtu.be/x"}),
    "button_missing": bubble("COMMERCE", buttons=[]),
    "button_kind_here": brand(buttons=[{"kind": "DS", "name": "Go"}]),
    "button_without_link": brand(buttons=[{"kind": "WL", "name": "Go"}]),
    "image_missing": brand(bubble="WIDE"),
    "coupon_title_form": brand(coupon={"title": "최고의 쿠폰"}) | {"class": "advertising"},
    "coupon_text_too_long": brand(coupon={"title": "10% 할인 쿠폰", "text": "가" * 13}) | {"class": "advertising"},
    "link_form": template({"push": {"ko": {"body": "x", "link": "javascript:alert(1)"}}}),
    "language_missing": template({"sms": {"ko": {"body": "x"}, "en": {"body": "x"}}, "push": {"ko": {"body": "x"}}}),
    "sample_text": email(body=Message.DEFAULTS["content"]["ko"]["body"]),
}


def found(document: Any, vocabulary: Vocabulary | None = SEEN) -> list[Problem]:
    return list(check_template(document, vocabulary)[1])


def test_every_problem_has_its_smallest_template() -> None:
    assert set(SMALLEST) == set(TEMPLATE_PROBLEMS)


@pytest.mark.parametrize("code", SMALLEST)
def test_each_problem_is_found_alone_and_told_in_both_languages(code: str) -> None:
    problems = found(SMALLEST[code])
    assert [problem.code for problem in problems] == [code]
    words = problems[0].as_json()["text"]
    assert words["en"] != words["ko"]
    assert problems[0].severity == TEMPLATE_PROBLEMS[code][0]
    assert problems[0].field


@pytest.mark.parametrize("code", TEMPLATE_PROBLEMS)
def test_each_problem_is_documented(code: str) -> None:
    severity, words = TEMPLATE_PROBLEMS[code]
    row = f"| `{code}` | {severity} | {words.to('en')}<br>{words.to('ko')} |"
    assert row in Path("docs/templates.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (None, "invalid_value", "template"),
        ({"name": "x", "colour": "red"}, "unknown_field", "colour"),
        ({"channels": {}}, "missing_field", "name"),
        (sms(""), "empty_value", "channels.sms.ko.body"),
        (template({"sms": {"not a language": {"body": "x"}}}), "invalid_value", "channels.sms.not a language"),
        (template({"pigeon": {}}), "unknown_field", "channels.pigeon"),
        (sms("x", variables={"customer": {}}), "invalid_value", "variables.customer"),
        (alimtalk(code=""), "empty_value", "channels.alimtalk.ko.code"),
    ],
)
def test_faults_of_shape_are_told_at_their_place(document: Any, code: str, field: str) -> None:
    template, problems = check_template(document)
    assert template is None
    assert (problems[0].code, problems[0].field) == (code, field)
    assert code in PROBLEMS


def test_every_text_of_a_block_is_looked_at() -> None:
    blocks = [
        {"kind": "columns", "columns": [{"blocks": [{"kind": "button", "label": "x", "url": "{{ nope.x }}"}]}, {}]},
        {"kind": "products", "name": "{{ item.name }} {{ wrong.x }}"},
    ]
    fields = [problem.field for problem in found(email(blocks=blocks, body=""), None)]
    assert fields == ["channels.email.ko.blocks.0.columns.0.blocks.0.url", "channels.email.ko.blocks.1.name"]


def test_without_a_vocabulary_names_are_not_looked_for() -> None:
    assert found(SMALLEST["unknown_attribute"], None) == []
    assert found(SMALLEST["unknown_property"], None) == []


def test_a_property_of_any_event_and_what_customers_always_have_are_known() -> None:
    assert found(sms("{{ entry.sku }} {{ customer.first_name }} {{ links.unsubscribe }} {{ var.x }}")) == []


@pytest.mark.parametrize(
    "text", ["봄 세일", "20% off", "Get a coupon today", "1+1 행사", "적립금 2배", "SPECIAL OFFER", "사은품 증정"]
)
def test_what_looks_like_advertising(text: str) -> None:
    assert looks_like_advertising(text)


@pytest.mark.parametrize("text", ["주문이 접수되었습니다", "Your order has shipped", "wholesale terms", "배송 안내"])
def test_what_does_not(text: str) -> None:
    assert looks_like_advertising(text) is None


def test_ready_made_ones_have_no_problems_and_speak_both_languages() -> None:
    assert [one.id for one in ready_made()] == list(ORDER)
    for one in ready_made():
        assert found(one.document, None) == [], one.id
        assert {"ko", "en"} <= {locale for _, locale, _ in one.template.every()} | {"en"}
        assert one.description.to("en") != one.description.to("ko")

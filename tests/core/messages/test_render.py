"""Where a message's words come from, what defaults and rules do, and what goes beside the words."""

from datetime import timedelta
from typing import Any

import pytest

from orchestrator.core.channels.kinds.alimtalk import spliced
from orchestrator.core.messages.render import AGAIN, MOST_WAIT, MessageWords, NoTemplateContent, with_defaults
from orchestrator.core.messages.template_document import LiveTemplate, TemplateDocument
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import KR
from orchestrator.core.steps.message import MessageSettings
from orchestrator.core.templating.engine import compile_template, render
from orchestrator.core.timing import zone

SEOUL = zone("Asia/Seoul")


def template(**fields: Any) -> LiveTemplate:
    return LiveTemplate("hello", 3, TemplateDocument.model_validate({"name": "Hello", **fields}))


def words(found: LiveTemplate | None = None, **settings: Any) -> MessageWords:
    given = {"channel": "sms", "template": "hello" if found else None, **settings}
    return MessageWords(MessageSettings.model_validate(given), found)


def said(one: MessageWords, context: dict[str, Any], channel: str = "sms", locale: str = "ko") -> Any:
    return one.compose(channel, context, KR, Sender(), (locale,), SEOUL)


SMS = {"sms": {"ko": {"body": "{{ customer.first_name }}님"}, "en": {"body": "Hi {{ customer.first_name }}"}}}


def test_a_template_speaks_the_customers_language() -> None:
    one = words(template(channels=SMS, **{"class": "informational"}), **{"class": "informational"})
    assert said(one, {"customer": {"first_name": "지우"}}).words.body == "지우님"
    assert said(one, {"customer": {"first_name": "Jiwoo"}}, locale="en-GB").words.body == "Hi Jiwoo"


def test_the_stricter_class_counts_and_is_labelled() -> None:
    for theirs, own in (("advertising", "informational"), ("informational", "advertising")):
        one = words(template(channels=SMS, **{"class": theirs}), **{"class": own})
        assert one.message_class == "advertising"
        assert said(one, {"customer": {"first_name": "지우"}}).words.body.startswith("(광고)")
    assert words(template(channels=SMS, **{"class": "informational"}), **{"class": "informational"}).message_class == (
        "informational"
    )


def test_tags_of_both_count_once() -> None:
    one = words(template(channels=SMS, tags=["review", "spring"]), tags=["spring", "vip"])
    assert one.tags == ("spring", "vip", "review")
    assert one.strictest.tags == one.tags
    assert one.noted == {"template": "hello", "template_revision": 3}


def test_a_default_stands_for_what_is_unset_and_for_nothing_else() -> None:
    rule = {"customer.first_name": {"default": {"ko": "고객", "en": "there"}}}
    one = words(template(channels=SMS, variables=rule))
    contexts: tuple[dict[str, Any], ...] = ({}, {"customer": {}}, {"customer": {"first_name": None}})
    for unset in contexts:
        composed = said(one, unset)
        assert "고객님" in composed.words.body
        assert composed.missing == ()
    assert "지우님" in said(one, {"customer": {"first_name": "지우"}}).words.body


def test_defaults_leave_what_was_given_as_it_was() -> None:
    given: dict[str, Any] = {"entry": {"cart": {"id": 1}}}
    assert with_defaults(given, {"entry.cart.name": "bag"}) == {"entry": {"cart": {"id": 1, "name": "bag"}}}
    assert given == {"entry": {"cart": {"id": 1}}}
    assert with_defaults({"entry": {"cart": 5}}, {"entry.cart.name": "bag"}) == {"entry": {"cart": 5}}


@pytest.mark.parametrize(
    ("unset", "waited", "reason", "again"),
    [
        ("skip", timedelta(0), "missing_variable", None),
        ("hold", timedelta(0), "missing_variable", AGAIN),
        ("hold", MOST_WAIT, "missing_variable", None),
        ("hold", None, "missing_variable", None),
        ("blank", timedelta(0), None, None),
    ],
)
def test_the_rule_of_a_variable(unset: str, waited: timedelta | None, reason: str | None, again: Any) -> None:
    one = words(template(channels=SMS, variables={"customer.first_name": {"unset": unset}}))
    refused, wait = one.refusal(said(one, {}), waited)
    assert (refused.code if refused else None, wait) == (reason, again)


def test_the_steps_own_rule_spares_what_may_be_blank() -> None:
    blank = template(channels=SMS, variables={"customer.first_name": {"unset": "blank"}})
    assert words(blank, on_missing="skip").refusal(said(words(blank), {}))[0] is None
    bare = template(channels=SMS)
    refused = words(bare, on_missing="skip").refusal(said(words(bare), {}))[0]
    assert refused is not None
    assert refused.code == "missing_variable"


def test_a_channel_without_words_is_the_authors_error() -> None:
    with pytest.raises(NoTemplateContent):
        said(words(template(channels=SMS)), {}, channel="push")


def test_an_alimtalk_is_the_approved_text_with_its_variables_filled() -> None:
    alimtalk = {
        "code": "ORDER_1",
        "body": "#{이름}님, 주문 #{번호}이 접수되었습니다. {{ 그대로 }} 100{%}",
        "variables": {"이름": "{{ customer.first_name }}", "번호": "{{ entry.order_id }}"},
        "buttons": [{"kind": "WL", "name": "주문 보기", "link_mobile": "https://shop.example/o/#{번호}"}],
    }
    one = words(
        template(channels={"alimtalk": {"ko": alimtalk}}, **{"class": "informational"}),
        **{"channel": "alimtalk", "class": "informational"},
    )
    composed = said(one, {"customer": {"first_name": "지우"}, "entry": {"order_id": "7"}}, "alimtalk")
    assert composed.words.body == "지우님, 주문 7이 접수되었습니다. {{ 그대로 }} 100{%}"
    assert composed.options == {
        "template_code": "ORDER_1",
        "template_variables": {"이름": "지우", "번호": "7"},
        "buttons": [{"kind": "WL", "name": "주문 보기", "url": "https://shop.example/o/7"}],
    }


def test_what_a_variable_of_an_option_lacks_is_missing_too() -> None:
    push = {"subject": "Hi", "body": "Look", "link": "https://shop.example/{{ entry.path }}"}
    one = words(template(channels={"push": {"ko": push}}))
    composed = said(one, {"entry": {}}, "push")
    assert composed.missing == ("entry.path",)
    assert composed.options == {"link": "https://shop.example/"}


@pytest.mark.parametrize(
    "text", ["{#{a}", "{{#{a}}}", "{% x %}", "{# c #}", "}#{a}{", "{{{{", "}}", "#}{#", "{%#{a}%}"]
)
def test_an_approved_text_is_never_read_as_a_template(text: str) -> None:
    source = spliced(text, {"a": "{{ entry.x }}"})
    assert render(compile_template(source), {"entry": {"x": "1"}}).text == text.replace("#{a}", "1")

"""The words of a message: language, label, opt-out, HTML, and what unset variables leave."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.channels.content import Content
from orchestrator.core.messages.compose import Composed, choose_locale, compose
from orchestrator.core.sending.advertising import Sender, Words, dressed, labelled
from orchestrator.core.sending.policies import KR, NO_POLICY

SENDER = Sender("달빛상점", "02-123-4567", "080-123-4567", "https://shop.example/u/1")
CONTEXT = {"customer": {"first_name": "지은"}}


def composed(content: Content, channel: str = "email", message_class: Any = "advertising", **more: Any) -> Composed:
    given_ = {"policy": KR, "sender": SENDER, "locale": "ko", "tz": ZoneInfo("Asia/Seoul"), **more}
    return compose(content, channel, message_class, CONTEXT, **given_)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("봄 세일", "(광고) 봄 세일"),
        ("(광고) 봄 세일", "(광고) 봄 세일"),
        ("(광고)봄 세일", "(광고)봄 세일"),
        ("(광고) (광고) 봄 세일", "(광고) 봄 세일"),
        ("  (광고) 봄", "(광고) 봄"),
        ("[광고] 봄", "(광고) 봄"),
        ("(광 고) 봄", "(광고) 봄"),
        ("（광고） 봄", "(광고) 봄"),
        ("(광.고)봄", "(광고) 봄"),
        ("<광고>봄", "(광고) 봄"),
        ("광고 없는 앱", "(광고) 광고 없는 앱"),
        ("봄 (광고)", "(광고) 봄 (광고)"),
        ("", "(광고)"),
    ],
)
def test_the_label_stands_first_once_and_exactly(text: str, expected: str) -> None:
    assert labelled(text, "(광고)") == expected


@given(st.text(alphabet="(광고) []봄x", max_size=12))
def test_labelling_again_changes_nothing(text: str) -> None:
    once = labelled(text, "(광고)")
    assert once.startswith("(광고)")
    assert labelled(once, "(광고)") == once
    assert not once.removeprefix("(광고)").lstrip().startswith("(광고)")


def test_an_advertisement_by_email_is_labelled_in_its_subject_and_can_be_opted_out_of() -> None:
    message = composed(Content(subject="{{ customer.first_name }}님께", body="안녕하세요."))
    assert message.words.subject == "(광고) 지은님께"
    assert message.words.body == ("안녕하세요.\n\n--\n달빛상점 · 02-123-4567\n수신거부: https://shop.example/u/1")
    assert 'href="https://shop.example/u/1"' in message.html
    assert "달빛상점 · 02-123-4567" in message.html
    assert "수신거부" in message.html


def test_an_advertisement_by_sms_names_its_sender_and_a_free_number() -> None:
    message = composed(Content(body="봄 세일"), "sms")
    assert message.words.body == "(광고)[달빛상점] 봄 세일\n무료수신거부 080-123-4567"
    own = composed(Content(body="(광고)달빛상점 봄 세일\n무료거부 080-123-4567"), "sms")
    assert own.words.body == "(광고)달빛상점 봄 세일\n무료거부 080-123-4567"
    titled = composed(Content(subject="봄", body="세일 " * 30), "sms")
    assert titled.words.subject == "(광고) 봄"
    assert titled.words.body.startswith("(광고)[달빛상점] 세일")


def test_a_short_text_message_has_no_title_which_would_make_it_a_long_one() -> None:
    for message_class in ("advertising", "informational"):
        assert composed(Content(subject="봄", body="세일"), "sms", message_class).words.subject == ""
    assert composed(Content(subject="봄", body="세일 " * 30), "sms", "informational").words.subject == "봄"


def test_an_advertisement_by_push_is_labelled_where_it_begins() -> None:
    out = "\n수신거부 https://shop.example/u/1"
    assert composed(Content(subject="봄", body="세일"), "push").words == Words("(광고) 봄", f"세일{out}")
    assert composed(Content(body="세일"), "push").words == Words("", f"(광고) 세일{out}")


def test_information_goes_as_it_is_and_so_does_everything_without_a_policy() -> None:
    content = Content(subject="주문", body="배송 시작")
    assert composed(content, "email", "informational").words == Words("주문", "배송 시작")
    assert composed(content, "sms", "informational").words == Words("", "배송 시작")
    assert composed(content, "push", policy=NO_POLICY).words == Words("주문", "배송 시작")


def test_a_workspace_that_says_nothing_of_itself_adds_only_the_label() -> None:
    words = dressed(Words("봄", "세일"), "email", "advertising", KR, Sender.of({}), "ko")
    assert words == Words("(광고) 봄", "세일")


def test_unset_variables_are_reported_across_the_parts_and_may_leave_nothing() -> None:
    message = composed(Content(subject="{{ entry.a }} x", body="{{ entry.b }} {{ entry.a }} y"))
    assert (message.missing, message.blank) == (("entry.a", "entry.b"), False)
    assert composed(Content(subject="a", body="{{ entry.b }}")).blank
    assert composed(Content(subject="{{ entry.b }}", body="a")).blank


def test_a_subject_is_one_line() -> None:
    message = composed(Content(subject="a\r\nBcc: x\x00", body="b  \r\nc\n\n"), message_class="informational")
    assert message.words == Words("a Bcc: x", "b\nc")


def page_of(subject: str, body: str, preheader: str = "", locale: str = "ko") -> str:
    """The HTML of a plain informational e-mail, whose words come from the customer's data."""
    content = Content(subject="{{ entry.s }}", body="{{ entry.b }}", preheader="{{ entry.p }}")
    said = {"entry": {"s": subject, "b": body, "p": preheader}}
    return compose(content, "email", "informational", said, KR, SENDER, locale, ZoneInfo("Asia/Seoul")).html


def test_html_is_paragraphs_with_everything_escaped() -> None:
    page = page_of("<제목>", "a & b\nc\n\n\nhttps://x.example/?a=1&b=2.", "앞글 <")
    assert "<title>&lt;제목&gt;</title>" in page
    assert 'lang="ko"' in page
    assert "앞글 &lt;" in page
    assert ">a &amp; b<br>\nc</p>" in page
    assert re.search(
        r'<a href="https://x\.example/\?a=1&amp;b=2"[^>]*>https://x\.example/\?a=1&amp;b=2</a>\.</p>', page
    )


@given(st.text(max_size=80))
def test_no_markup_of_a_customer_survives(text: str) -> None:
    empty, page = page_of("s", "x", locale="en"), page_of("s", text, locale="en")
    for allowed in ("<p ", "</p>", "<br>", "</a>", '<a href="http'):
        empty, page = empty.replace(allowed, ""), page.replace(allowed, "")
    assert page.count("<") == empty.count("<")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(("ko-KR",), "ko"), (("fr", "ko"), "ko"), (("fr", ""), "en"), (("en",), "en"), ((), "en")],
)
def test_the_language_is_the_customers_else_the_workspaces_else_any(wanted: tuple[str, ...], found: str) -> None:
    contents = {"ko": Content(body="가"), "en": Content(body="a")}
    assert choose_locale(contents, *wanted) == found
    assert choose_locale({"ja": Content(body="あ")}, *wanted) == "ja"

"""E-mails made of blocks: what arrives in HTML and in plain text, and what does not get through."""

import re
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from orchestrator.core.channels.content import Content
from orchestrator.core.email.blocks import EmailBlock, EmailBlocks, Theme, template_sources
from orchestrator.core.email.html import email_template
from orchestrator.core.email.samples import sample_of
from orchestrator.core.labels import schema_of
from orchestrator.core.messages.compose import Composed, compose, render_email
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import KR
from orchestrator.core.templating.engine import TemplateSyntaxProblem

BLOCKS: TypeAdapter[tuple[Any, ...]] = TypeAdapter(EmailBlocks)
SENDER = Sender("달빛상점", "02-123-4567", "080-123-4567", "https://shop.example/u/1")
ITEMS = [
    {"name": "셔츠", "price": 12000, "image_url": "https://shop.example/1.png", "url": "https://shop.example/1"},
    {"name": "바지", "price": 9000, "url": "https://shop.example/2"},
    {"name": "모자", "price": 5000, "url": "https://shop.example/3"},
]
CONTEXT: dict[str, Any] = {
    "customer": {"first_name": "지은"},
    "entry": {"items": ITEMS, "url": "https://shop.example/cart?a=1&b=2", "bad": "javascript:alert(1)"},
    "event": {},
    "var": {"coupon": {"code": "SPRING-1", "valid_until": "3월 31일"}},
    "workspace": {},
    "links": {"unsubscribe": "https://shop.example/u/1", "preferences": "https://shop.example/p/1"},
}


def made(*blocks: dict[str, Any], message_class: Any = "informational", **more: Any) -> Composed:
    content = Content.model_validate({"subject": "제목", "blocks": blocks, **more})
    return compose(content, "email", message_class, CONTEXT, KR, SENDER, "ko", ZoneInfo("Asia/Seoul"))


class Reading(HTMLParser):
    """What a reader gets of a page: its words, addresses and tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hrefs: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if tag == "a":
            self.hrefs.append(values.get("href") or "")
        if tag == "img":
            self.images.append(values)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def test_each_kind_of_block_is_in_the_html_and_in_the_plain_text() -> None:
    message = made(
        {"kind": "heading", "text": "{{ customer.first_name }}님께"},
        {"kind": "text", "html": '<p>봄이 <strong>왔어요</strong>. <a href="{{ entry.url }}">장바구니</a></p>'},
        {"kind": "button", "label": "보러 가기", "url": "https://shop.example/spring"},
        {"kind": "image", "src": "https://shop.example/a.png", "alt": "꽃", "url": "https://shop.example/f"},
        {"kind": "divider"},
        {"kind": "spacer"},
        {"kind": "coupon", "title": "10% 할인", "note": "{{ var.coupon.valid_until }}까지"},
        {"kind": "columns", "columns": [{"blocks": [{"kind": "text", "html": "왼쪽"}]}, {"blocks": []}]},
        {"kind": "social", "links": [{"network": "instagram", "url": "https://instagram.com/x"}]},
        {"kind": "footer", "html": "<p>서울시 중구</p>"},
    )
    page = Reading(message.html)
    for said in (
        "지은님께",
        "봄이",
        "보러 가기",
        "10% 할인",
        "SPRING-1",
        "3월 31일까지",
        "왼쪽",
        "인스타그램",
        "서울시 중구",
    ):
        assert said in page.text, said
        assert said in message.words.body, said
    assert "수신 설정: https://shop.example/p/1" in message.words.body
    assert "봄이 왔어요. 장바구니 (https://shop.example/cart?a=1&b=2)" in message.words.body
    assert "꽃: https://shop.example/f" in message.words.body
    assert {"https://shop.example/cart?a=1&b=2", "https://shop.example/spring"} <= set(page.hrefs)
    assert page.images[0]["alt"] == "꽃"
    assert {"h1", "strong"} <= set(page.tags)


@pytest.mark.parametrize("layout", ["list", "two", "three"])
def test_products_are_one_card_each_and_at_most_so_many(layout: str) -> None:
    block = {"kind": "products", "items": "entry.items", "layout": layout}
    page = Reading(made(block).html)
    assert [word for word in ("셔츠", "바지", "모자", "₩12,000", "₩5,000") if word not in page.text] == []
    assert [image["src"] for image in page.images] == ["https://shop.example/1.png"]
    assert page.images[0]["alt"] == "셔츠"
    two = made({**block, "most": 2})
    assert "바지" in Reading(two.html).text
    assert "모자" not in Reading(two.html).text + two.words.body
    assert made(block).words.body == (
        "- 셔츠 ₩12,000\n  https://shop.example/1\n- 바지 ₩9,000\n  https://shop.example/2\n"
        "- 모자 ₩5,000\n  https://shop.example/3"
    )


def test_an_empty_list_of_products_leaves_nothing_and_misses_nothing() -> None:
    message = made({"kind": "text", "html": "x"}, {"kind": "products"})
    assert message.missing == ()
    assert message.words.body == "x"


def test_a_block_is_left_out_where_what_it_needs_has_no_value() -> None:
    for n, shown in (("code", True), ("none", False)):
        for block in (
            {"kind": "coupon", "title": "선물", "code": "x"},
            {"kind": "columns", "columns": [{"blocks": [{"kind": "text", "html": "선물"}]}, {"blocks": []}]},
        ):
            message = made({"kind": "text", "html": "글"}, {**block, "show_if": f"var.coupon.{n}"})
            assert ("선물" in Reading(message.html).text) is shown
            assert ("선물" in message.words.body) is shown
            assert message.missing == ()


def test_what_a_customer_brings_is_escaped_and_harmful_links_lead_nowhere() -> None:
    given = {**CONTEXT, "customer": {"first_name": '<img src=x onerror=1>"'}}
    content = Content.model_validate(
        {
            "subject": "x",
            "blocks": [
                {"kind": "text", "html": "<p>{{ customer.first_name }} <a href='{{ entry.bad }}'>a</a></p>"},
                {"kind": "button", "label": "{{ customer.first_name }}", "url": "{{ entry.bad }}"},
                {"kind": "image", "src": "https://a/b.png", "alt": "{{ customer.first_name }}"},
            ],
        }
    )
    _, page, text = render_email(content, "ko", given)
    reading = Reading(page)
    assert [image["src"] for image in reading.images] == ["https://a/b.png"]
    assert reading.images[0]["alt"] == '<img src=x onerror=1>"'
    assert reading.hrefs == ["#", "#"]
    assert '<img src=x onerror=1>"' in text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<p onclick=alert(1)>x</p>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="jav&#x09;ascript:alert(1)">x</a>',
        "<style>body{display:none}</style>",
        "<iframe src=//x></iframe>",
        "<!-- <![endif]--><img src=x>",
        "</td></tr></table></div><form action=//x>",
        "{% raw %}<script>alert(1)</script>{% endraw %}",
        "{<script></script>{ customer.id }}",
    ],
)
def test_rich_text_keeps_only_what_it_may(hostile: str) -> None:
    page = made({"kind": "text", "html": f"<p>vor</p>{hostile}<p>nach</p>"}).html
    reading = Reading(page)
    assert not {"script", "iframe", "form", "img"} & set(reading.tags)
    assert "onclick" not in page
    assert "alert" not in " ".join(reading.hrefs)
    assert "display:none}" not in page
    assert "vor" in reading.text
    assert "nach" in reading.text


@given(st.text(alphabet="{}%#<>/&\"'a\n \\⸢⸤⸥1", max_size=60))
def test_whatever_an_author_types_is_a_message_or_a_fault_of_the_template(text: str) -> None:
    try:
        message = made(
            {"kind": "heading", "text": text},
            {"kind": "text", "html": text},
            {"kind": "button", "label": text, "url": text},
            {"kind": "image", "src": "https://a/b", "alt": text},
        )
    except TemplateSyntaxProblem:
        return
    assert message.html.endswith("</body></html>")
    assert Reading(message.html).tags.count("img") == 1


def test_plain_text_of_an_author_is_paragraphs() -> None:
    message = made({"kind": "text", "html": "첫 줄\n둘째 줄\n\n새 문단 & 끝"})
    assert len(re.findall(r"<p [^>]*>", message.html)) == 2
    assert "첫 줄<br>둘째 줄</p>" in message.html
    assert "끝" in message.words.body


def test_a_fault_in_a_template_is_told_by_its_own_line() -> None:
    with pytest.raises(TemplateSyntaxProblem) as fault:
        made({"kind": "text", "html": "<p>\n{{ oops }</p>"})
    assert fault.value.line == 2


def test_an_advertisement_ends_with_who_sends_it_and_the_way_out_in_both_parts() -> None:
    message = made({"kind": "text", "html": "봄 세일"}, message_class="advertising")
    page = Reading(message.html)
    assert message.words.subject == "(광고) 제목"
    assert page.text.endswith("달빛상점 · 02-123-4567 수신거부(Unsubscribe) 수신 설정(Preferences)")
    assert page.hrefs == ["https://shop.example/u/1", "https://shop.example/p/1"]
    assert message.words.body.endswith("수신거부: https://shop.example/u/1")
    information = made({"kind": "text", "html": "배송"})
    assert Reading(information.html).hrefs == []


def test_the_page_says_its_language_suits_dark_screens_and_hides_its_preview_line() -> None:
    page = made({"kind": "text", "html": "x"}, preheader="{{ customer.first_name }}님만").html
    assert '<html lang="ko"' in page
    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page
    assert "지은님만" in page
    assert "Malgun Gothic" in page
    assert "fonts.googleapis" not in page


def test_a_theme_is_the_contents_own_else_the_workspaces() -> None:
    own = made({"kind": "button", "label": "a", "url": "https://a.kr"}, theme={"accent": "#AA0000"}).html
    assert "#AA0000" in own
    given = {**CONTEXT, "workspace": {"email_theme": {"accent": "#00AA00"}}}
    content = Content.model_validate({"subject": "x", "blocks": [{"kind": "button", "label": "a", "url": "https://a"}]})
    assert "#00AA00" in render_email(content, "ko", given)[1]
    broken = {**CONTEXT, "workspace": {"email_theme": {"accent": "red; }"}}}
    assert "#1F5EFF" in render_email(content, "ko", broken)[1]


def test_the_template_is_made_once_for_all_customers() -> None:
    blocks = BLOCKS.validate_python([{"kind": "text", "html": "{{ customer.first_name }}"}])
    again = BLOCKS.validate_python([{"kind": "text", "html": "{{ customer.first_name }}"}])
    assert email_template(blocks, Theme(), "ko") is email_template(again, Theme(), "ko")


def test_every_template_in_the_blocks_is_found_with_its_place() -> None:
    blocks = BLOCKS.validate_python(
        [
            {"kind": "heading", "text": "a", "show_if": "var.x"},
            {
                "kind": "columns",
                "columns": [{"blocks": []}, {"blocks": [{"kind": "button", "label": "b", "url": "c"}]}],
            },
            {"kind": "products", "label": ""},
            {"kind": "social", "links": [{"url": "d"}]},
        ]
    )
    found = dict(template_sources(blocks))
    assert found["blocks.0.show_if"] == "{% if var.x %}{% endif %}"
    assert found["blocks.1.columns.1.blocks.0.url"] == "c"
    assert found["blocks.2.name"] == "{% for item in var.recommendations %}{{ item.name }}{% endfor %}"
    assert found["blocks.3.links.0.url"] == "d"


def test_every_kind_and_field_has_words_in_both_languages() -> None:
    schema = TypeAdapter(EmailBlock).json_schema()
    for name, model in {**schema["$defs"], "Theme": schema_of(Theme)}.items():
        for field, facts in model["properties"].items():
            if field != "kind":
                assert set(facts["x-label"]) == {"en", "ko"}, (name, field)
        if "kind" in model["properties"]:
            assert set(model["x-label"]) == {"en", "ko"}, name


def test_content_says_something() -> None:
    with pytest.raises(ValidationError):
        Content(subject="x")
    with pytest.raises(ValidationError):
        Content.model_validate({"blocks": [{"kind": "text", "show_if": "x %}{{ y }}"}]})


def test_the_page_says_where_each_block_begins_for_whoever_edits_it() -> None:
    page = made(
        {"kind": "heading", "text": "a"},
        {"kind": "columns", "columns": [{"blocks": []}, {"blocks": []}]},
        {"kind": "text", "html": "b", "show_if": "var.nothing"},
        {"kind": "divider"},
    ).html
    assert [int(n) for n in re.findall(r"<!--block (\d+)-->", page)] == [0, 1, 2, 3]


def test_every_kind_of_block_begins_with_words_in_both_languages_or_needs_none() -> None:
    for kind in ("heading", "text", "button", "coupon", "survey", "columns", "footer"):
        samples = sample_of(kind)
        assert set(samples) == {"ko", "en"}
        for fields in samples.values():
            BLOCKS.validate_python([{"kind": kind, **fields}])
    assert sample_of("divider") == {}

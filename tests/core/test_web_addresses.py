"""Addresses in texts: they end where a reader sees them end, and one rule finds them everywhere."""

import html
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.core.email.html import paragraphs
from orchestrator.core.messages.essential import essential
from orchestrator.core.messages.links import Linker, Tracking
from orchestrator.core.web_addresses import find_urls, replace_urls

URL = "https://shop.example/cart"


def urls(text: str) -> list[str]:
    return [found.url for found in find_urls(text)]


@pytest.mark.parametrize(
    "behind",
    [
        *("에서 확인하세요", "를 누르세요", "から", "点击这里", "、次", "。", "」", "）", "，", "ㅋㅋ", "㈜", "𠮷"),
        *(
            "",
            " ",
            "\n",
            ".",
            ",",
            "!",
            "?",
            ":",
            ";",
            "...",
            ").",
            ")",
            "]",
            "}",
            '"',
            "'",
            ">",
            "<",
            "**",
            "”",
            "’",
            "…",
        ),
        *(
            "\u200b",
            "\ufeff",
            "\u202e",
            "\u00ad",
            "🎉",
            "👨‍👩‍👧",
            "(24시간)",
            "(영업 시간)",
            "[공지]",
            ")에서",
            ").에서",
            "\u3000다음",
            "`",
            "\\",
        ),
    ],
)
def test_it_ends_where_the_text_goes_on(behind: str) -> None:
    assert urls(f"여기({URL}{behind}") == [URL]
    assert urls(f"{URL}{behind}") == [URL]


AROUND = [("", ""), ("(", ")"), ("「", "」"), ("보기: ", "에서"), ("[글](", "), "), ("“", "”.")]


@pytest.mark.parametrize(
    "url",
    [
        "https://ko.wikipedia.org/wiki/Foo_(bar)",
        "https://shop.example/a(b(c))d",
        "https://shop.example/?q[]=1&q[0]={x}",
        "http://[2001:db8::1]:8080/a",
        "HTTPS://Shop.Example/A",
        "https://u:p@shop.example:8443/a;b=1,2/~x/-/!$*+?a=1&b=%EA%B0%80#c/d?e",
        "https://de.example/wiki/Käse",
        "https://ru.example/привет",
        "https://한글.한국/cart",
        "https://www.한글.kr",
        "https://쇼핑.example/",
        "http://localhost:8000/l/1",
        "https://a.example/?next=https://b.example/c",
        "https://a.example/(x)",
    ],
)
@pytest.mark.parametrize(
    ("before", "behind"), [("", ""), ("(", ")"), ("「", "」"), ("보기: ", "에서"), ("[글](", "), "), ("“", "”.")]
)
def test_what_belongs_to_it_stays(url: str, before: str, behind: str) -> None:
    text = f"{before}{url}{behind}"
    if url == "https://www.한글.kr" and behind == "에서":
        return  # a host of Korean letters ends with the word
    assert urls(text) == [url]


@pytest.mark.parametrize(
    "text", ["https://", "https://에서", "http:/a", "ftp://a.example", "https://.", "https://(", "https:// a"]
)
def test_what_is_none_is_not_found(text: str) -> None:
    assert urls(text) == []


def test_each_of_many_is_found() -> None:
    text = f"{URL}/1에서 [{URL}/2]({URL}/3)와 {URL}/4, {URL}/5."
    assert urls(text) == [f"{URL}/{n}" for n in range(1, 6)]


TEXTS = st.lists(
    st.sampled_from(
        [
            "https://",
            "http://",
            "a.example",
            "/",
            "가",
            "한글.kr",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ".",
            " ",
            "é",
            "🎉",
            "\u200b",
            "x",
            "?",
        ]
    )
    | st.text(max_size=4),
    max_size=14,
).map("".join)


@given(TEXTS)
@example("https://a.example/(x)(")
def test_an_address_is_a_piece_of_the_text_without_what_ends_one(text: str) -> None:
    found = list(find_urls(text))
    assert all(text[one.start : one.end] == one.url for one in found)
    assert all(before.end <= behind.start for before, behind in pairwise(found))
    for one in found:
        assert one.url.lower().startswith(("http://", "https://"))
        assert not re.search(r"[\s<>\"'\u200b]", one.url)
        assert all(one.url.count(a) == one.url.count(b) for a, b in ("()", "[]", "{}"))
        assert one.url[-1] not in ".,;:!?"
        assert urls(one.url) == [one.url]  # alone as in the midst of a text
    assert replace_urls(text, lambda url: url) == text


@given(TEXTS)
def test_one_rule_finds_them_everywhere(text: str) -> None:
    """What is counted in a text is what can be clicked in its HTML."""
    linker = Linker("email", Tracking(click=lambda n: f"https://o.example/l/{n}"))
    linker.text(text)
    clickable = [html.unescape(one) for one in re.findall(r'href="([^"]*)"', paragraphs(text, "#000"))]
    assert list(linker.targets) == list(dict.fromkeys(clickable))


@pytest.mark.parametrize(
    "text", ["https://a(", "https://a", "https://a)", "https://a([{", "(https://가.", "https://a.", "https://가.나가."]
)
def test_it_takes_a_time_that_grows_with_the_text(text: str) -> None:
    whole = text * (200_000 // len(text))
    began = time.thread_time()
    urls(whole)
    assert time.thread_time() - began < 1.0


def test_a_variable_behind_a_link_is_no_part_of_it() -> None:
    inside = {"body": "https://shop.example/{{ customer.city }}/x에서 {{ customer.name }}"}
    assert essential(["customer.city", "customer.name"], inside) == ["customer.city"]
    beside = {"body": "https://shop.example/에서{{ customer.name }}"}
    assert essential(["customer.name"], beside) == []


def test_no_other_expression_looks_for_addresses_in_texts() -> None:
    root = Path(__file__).parents[2]
    allowed = {"orchestrator/core/web_addresses.py"}
    looking = re.compile(r"re\.compile\(\s*r?f?[\"'](?:\\b|\()?https\?:")
    found = {
        path.relative_to(root).as_posix()
        for room in ("orchestrator", "api", "activities", "workflows")
        for path in (root / room).rglob("*.py")
        if looking.search(path.read_text())
    }
    # A host that is written out at the beginning of a webhook's address; nothing is looked for in a text.
    assert found - allowed == {"orchestrator/core/templating/request_template.py"}

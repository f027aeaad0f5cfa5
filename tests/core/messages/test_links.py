"""The links of a message: parameters, counted addresses, and what is left alone."""

from typing import Any, NamedTuple

import pytest

from orchestrator.core.messages.links import Linker, LinkSettings, Tracking, harmless, with_parameters

UTM = {"utm_source": "sojourn", "utm_medium": "email"}


class Linked(NamedTuple):
    body: str
    html: str
    targets: tuple[str, ...]


def with_links(body: str, page: str, channel: str, how: Tracking) -> Linked:
    linker = Linker(channel, how)
    html = linker.page(page)
    return Linked(linker.text(body), html, linker.targets)


def tracking(**more: Any) -> Tracking:
    given = {"click": lambda n: f"https://t.kr/l/{n}", "ours": ("https://t.kr/u/",), **more}
    return Tracking(**given)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.kr/x", "https://a.kr/x?utm_source=sojourn&utm_medium=email"),
        ("https://a.kr/x?b=1#c", "https://a.kr/x?b=1&utm_source=sojourn&utm_medium=email#c"),
        ("https://a.kr/?utm_source=own", "https://a.kr/?utm_source=own&utm_medium=email"),
        ("https://a.kr/?utm_source=", "https://a.kr/?utm_source=&utm_medium=email"),
        ("https://a.kr/가?q=%EA%B0%80", "https://a.kr/가?q=%EA%B0%80&utm_source=sojourn&utm_medium=email"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_parameters_are_added_and_never_overwritten(url: str, expected: str) -> None:
    assert with_parameters(url, UTM) == expected


def test_parameters_go_only_to_the_shops_own_domains_where_it_says_so() -> None:
    assert "utm" in with_parameters("https://a.kr/", UTM, ("a.kr",))
    assert "utm" in with_parameters("https://www.A.kr/", UTM, ("a.kr",))
    assert "utm" not in with_parameters("https://nota.kr/", UTM, ("a.kr",))
    assert "utm" not in with_parameters("https://a.kr.evil.com/", UTM, ("a.kr",))


def test_one_target_has_one_number_in_html_and_text() -> None:
    page = '<a href="https://a.kr/?x=1&amp;y=2">a</a><a href="https://b.kr/">b</a><a href="mailto:x@y.kr">c</a></body>'
    linked = with_links("https://b.kr/ https://a.kr/?x=1&y=2.", page, "email", tracking(pixel="https://t.kr/o/1.gif"))
    assert linked.targets == ("https://a.kr/?x=1&y=2", "https://b.kr/")
    assert linked.body == "https://t.kr/l/1 https://t.kr/l/0."
    assert linked.html.startswith('<a href="https://t.kr/l/0">a</a><a href="https://t.kr/l/1">b</a>')
    assert 'href="mailto:x@y.kr"' in linked.html
    assert '<img src="https://t.kr/o/1.gif" width="1" height="1" alt=""' in linked.html


def test_buttons_and_pictures_lead_through_us_too() -> None:
    linker = Linker("kakao_brand", tracking(), ("https://a.kr",))
    options = {
        "image": "https://a.kr/1.png",
        "link": "https://b.kr",
        "buttons": [{"name": "https://no", "url": "https://a.kr", "url_pc": "", "ios": "app://x"}],
        "coupon": {"title": "x", "url": "https://c.kr"},
        "bubble": "WIDE",
    }
    assert linker.options(options) == {
        "image": "https://a.kr/1.png",
        "link": "https://t.kr/l/1",
        "buttons": [{"name": "https://no", "url": "https://t.kr/l/0", "url_pc": "", "ios": "app://x"}],
        "coupon": {"title": "x", "url": "https://t.kr/l/2"},
        "bubble": "WIDE",
    }
    assert linker.targets == ("https://a.kr", "https://b.kr", "https://c.kr")
    assert Linker("alimtalk", tracking()).options(options) == options


def test_ways_out_are_left_alone() -> None:
    linked = with_links("https://t.kr/u/abc", '<a href="https://t.kr/u/abc">', "email", tracking(parameters=UTM))
    assert (linked.body, linked.targets) == ("https://t.kr/u/abc", ())
    assert 'href="https://t.kr/u/abc"' in linked.html


def test_what_is_not_counted_still_has_its_parameters() -> None:
    linked = with_links("https://a.kr/", "", "email", tracking(click=None, parameters=UTM))
    assert linked.body == "https://a.kr/?utm_source=sojourn&utm_medium=email"
    assert linked.targets == ()


def test_a_text_message_is_never_made_longer() -> None:
    long = "https://shop.example/spring/2026/collection"
    linked = with_links(f"https://a.kr {long}", "", "sms", tracking(parameters=UTM))
    assert linked.body == "https://a.kr https://t.kr/l/0"
    assert linked.targets == (f"{long}?utm_source=sojourn&utm_medium=email",)


def test_an_approved_text_is_not_touched() -> None:
    assert with_links("https://a.kr", "", "alimtalk", tracking(parameters=UTM)).body == "https://a.kr"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JavaScript:x",
        "java\tscript:x",
        "\x01data:text/html,x",
        "vbscript:x",
        "file:///etc",
        "",
        "x",
    ],
)
def test_a_link_that_could_do_harm_leads_nowhere(address: str) -> None:
    assert harmless(address) == "#"


@pytest.mark.parametrize("address", ["https://a.kr", "mailto:a@b.kr", "tel:02-1", "myapp://cart", "sms:010"])
def test_other_links_stay(address: str) -> None:
    assert harmless(address) == address


def test_settings_name_the_message_and_survive_nonsense() -> None:
    place = {"channel": "email", "journey": "cart", "step": "mail_1", "class": "advertising"}
    assert LinkSettings.of({}).parameters(place) == {
        "utm_source": "sojourn",
        "utm_medium": "email",
        "utm_campaign": "cart",
        "utm_content": "mail_1",
    }
    own = {"links": {"utm_source": "crm", "utm_campaign": "{journey}-{class}", "utm_content": ""}}
    assert LinkSettings.of(own).parameters(place) == {
        "utm_source": "crm",
        "utm_medium": "email",
        "utm_campaign": "cart-advertising",
    }
    assert LinkSettings.of({"links": {"utm": False}}).parameters(place) == {}
    assert LinkSettings.of({"links": {"utm": "what"}}) == LinkSettings()

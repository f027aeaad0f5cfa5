"""The eight bubbles of a Brand Message: what each sends, and what Kakao would refuse of it."""

from typing import Any

import pytest

from orchestrator.core.channels.kinds.bubbles.faults import won
from orchestrator.core.channels.kinds.bubbles.rules import BUBBLES as NAMES
from orchestrator.core.channels.kinds.kakao_brand import BrandWords
from tests.bubbles import BUBBLES, BUTTON, COUPON, LINK, PICTURE, PRODUCT, words_of


def codes(bubble: str, **changes: Any) -> list[tuple[str, str]]:
    words = BrandWords.model_validate({**words_of(bubble), **changes})
    return [(one.code, one.part) for one in words.problems()]


def test_there_is_a_sample_of_every_bubble() -> None:
    assert set(BUBBLES) == set(NAMES)


@pytest.mark.parametrize("bubble", BUBBLES)
def test_a_complete_bubble_has_no_fault_and_reads_as_text(bubble: str) -> None:
    words = BrandWords.model_validate(words_of(bubble))
    assert list(words.problems()) == []
    assert words.content().body.strip()
    assert words.options()["bubble"] == bubble


@pytest.mark.parametrize("bubble", BUBBLES)
def test_what_another_bubble_needs_is_kept_and_not_sent(bubble: str) -> None:
    everything = {name: value for one in BUBBLES.values() for name, value in one.items()}
    mine = BrandWords.model_validate({**everything, **words_of(bubble)})
    alone = BrandWords.model_validate(words_of(bubble))
    sent, known = mine.options(), alone.options()
    assert {name for name in sent if name not in known} <= {"buttons", "coupon", "link"}
    assert set(sent.get("parts") or {}) <= {
        "header",
        "text",
        "items",
        "video",
        "product",
        "extra",
        "intro",
        "cards",
        "more",
    }


def test_a_carousel_s_buttons_stand_on_its_cards() -> None:
    words = BrandWords.model_validate({**words_of("CAROUSEL_FEED"), "buttons": [BUTTON], "coupon": COUPON})
    assert "buttons" not in words.options()
    assert "coupon" not in words.options()
    assert words.options()["parts"]["cards"][0]["buttons"] == [{"kind": "WL", "name": "보러 가기", "url": LINK}]


CARD = BUBBLES["CAROUSEL_FEED"]["cards"][0]
ITEM = BUBBLES["WIDE_ITEM_LIST"]["items"][0]
GOOD = BUBBLES["CAROUSEL_COMMERCE"]["goods"][0]


@pytest.mark.parametrize(
    ("bubble", "changes", "fault"),
    [
        ("TEXT", {"body": " "}, ("part_missing", "body")),
        ("TEXT", {"body": "가\n" * 100}, ("part_breaks", "body")),
        ("TEXT", {"buttons": [BUTTON] * 5}, ("too_many_buttons", "buttons")),
        ("WIDE", {"body": "한\n두\n세"}, ("part_breaks", "body")),
        ("WIDE", {"buttons": [BUTTON] * 3}, ("too_many_buttons", "buttons")),
        ("WIDE", {"image": ""}, ("image_missing", "image")),
        ("WIDE_ITEM_LIST", {"header": ""}, ("part_missing", "header")),
        ("WIDE_ITEM_LIST", {"header": "가" * 21}, ("part_too_long", "header")),
        ("WIDE_ITEM_LIST", {"items": [ITEM] * 2}, ("how_many", "items")),
        ("WIDE_ITEM_LIST", {"items": [ITEM] * 5}, ("how_many", "items")),
        ("WIDE_ITEM_LIST", {"items": [{**ITEM, "title": "가" * 26}, ITEM, ITEM]}, ("part_too_long", "items.0.title")),
        ("WIDE_ITEM_LIST", {"items": [ITEM, {**ITEM, "title": ""}, ITEM]}, ("part_missing", "items.1.title")),
        ("WIDE_ITEM_LIST", {"items": [ITEM, ITEM, {**ITEM, "image": ""}]}, ("part_missing", "items.2.image")),
        ("PREMIUM_VIDEO", {"video": None}, ("video_elsewhere", "video.url")),
        ("PREMIUM_VIDEO", {"video": {"url": "https://youtu.be/x"}}, ("video_elsewhere", "video.url")),
        ("PREMIUM_VIDEO", {"body": "가" * 77}, ("part_too_long", "body")),
        ("PREMIUM_VIDEO", {"buttons": [BUTTON] * 2}, ("too_many_buttons", "buttons")),
        ("COMMERCE", {"buttons": []}, ("button_missing", "buttons")),
        ("COMMERCE", {"buttons": [{"kind": "MD", "name": "문의"}]}, ("button_kind_here", "buttons.0.kind")),
        ("COMMERCE", {"product": {**PRODUCT, "price": ""}}, ("part_missing", "product.price")),
        ("COMMERCE", {"product": {**PRODUCT, "price": "약 3만"}}, ("number_form", "product.price")),
        ("COMMERCE", {"product": {**PRODUCT, "percent_off": "101"}}, ("number_form", "product.percent_off")),
        ("COMMERCE", {"product": {**PRODUCT, "percent_off": ""}}, ("discount_form", "product.sale_price")),
        ("COMMERCE", {"product": {**PRODUCT, "amount_off": "10000"}}, ("discount_form", "product.sale_price")),
        ("COMMERCE", {"product": {**PRODUCT, "title": "가" * 31}}, ("part_too_long", "product.title")),
        ("COMMERCE", {"extra": "가" * 35}, ("part_too_long", "extra")),
        ("CAROUSEL_FEED", {"cards": [CARD]}, ("how_many", "cards")),
        ("CAROUSEL_FEED", {"cards": [CARD] * 7}, ("how_many", "cards")),
        ("CAROUSEL_FEED", {"cards": [CARD, {**CARD, "text": "가" * 181}]}, ("part_too_long", "cards.1.text")),
        ("CAROUSEL_FEED", {"cards": [CARD, {**CARD, "buttons": []}]}, ("button_missing", "cards.1.buttons")),
        ("CAROUSEL_COMMERCE", {"goods": [GOOD] * 6}, ("how_many", "goods")),
        ("CAROUSEL_COMMERCE", {"intro": None, "goods": [GOOD]}, ("how_many", "goods")),
        (
            "CAROUSEL_COMMERCE",
            {"intro": {"header": "가", "text": "나", "image": ""}},
            ("part_missing", "intro.image"),
        ),
    ],
)
def test_what_kakao_would_refuse_is_pointed_out_where_it_stands(
    bubble: str, changes: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert codes(bubble, **changes) == [fault]


def test_a_template_is_measured_by_its_own_letters() -> None:
    long = "{{ customer.first_name | default('a very long name indeed') }}님"
    assert codes("WIDE_ITEM_LIST", header=long) == []
    assert codes("COMMERCE", product={**PRODUCT, "price": "{{ entry.price }}"}) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [("29000", 29000), ("29,000", 29000), ("29,000원", 29000), ("2만", None), ("", None), ("1,2", None)],
)
def test_prices_are_read_as_people_write_them(text: str, number: int | None) -> None:
    assert won(text) == number


def test_pictures_stand_where_they_are_looked_for() -> None:
    assert BrandWords.model_validate(words_of("CAROUSEL_COMMERCE")).options()["parts"]["intro"]["image"] == PICTURE

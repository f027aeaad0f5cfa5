"""What Kakao would refuse of a bubble: asked of what an author writes, and again of what one customer would get.

Both come as plain JSON (``parts.py``). Of a text that is still a template, its own letters count: variables bring more.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from orchestrator.core.channels.content import WordsProblem
from orchestrator.core.channels.kinds.bubbles import rules as kakao
from orchestrator.core.channels.kinds.bubbles.rules import RULES, BubbleRules
from orchestrator.core.channels.kinds.kakao_limits import COUPON_TITLES, is_coupon_title

_MARKS = re.compile(r"(\{\{|\}\}|\{%|%\})")
_CLOSES = {"{{": "}}", "{%": "%}"}
_WON = re.compile(r"\d{1,3}(,\d{3})+|\d+")
BY_CUSTOMER = frozenset({"part_missing", "part_too_long", "part_breaks", "number_form", "discount_form"})
"""Codes of what one customer's values may bring about while the message is right for others."""

Parts = Mapping[str, Any]


class _Line(NamedTuple):
    """A text of a bubble: how many letters and line breaks it may have, and whether it may be left out."""

    place: str
    text: str
    most: int
    breaks: int = 0
    needed: bool = True


def bubble_faults(bubble: str, image: str, parts: Parts) -> Iterator[WordsProblem]:
    """What is wrong with the parts of a bubble, besides its text, buttons and coupon."""
    if bubble in kakao.PICTURED and not image:
        yield WordsProblem("image_missing", "image", {})
    for line in _lines(bubble, parts):
        yield from _measured(line)
    yield from _counted(bubble, parts)
    yield from _prices(bubble, parts)
    video = str((parts.get("video") or {}).get("video") or "")
    if bubble == "PREMIUM_VIDEO" and "{" not in video and not video.startswith(kakao.VIDEO_HOME):
        yield WordsProblem("video_elsewhere", "video.url", {"home": kakao.VIDEO_HOME})


def text_faults(bubble: str, text: str) -> Iterator[WordsProblem]:
    """The same of the text of a bubble that has one."""
    rules = RULES[bubble]
    if bubble in kakao.SAYS_TEXT:
        yield from _measured(_Line("body", text, rules.text, rules.breaks, needed=bubble != "PREMIUM_VIDEO"))


def foot_faults(bubble: str, buttons: Sequence[Mapping[str, Any]], coupon: Parts | None) -> Iterator[WordsProblem]:
    """The same of the buttons and the coupon below a bubble. Buttons and coupon as providers are given them."""
    if bubble in kakao.BUTTONED:
        yield from _feet(RULES[bubble], "", buttons, coupon)


def card_faults(bubble: str, parts: Parts) -> Iterator[WordsProblem]:
    """The same of the buttons and coupons on the cards of a carousel."""
    for n, card in enumerate(_cards(bubble, parts)):
        yield from _feet(RULES[bubble], f"{_cards_field(bubble)}.{n}.", card.get("buttons") or (), card.get("coupon"))


def won(text: str) -> int | None:
    """A price as a number: digits, also in groups of three; None where it is none."""
    plain = text.strip().removesuffix("원").strip()
    return int(plain.replace(",", "")) if _WON.fullmatch(plain) else None


def _lines(bubble: str, parts: Parts) -> Iterator[_Line]:
    match bubble:
        case "WIDE_ITEM_LIST":
            yield _Line("header", _text(parts, "header"), kakao.HEADER)
            for n, item in enumerate(parts.get("items") or ()):
                most = kakao.ITEM_TITLE if n else kakao.FIRST_ITEM_TITLE
                yield _Line(f"items.{n}.title", _text(item, "title"), most, 1, needed=n > 0)
                yield from _given(f"items.{n}", item, "image", "link")
        case "PREMIUM_VIDEO":
            yield _Line("header", _text(parts, "header"), kakao.HEADER, needed=False)
        case "COMMERCE":
            yield from _product("product", parts.get("product") or {})
            yield _Line("extra", _text(parts, "extra"), kakao.EXTRA, 1, needed=False)
        case "CAROUSEL_FEED":
            for n, card in enumerate(_cards(bubble, parts)):
                yield _Line(f"cards.{n}.header", _text(card, "header"), kakao.HEADER)
                breaks = kakao.CAROUSEL_TEXT_BREAKS
                yield _Line(f"cards.{n}.text", _text(card, "text"), kakao.CAROUSEL_TEXT, breaks)
                yield from _given(f"cards.{n}", card, "image")
        case "CAROUSEL_COMMERCE":
            yield from _intro(parts.get("intro"))
            for n, card in enumerate(_cards(bubble, parts)):
                yield from _product(f"goods.{n}.product", card.get("product") or {})
                yield _Line(f"goods.{n}.extra", _text(card, "extra"), kakao.EXTRA, 1, needed=False)
                yield from _given(f"goods.{n}", card, "image")


def _intro(intro: Parts | None) -> Iterator[_Line]:
    if intro is not None:
        yield _Line("intro.header", _text(intro, "header"), kakao.HEADER)
        yield _Line("intro.text", _text(intro, "text"), kakao.INTRO_TEXT, 2)
        yield from _given("intro", intro, "image")


def _product(place: str, product: Parts) -> Iterator[_Line]:
    yield _Line(f"{place}.title", _text(product, "title"), kakao.PRODUCT_TITLE)
    yield from _given(place, product, "price")


def _given(place: str, part: Parts, *names: str) -> Iterator[_Line]:
    """Fields that must not be empty, however long."""
    for name in names:
        yield _Line(f"{place}.{name}", _text(part, name), 10_000)


def _written(text: str) -> str:
    """What stands there whoever it is for: without what a template fills in. In one pass, whatever is in it."""
    kept: list[str] = []
    within: list[str] = []
    for part in _MARKS.split(text):
        if within:
            within.append(part)
            if part == _CLOSES[within[0]]:
                within.clear()
        elif part in _CLOSES:
            within.append(part)
        else:
            kept.append(part)
    return "".join(kept + within)


def _measured(line: _Line) -> Iterator[WordsProblem]:
    own = _written(line.text)
    if line.needed and not line.text.strip():
        yield WordsProblem("part_missing", line.place, {})
    elif len(own) > line.most:
        yield WordsProblem("part_too_long", line.place, {"limit": line.most})
    elif own.count("\n") > line.breaks:
        yield WordsProblem("part_breaks", line.place, {"limit": line.breaks})


def _counted(bubble: str, parts: Parts) -> Iterator[WordsProblem]:
    if bubble == "WIDE_ITEM_LIST":
        yield from _how_many("items", len(parts.get("items") or ()), kakao.ITEMS)
    if bubble.startswith("CAROUSEL"):
        intro = bubble == "CAROUSEL_COMMERCE" and parts.get("intro") is not None
        fitting = kakao.CARDS_AFTER_INTRO if intro else kakao.CARDS
        yield from _how_many(_cards_field(bubble), len(_cards(bubble, parts)), fitting)


def _how_many(place: str, count: int, fitting: tuple[int, int]) -> Iterator[WordsProblem]:
    least, most = fitting
    if not least <= count <= most:
        yield WordsProblem("how_many", place, {"count": count, "least": least, "most": most})


def _prices(bubble: str, parts: Parts) -> Iterator[WordsProblem]:
    if bubble == "COMMERCE":
        yield from _price_faults("product", parts.get("product") or {})
    if bubble == "CAROUSEL_COMMERCE":
        for n, card in enumerate(_cards(bubble, parts)):
            yield from _price_faults(f"goods.{n}.product", card.get("product") or {})


def _price_faults(place: str, product: Parts) -> Iterator[WordsProblem]:
    most = {
        "price": kakao.MOST_PRICE,
        "sale_price": kakao.MOST_PRICE,
        "percent_off": 100,
        "amount_off": kakao.MOST_FIXED_DISCOUNT,
    }
    for name, limit in most.items():
        text = _text(product, name)
        number = won(text)
        if text and "{" not in text and (number is None or number > limit):
            yield WordsProblem("number_form", f"{place}.{name}", {"limit": limit})
    sale, percent, amount = (bool(_text(product, name)) for name in ("sale_price", "percent_off", "amount_off"))
    if (percent and amount) or (sale is not (percent or amount)):
        yield WordsProblem("discount_form", f"{place}.sale_price", {})


def _feet(
    rules: BubbleRules, place: str, buttons: Sequence[Mapping[str, Any]], coupon: Parts | None
) -> Iterator[WordsProblem]:
    least, most = rules.buttons[0], rules.most_buttons(coupon=coupon is not None)
    if len(buttons) > most:
        yield WordsProblem("too_many_buttons", f"{place}buttons", {"count": len(buttons), "limit": most})
    if len(buttons) < least:
        yield WordsProblem("button_missing", f"{place}buttons", {})
    for n, button in enumerate(buttons):
        yield from _button_faults(rules, f"{place}buttons.{n}", button)
    if coupon is not None:
        yield from _coupon_faults(rules, f"{place}coupon", coupon)


def _button_faults(rules: BubbleRules, place: str, button: Mapping[str, Any]) -> Iterator[WordsProblem]:
    kind, name = str(button.get("kind") or "WL"), str(button.get("name") or "")
    if kind not in rules.button_kinds:
        yield WordsProblem("button_kind_here", f"{place}.kind", {"name": name})
    if kind != "AC" and len(_written(name)) > rules.button_name:
        yield WordsProblem("button_name_too_long", f"{place}.name", {"name": name, "limit": rules.button_name})
    if kind == "WL" and not str(button.get("url") or "").strip():
        yield WordsProblem("button_without_link", f"{place}.link_mobile", {"name": name})
    if kind == "AL" and not any(button.get(one) for one in ("url", "android", "ios")):
        yield WordsProblem("button_without_link", f"{place}.scheme_ios", {"name": name})


def _coupon_faults(rules: BubbleRules, place: str, coupon: Parts) -> Iterator[WordsProblem]:
    title, text = str(coupon.get("title") or ""), str(coupon.get("description") or "")
    if not is_coupon_title(title):
        yield WordsProblem("coupon_title_form", f"{place}.title", {"name": title, "forms": ", ".join(COUPON_TITLES)})
    if len(_written(text)) > rules.coupon_text:
        yield WordsProblem("coupon_text_too_long", f"{place}.text", {"limit": rules.coupon_text})


def _cards(bubble: str, parts: Parts) -> Sequence[Parts]:
    return parts.get("cards") or () if bubble.startswith("CAROUSEL") else ()


def _cards_field(bubble: str) -> str:
    return "goods" if bubble == "CAROUSEL_COMMERCE" else "cards"


def _text(part: Parts, name: str) -> str:
    return str(part.get(name) or "")

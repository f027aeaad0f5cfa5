"""The bubbles of a Brand Message as NHN Cloud's API has them (Brand Message v1.0, free form)."""

from collections.abc import Mapping
from typing import Any

from activities.channels.contract import Button, Coupon, OutgoingMessage
from activities.channels.kakao_checks import bubble_of
from activities.channels.kakao_wire import commerce, said
from orchestrator.core.channels.kinds.bubbles.rules import SENDS_BODY


def bubble_of_message(message: OutgoingMessage) -> dict[str, Any]:
    """What the bubble says. Pictures are addresses in NHN's own image store by now."""
    bubble, parts = bubble_of(message), message.parts
    common: dict[str, Any] = {"chatBubbleType": bubble}
    if bubble in SENDS_BODY:
        common["content"] = message.body
    if message.image:
        common["image"] = said(imageUrl=message.image, imageLink=message.link)
    match bubble:
        case "WIDE_ITEM_LIST":
            common["header"] = parts.get("header")
            common["item"] = {"list": [_item(one) for one in parts.get("items") or ()]}
        case "PREMIUM_VIDEO":
            video = parts.get("video") or {}
            common |= said(header=parts.get("header"), content=parts.get("text"))
            common["video"] = said(videoUrl=video.get("video"), thumbnailUrl=video.get("image"))
        case "COMMERCE":
            common |= {"commerce": commerce(parts.get("product") or {}), **said(additionalContent=parts.get("extra"))}
        case "CAROUSEL_FEED" | "CAROUSEL_COMMERCE":
            common["carousel"] = _carousel(parts)
    if message.buttons:
        common["buttons"] = [as_button(button) for button in message.buttons]
    if message.coupon:
        common["coupon"] = _coupon(message.coupon)
    return common


def as_button(button: Button) -> dict[str, str]:
    """A button, of an Alimtalk too."""
    links = {"linkMo": button.url, "linkPc": button.url_pc}
    schemes = {"schemeAndroid": button.android, "schemeIos": button.ios}
    return {"type": button.kind, "name": button.name} | said(**links, **schemes)


def _item(one: Mapping[str, Any]) -> dict[str, Any]:
    return said(title=one.get("title"), imageUrl=one.get("image"), linkMo=one.get("link"))


def _carousel(parts: Mapping[str, Any]) -> dict[str, Any]:
    carousel: dict[str, Any] = {"list": [_card(card) for card in parts.get("cards") or ()]}
    if intro := parts.get("intro"):
        carousel["head"] = said(
            header=intro.get("header"), content=intro.get("text"), imageUrl=intro.get("image"), linkMo=intro.get("link")
        )
    if more := parts.get("more"):
        carousel["tail"] = {"linkMo": more["link"]}
    return carousel


def _card(card: Mapping[str, Any]) -> dict[str, Any]:
    made = said(
        header=card.get("header"),
        message=card.get("text"),
        additionalContent=card.get("extra"),
        imageUrl=card.get("image"),
        imageLink=card.get("link"),
    )
    if product := card.get("product"):
        made["commerce"] = commerce(product)
    made["buttons"] = [as_button(Button(**button)) for button in card.get("buttons") or ()]
    if coupon := card.get("coupon"):
        made["coupon"] = _coupon(Coupon(**coupon))
    return made


def _coupon(coupon: Coupon) -> dict[str, Any]:
    links = {"linkMo": coupon.url, "linkPc": coupon.url_pc}
    return {"title": coupon.title, "description": coupon.description} | said(**links)

"""The bubbles of a Brand Message as Solapi's API has them (``kakaoOptions.bms``).

Source: models and examples of Solapi's official clients (bmsCarousel, bmsCommerce, bmsWideItem, bmsVideo).
"""

from collections.abc import Mapping
from typing import Any

from activities.channels.contract import Button, Coupon, DefinitionError, OutgoingMessage
from activities.channels.kakao_checks import bubble_of, pictures_in
from activities.channels.kakao_wire import commerce, said

ITEMS = 4


def bubble_of_message(message: OutgoingMessage) -> dict[str, Any]:
    """What the bubble says besides the text and whom it is for. Pictures are ids of Solapi's own storage by now."""
    bubble, parts = bubble_of(message), message.parts
    if any(address.startswith(("http://", "https://")) for address in pictures_in(message)):
        raise DefinitionError("Solapi takes the id of an image in its own storage, not an address")
    if message.link and bubble == "WIDE":
        raise DefinitionError("Solapi's wide bubble has no link of its image")
    bms: dict[str, Any] = {"chatBubbleType": bubble, **said(imageId=message.image, imageLink=message.link)}
    match bubble:
        case "WIDE_ITEM_LIST":
            bms |= _items(parts)
        case "PREMIUM_VIDEO":
            video = parts.get("video") or {}
            bms |= said(header=parts.get("header"), content=parts.get("text"))
            bms["video"] = said(videoUrl=video.get("video"), imageId=video.get("image"))
        case "COMMERCE":
            bms |= {"commerce": commerce(parts.get("product") or {}), **said(additionalContent=parts.get("extra"))}
        case "CAROUSEL_FEED" | "CAROUSEL_COMMERCE":
            bms["carousel"] = _carousel(parts)
    if message.buttons:
        bms["buttons"] = [_button(button) for button in message.buttons]
    if message.coupon:
        bms["coupon"] = _coupon(message.coupon)
    return bms


def _items(parts: Mapping[str, Any]) -> dict[str, Any]:
    items = [
        said(title=one.get("title"), imageId=one.get("image"), linkMobile=one.get("link"))
        for one in parts.get("items") or ()
    ]
    if len(items) != ITEMS:
        raise DefinitionError(f"Solapi takes a wide item list of {ITEMS} items")
    return {"header": parts.get("header"), "mainWideItem": items[0], "subWideItemList": items[1:]}


def _carousel(parts: Mapping[str, Any]) -> dict[str, Any]:
    carousel: dict[str, Any] = {"list": [_card(card) for card in parts.get("cards") or ()]}
    if intro := parts.get("intro"):
        carousel["head"] = said(
            header=intro.get("header"),
            content=intro.get("text"),
            imageId=intro.get("image"),
            linkMobile=intro.get("link"),
        )
    if more := parts.get("more"):
        carousel["tail"] = {"linkMobile": more["link"]}
    return carousel


def _card(card: Mapping[str, Any]) -> dict[str, Any]:
    made = said(
        header=card.get("header"),
        content=card.get("text"),
        additionalContent=card.get("extra"),
        imageId=card.get("image"),
        imageLink=card.get("link"),
    )
    if product := card.get("product"):
        made["commerce"] = commerce(product)
    made["buttons"] = [_button(Button(**button)) for button in card.get("buttons") or ()]
    if coupon := card.get("coupon"):
        made["coupon"] = _coupon(Coupon(**coupon))
    return made


def _button(button: Button) -> dict[str, Any]:
    links = {"linkMobile": button.url, "linkPc": button.url_pc, "linkAndroid": button.android, "linkIos": button.ios}
    return {"linkType": button.kind, "name": button.name} | said(**links)


def _coupon(coupon: Coupon) -> dict[str, Any]:
    links = {"linkMobile": coupon.url, "linkPc": coupon.url_pc}
    return {"title": coupon.title, "description": coupon.description} | said(**links)

"""What Kakao prescribes of its messages, whoever carries them. What it would refuse is refused here, with words.

Sources: validators of Solapi's official clients (bmsConstraints); NHN Cloud KakaoTalk Bizmessage, Brand Message API
v1.0 and Alimtalk API v2.3. Where two differ, the provider says which holds.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from activities.channels.contract import Button, Coupon, DefinitionError, Misconfigured, OutgoingMessage, Rejected
from orchestrator.core.channels.kinds.bubbles.faults import (
    BY_CUSTOMER,
    bubble_faults,
    card_faults,
    foot_faults,
    text_faults,
)
from orchestrator.core.channels.kinds.kakao_buttons import BUTTON_NAME, MOST_BUTTONS
from orchestrator.core.channels.kinds.kakao_limits import MOST_CHARACTERS
from orchestrator.core.channels.sms_text import LMS_BYTES, SMS_BYTES, TITLE_BYTES, not_carried, sms_bytes

VARIABLE_NAME = 40
_ALIMTALK_BUTTONS = frozenset({"WL", "AL", "DS", "BK", "MD", "BC", "BT", "BF", "AC"})


def check_alimtalk(message: OutgoingMessage) -> None:
    """Raises ``DefinitionError`` or ``Rejected`` for an Alimtalk that Kakao would not take."""
    if message.message_class != "informational":
        raise Misconfigured("Alimtalk carries information only")
    if not message.template_code:
        raise Misconfigured("Alimtalk needs the code of an approved template")
    for name in message.template_variables:
        if "." in name or not 0 < len(name) <= VARIABLE_NAME:
            raise DefinitionError(f"a template's variable is called {name!r}")
    _check_buttons(message.buttons, MOST_BUTTONS, _ALIMTALK_BUTTONS)
    if len(message.body) > MOST_CHARACTERS:
        raise Rejected(f"over {MOST_CHARACTERS} characters")


def bubble_of(message: OutgoingMessage) -> str:
    """The form of a Brand Message, as Kakao calls it."""
    return message.bubble or ("IMAGE" if message.image else "TEXT")


def check_brand(
    message: OutgoingMessage, *, kinds: frozenset[str], image_body: int = MOST_CHARACTERS, image_lines: int = 99
) -> None:
    """The same for a Brand Message of free form. ``kinds``: of buttons that the provider knows; ``image_body``,
    ``image_lines``: how much it lets an image bubble say."""
    bubble = bubble_of(message)
    text = str(message.parts.get("text") or "") if bubble == "PREMIUM_VIDEO" else message.body
    buttons, coupon = [_as_option(button) for button in message.buttons], _as_coupon(message.coupon)
    cards = message.parts.get("cards") or ()
    for faults in (
        bubble_faults(bubble, message.image, message.parts),
        text_faults(bubble, text),
        foot_faults(bubble, buttons, coupon),
        card_faults(bubble, message.parts),
    ):
        for fault in faults:
            raise (Rejected if fault.code in BY_CUSTOMER else DefinitionError)(f"{fault.code}: {fault.part}")
    every_button = [*buttons, *(button for card in cards for button in card.get("buttons") or ())]
    every_coupon = [coupon, *(card.get("coupon") for card in cards)]
    if message.link and not message.image:
        raise DefinitionError("what is about an image needs one")
    for button in every_button:
        _check_links(button, kinds)
    for one in filter(None, every_coupon):
        _check_coupon(one)
    if bubble == "IMAGE" and len(message.body) > image_body:
        raise Rejected(f"over {image_body} characters")
    if bubble == "IMAGE" and message.body.count("\n") > image_lines:
        raise Rejected(f"over {image_lines} line breaks")


def pictures_in(message: OutgoingMessage) -> tuple[str, ...]:
    """Every picture of a message, by address or by the provider's own name, each once."""
    return tuple(dict.fromkeys(filter(None, (message.image, *_pictures(message.parts)))))


def _pictures(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == "image" and isinstance(value, str):
                yield value
            else:
                yield from _pictures(value)
    elif isinstance(node, list | tuple):
        for one in node:
            yield from _pictures(one)


def _as_option(button: Button) -> dict[str, Any]:
    return {
        "kind": button.kind,
        "name": button.name,
        "url": button.url,
        "android": button.android,
        "ios": button.ios,
    }


def _as_coupon(coupon: Coupon | None) -> dict[str, Any] | None:
    return None if coupon is None else {"title": coupon.title, "description": coupon.description, "url": coupon.url}


def _check_links(button: Mapping[str, Any], kinds: frozenset[str]) -> None:
    kind = str(button.get("kind") or "WL")
    if kind not in kinds:
        raise DefinitionError(f"not supported: button {kind}")
    if kind != "AC" and not button.get("name"):
        raise DefinitionError("a button needs a name")
    if kind == "WL" and not _is_web(button.get("url")):
        raise DefinitionError("a web link needs an address")


def _check_coupon(coupon: Mapping[str, Any]) -> None:
    description = str(coupon.get("description") or "")
    if not description or "\n" in description:
        raise DefinitionError("a coupon's description is one line")
    if not _is_web(coupon.get("url")):
        raise DefinitionError("a coupon needs an address")


def _is_web(address: Any) -> bool:
    return str(address or "").startswith(("http://", "https://"))


def _check_buttons(buttons: tuple[Button, ...], most: int, kinds: frozenset[str], longest: int = BUTTON_NAME) -> None:
    if len(buttons) > most:
        raise DefinitionError(f"over {most} buttons")
    for button in buttons:
        _check_links(_as_option(button), kinds)
        if button.kind != "AC" and len(button.name) > longest:
            raise DefinitionError(f"a button's name has 1 to {longest} characters")
        if button.kind == "AL" and not (button.url or button.android or button.ios):
            raise DefinitionError("an app link needs an address")


def kept_name(image: str) -> str:
    """The name under which the provider keeps a text message's picture by now."""
    if image.startswith(("http://", "https://")):
        raise DefinitionError("a text message shows pictures of the library only, not from elsewhere")
    return image


def is_long_text(message: OutgoingMessage) -> bool:
    """Whether a text message has to go as an LMS. Raises ``Rejected`` for what no network carries."""
    strange = not_carried(message.subject + message.body)
    if strange:
        raise Rejected(
            "letters that text messages do not carry: " + " ".join(f"U+{ord(one):04X}" for one in strange[:5])
        )
    length = sms_bytes(message.body)
    if length > LMS_BYTES:
        raise Rejected(f"over {LMS_BYTES} bytes")
    if sms_bytes(message.subject) > TITLE_BYTES:
        raise Rejected(f"a title over {TITLE_BYTES} bytes")
    return bool(message.subject) or length > SMS_BYTES

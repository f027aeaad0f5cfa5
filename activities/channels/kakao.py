"""What Kakao prescribes of its messages, whoever carries them. What it would refuse is refused here, with words.

Sources: validators of Solapi's official clients (bmsConstraints); NHN Cloud KakaoTalk Bizmessage, Brand Message API
v1.0 and Alimtalk API v2.3. Where two differ, the provider says which holds.
"""

import re

from activities.channels.contract import Button, Coupon, DefinitionError, OutgoingMessage, Rejected
from orchestrator.core.messages.sms_text import LMS_BYTES, SMS_BYTES, TITLE_BYTES, not_carried, sms_bytes

ALIMTALK_BODY = 1_300
BRAND_BODY = 1_300
MOST_BUTTONS = 5
BUTTON_NAME = 14
COUPON_DESCRIPTION = 12
WIDE_BODY, WIDE_LINES, WIDE_BUTTONS, WIDE_BUTTON_NAME, WIDE_COUPON = 76, 1, 2, 8, 18
VARIABLE_NAME = 40
_ALIMTALK_BUTTONS = frozenset({"WL", "AL", "DS", "BK", "MD", "BC", "BT", "BF", "AC"})
_COUPON = re.compile(
    r"[1-9][0-9]{0,7}원 할인 쿠폰|([1-9][0-9]?|100)% 할인 쿠폰|배송비 할인 쿠폰|.{1,7} 무료 쿠폰|.{1,7} UP 쿠폰"
)


def check_alimtalk(message: OutgoingMessage) -> None:
    """Raises ``DefinitionError`` or ``Rejected`` for an Alimtalk that Kakao would not take."""
    if message.message_class != "informational":
        raise DefinitionError("Alimtalk carries information only")
    if not message.template_code:
        raise DefinitionError("Alimtalk needs the code of an approved template")
    for name in message.template_variables:
        if "." in name or not 0 < len(name) <= VARIABLE_NAME:
            raise DefinitionError(f"a template's variable is called {name!r}")
    _check_buttons(message.buttons, MOST_BUTTONS, _ALIMTALK_BUTTONS)
    if len(message.body) > ALIMTALK_BODY:
        raise Rejected(f"over {ALIMTALK_BODY} characters")


def bubble_of(message: OutgoingMessage) -> str:
    """The form of a Brand Message, as Kakao calls it."""
    return "WIDE" if message.wide else "IMAGE" if message.image else "TEXT"


def check_brand(
    message: OutgoingMessage, *, kinds: frozenset[str], image_body: int = BRAND_BODY, image_lines: int = 99
) -> None:
    """The same for a Brand Message of free form, text or picture. ``kinds``: of buttons that the provider knows."""
    most = WIDE_BUTTONS if message.wide else MOST_BUTTONS - 1 if message.coupon else MOST_BUTTONS
    _check_buttons(message.buttons, most, kinds, WIDE_BUTTON_NAME if message.wide else BUTTON_NAME)
    if message.coupon:
        _check_coupon(message.coupon, WIDE_COUPON if message.wide else COUPON_DESCRIPTION)
    if (message.link or message.wide) and not message.image:
        raise DefinitionError("what is about an image needs one")
    length, breaks = (image_body, image_lines) if message.image else (BRAND_BODY, 99)
    if message.wide:
        length, breaks = WIDE_BODY, WIDE_LINES
    if len(message.body) > length:
        raise Rejected(f"over {length} characters")
    if message.body.count("\n") > breaks:
        raise Rejected(f"over {breaks} line breaks")


def _check_buttons(buttons: tuple[Button, ...], most: int, kinds: frozenset[str], longest: int = BUTTON_NAME) -> None:
    if len(buttons) > most:
        raise DefinitionError(f"over {most} buttons")
    for button in buttons:
        if button.kind not in kinds:
            raise DefinitionError(f"not supported: button {button.kind}")
        if button.kind != "AC" and not 0 < len(button.name) <= longest:
            raise DefinitionError(f"a button's name has 1 to {longest} characters")
        if button.kind == "WL" and not button.url.startswith(("http://", "https://")):
            raise DefinitionError("a web link needs an address")
        if button.kind == "AL" and not (button.url or button.android or button.ios):
            raise DefinitionError("an app link needs an address")


def _check_coupon(coupon: Coupon, longest: int) -> None:
    if not _COUPON.fullmatch(coupon.title):
        raise DefinitionError(
            "a coupon is called “N원 할인 쿠폰”, “N% 할인 쿠폰”, “배송비 할인 쿠폰”, “… 무료 쿠폰” or “… UP 쿠폰”"
        )
    if not 0 < len(coupon.description) <= longest or "\n" in coupon.description:
        raise DefinitionError(f"a coupon's description has 1 to {longest} characters")
    if not coupon.url.startswith(("http://", "https://")):
        raise DefinitionError("a coupon needs an address")


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

"""What Kakao prescribes of its messages, whoever carries them. What it would refuse is refused here, with words.

Sources: validators of Solapi's official clients (bmsConstraints); NHN Cloud KakaoTalk Bizmessage, Brand Message API
v1.0 and Alimtalk API v2.3. Where two differ, the provider says which holds.
"""

from activities.channels.contract import Button, Coupon, DefinitionError, OutgoingMessage, Rejected
from orchestrator.core.channels.kinds.kakao_limits import (
    BUTTON_NAME,
    COUPON_TEXT,
    COUPON_TITLES,
    MOST_BUTTONS,
    MOST_CHARACTERS,
    WIDE_BUTTON_NAME,
    WIDE_CHARACTERS,
    WIDE_COUPON_TEXT,
    is_coupon_title,
    most_brand_buttons,
)
from orchestrator.core.channels.sms_text import LMS_BYTES, SMS_BYTES, TITLE_BYTES, not_carried, sms_bytes

WIDE_LINES = 1
VARIABLE_NAME = 40
_ALIMTALK_BUTTONS = frozenset({"WL", "AL", "DS", "BK", "MD", "BC", "BT", "BF", "AC"})


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
    if len(message.body) > MOST_CHARACTERS:
        raise Rejected(f"over {MOST_CHARACTERS} characters")


def bubble_of(message: OutgoingMessage) -> str:
    """The form of a Brand Message, as Kakao calls it."""
    return "WIDE" if message.wide else "IMAGE" if message.image else "TEXT"


def check_brand(
    message: OutgoingMessage, *, kinds: frozenset[str], image_body: int = MOST_CHARACTERS, image_lines: int = 99
) -> None:
    """The same for a Brand Message of free form, text or picture. ``kinds``: of buttons that the provider knows."""
    most = most_brand_buttons(wide=message.wide, coupon=message.coupon is not None)
    _check_buttons(message.buttons, most, kinds, WIDE_BUTTON_NAME if message.wide else BUTTON_NAME)
    if message.coupon:
        _check_coupon(message.coupon, WIDE_COUPON_TEXT if message.wide else COUPON_TEXT)
    if (message.link or message.wide) and not message.image:
        raise DefinitionError("what is about an image needs one")
    length, breaks = (image_body, image_lines) if message.image else (MOST_CHARACTERS, 99)
    if message.wide:
        length, breaks = WIDE_CHARACTERS, WIDE_LINES
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
    if not is_coupon_title(coupon.title):
        raise DefinitionError(f"a coupon is called one of: {', '.join(COUPON_TITLES)}")
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

"""Messages as NHN Cloud's APIs have them: what a call says to all its receivers, and what is each receiver's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from activities.channels.contract import DefinitionError, OutgoingMessage, Rejected
from activities.channels.kakao_checks import check_alimtalk, check_brand, is_long_text, kept_name
from activities.channels.phone_numbers import KOREA, national
from activities.channels.providers.nhn.bubbles import as_button, bubble_of_message
from activities.channels.providers.nhn.config import Config
from orchestrator.core.channels.sms_text import as_carried

EXTRAS_OF = {
    "sms": frozenset({"image"}),
    "alimtalk": frozenset({"template_code", "template_variables", "buttons", "parts"}),
    "kakao_brand": frozenset({"image", "link", "buttons", "coupon", "bubble", "parts", "targeting"}),
}
_BRAND_BUTTONS = frozenset({"WL", "AL", "BK", "MD", "BC", "BT", "BF"})
IMAGE_BODY, IMAGE_LINES = 400, 29
TEMPLATE_CODE = 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """``common``: what the call says; ``receiver``: an entry of its ``recipientList``."""

    path: str
    common: Mapping[str, Any]
    receiver: Mapping[str, Any]

    @property
    def sameness(self) -> str:
        """Messages of the same may share a call."""
        return self.path + json.dumps(self.common, sort_keys=True, ensure_ascii=False)


def parcel_of(message: OutgoingMessage, config: Config) -> Parcel:
    """A message, as far as NHN would take it. Raises a ``DeliveryError`` for one that it would not."""
    match message.channel:
        case "alimtalk":
            return _alimtalk(message, config)
        case "kakao_brand":
            return _brand(message, config)
    return _text(message, config)


def number_of(recipient: str) -> str:
    """A receiver as NHN writes them: Koreans nationally, others with their country's code."""
    country, number = national(recipient)
    return number if country == KOREA else country + number


def _alimtalk(message: OutgoingMessage, config: Config) -> Parcel:
    """By the template's variables; with buttons of its own in full, unless the template has parts that only NHN knows
    the words of: those go by its code alone, with the buttons that it was approved with."""
    check_alimtalk(message)
    if len(message.template_code) > TEMPLATE_CODE:
        raise DefinitionError(f"a template's code has up to {TEMPLATE_CODE} characters")
    common = {"senderKey": config.sender_key, "templateCode": message.template_code}
    receiver: dict[str, Any] = {"recipientNo": number_of(message.recipient), "resendParameter": {"isResend": False}}
    if message.buttons and not message.parts:
        buttons = [{"ordering": n, **as_button(button)} for n, button in enumerate(message.buttons, start=1)]
        return Parcel("raw-messages", common, {**receiver, "content": message.body, "buttons": buttons})
    return Parcel("messages", common, {**receiver, "templateParameter": dict(message.template_variables)})


def _brand(message: OutgoingMessage, config: Config) -> Parcel:
    if message.message_class != "advertising":
        raise DefinitionError("a Brand Message is advertising")
    check_brand(message, kinds=_BRAND_BUTTONS, image_body=IMAGE_BODY, image_lines=IMAGE_LINES)
    common: dict[str, Any] = {"senderKey": config.sender_key, **bubble_of_message(message)}
    free = "".join(digit for digit in message.opt_out_number if digit.isdecimal())
    if free.startswith("080"):
        common["unsubscribeNo"] = free
    receiver = {
        "recipientNo": number_of(message.recipient),
        "targeting": message.targeting or config.targeting,
        "resendParameter": {"isResend": False},
    }
    return Parcel("freestyle-messages", common, receiver)


def _text(message: OutgoingMessage, config: Config) -> Parcel:
    """Advertising has addresses of its own, at which NHN checks label and opt-out."""
    long = is_long_text(message) or bool(message.image)
    country, number = national(message.recipient)
    if long and country != KOREA:
        raise Rejected("abroad only short text messages are carried")
    common: dict[str, Any] = {"body": as_carried(message.body), "sendNo": config.sms_sender.replace("-", "")}
    if long:
        # NHN asks for a title of every long message; the sender's own words begin it where the author gave none.
        common["title"] = as_carried(message.subject) or _beginning(common["body"])
    if message.image:
        common["attachFileIdList"] = [int(kept_name(message.image))]
    path = ("ad-" if message.message_class == "advertising" else "") + ("mms" if long else "sms")
    receiver = {"recipientNo": number} if country == KOREA else {"recipientNo": number, "countryCode": country}
    return Parcel(f"sender/{path}", common, receiver)


def _beginning(body: str) -> str:
    """The first line, as much of it as a title holds."""
    line, taken = body.split("\n", 1)[0], ""
    for letter in line:
        if len((taken + letter).encode("euc_kr", "replace")) > 40:
            break
        taken += letter
    return taken.strip()

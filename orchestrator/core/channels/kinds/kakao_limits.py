"""What Kakao prescribes of its messages, whichever channel and provider: buttons, coupons, whom a message is for.

One place for who writes a template and who hands a message over. Sources: validators of Solapi's official clients
(bmsConstraints); NHN Cloud KakaoTalk Bizmessage, Brand Message API v1.0 and Alimtalk API v2.3.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels.content import MOST_LINK, WordsProblem, link_field, without_empty
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, Text

MOST_CHARACTERS = 1_300
"""Of an Alimtalk."""
MOST_BUTTONS = 5
BUTTON_NAME = 14

Targeting = Literal["I", "M", "N"]
TARGETING_TEXT: dict[str, Text] = {
    "I": Text("Friends of the channel"),
    "M": Text("Customers who consented"),
    "N": Text("Customers who consented and are not friends"),
}
BUTTON_KINDS: dict[str, Text] = {
    "WL": Text("Web link"),
    "AL": Text("App link"),
    "DS": Text("Track the parcel"),
    "AC": Text("Add the channel"),
    "BK": Text("Bot keyword"),
    "MD": Text("Forward the message"),
    "BC": Text("Talk to a person"),
    "BT": Text("Talk to a bot"),
}
COUPON_TITLES: dict[str, re.Pattern[str]] = {
    "N원 할인 쿠폰": re.compile(r"[1-9][0-9]{0,7}원 할인 쿠폰"),
    "N% 할인 쿠폰": re.compile(r"(100|[1-9][0-9]?)% 할인 쿠폰"),
    "배송비 할인 쿠폰": re.compile(r"배송비 할인 쿠폰"),
    "○○ 무료 쿠폰": re.compile(r"\S(.{0,5}\S)? 무료 쿠폰"),
    "○○ UP 쿠폰": re.compile(r"\S(.{0,5}\S)? UP 쿠폰"),
}
"""The only titles that a Brand Message's coupon may have (NHN Cloud, free-form Brand Message), by how they are told."""


def is_coupon_title(title: str) -> bool:
    """Whether Kakao takes a coupon of this title."""
    return any(form.fullmatch(title) for form in COUPON_TITLES.values())


class KakaoButton(Frozen):
    """A button below a message on KakaoTalk."""

    kind: Literal["WL", "AL", "DS", "AC", "BK", "MD", "BC", "BT"] = Field(
        "WL", json_schema_extra=labelled(Text("Kind"), options=BUTTON_KINDS)
    )
    name: str = Field(min_length=1, max_length=200, json_schema_extra=labelled(Text("Name")))
    link_mobile: str = link_field(Text("Link (mobile)"))
    link_pc: str = link_field(Text("Link (PC)"), advanced=True)
    scheme_ios: str = Field("", max_length=MOST_LINK, json_schema_extra=labelled(Text("App link (iOS)"), advanced=True))
    scheme_android: str = Field(
        "", max_length=MOST_LINK, json_schema_extra=labelled(Text("App link (Android)"), advanced=True)
    )

    def as_option(self) -> dict[str, Any]:
        """As providers are given it."""
        links = {"url": self.link_mobile, "url_pc": self.link_pc}
        apps = {"ios": self.scheme_ios, "android": self.scheme_android}
        return {"kind": self.kind, "name": self.name, **without_empty(**links, **apps)}


def buttons_field(**more: Any) -> Any:
    """Buttons, as the field of a model; ``more``: of :func:`labelled`."""
    new = {"kind": "WL", "name": "", "link_mobile": "https://"}
    words = labelled(Text("Buttons"), item=Text("Button"), new=new, **more)
    return Field((), max_length=20, json_schema_extra=words)


def button_problems(buttons: tuple[KakaoButton, ...], most: int, letters: int) -> Iterator[WordsProblem]:
    """What Kakao would refuse of them: more than ``most``, or a name of more than ``letters``."""
    if len(buttons) > most:
        yield WordsProblem("too_many_buttons", "buttons", {"count": len(buttons), "limit": most})
    for n, button in enumerate(buttons):
        if len(button.name) > letters:
            yield WordsProblem("button_name_too_long", f"buttons.{n}.name", {"name": button.name, "limit": letters})
        link = {"WL": button.link_mobile, "AL": button.scheme_ios or button.scheme_android}.get(button.kind, "-")
        if not link.strip():
            part = "link_mobile" if button.kind == "WL" else "scheme_ios"
            yield WordsProblem("button_without_link", f"buttons.{n}.{part}", {"name": button.name})

"""Brand Message: advertising on KakaoTalk, the successor of FriendTalk (친구톡), which ended on 2025-12-31."""

from collections.abc import Iterator
from datetime import time
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import AdvertisingMarks, Channel
from orchestrator.core.channels.content import ChannelWords, WordsProblem, image_field, link_field, without_empty
from orchestrator.core.channels.kinds.kakao_limits import (
    BUTTON_NAME,
    COUPON_TEXT,
    COUPON_TITLES,
    MOST_CHARACTERS,
    TARGETING_TEXT,
    WIDE_BUTTON_NAME,
    WIDE_CHARACTERS,
    WIDE_COUPON_TEXT,
    KakaoButton,
    Targeting,
    button_problems,
    buttons_field,
    is_coupon_title,
    most_brand_buttons,
)
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, Text

BUBBLES: dict[str, Text] = {
    "TEXT": Text("Text", context="bubble"),
    "IMAGE": Text("Image", context="bubble"),
    "WIDE": Text("Wide image"),
}


class BrandCoupon(Frozen):
    """The coupon of a Brand Message."""

    title: str = Field(
        min_length=1,
        max_length=100,
        json_schema_extra=labelled(
            Text("Title", context="coupon"),
            help=Text("One of: 3000원 할인 쿠폰, 10% 할인 쿠폰, 배송비 할인 쿠폰, ○○ 무료 쿠폰, ○○ UP 쿠폰."),
        ),
    )
    text: str = Field("", max_length=200, json_schema_extra=labelled(Text("Description"), editor="template"))
    link: str = link_field()


class BrandWords(ChannelWords):
    """A Brand Message of KakaoTalk, the successor of FriendTalk (친구톡)."""

    bubble: Literal["TEXT", "IMAGE", "WIDE"] = Field(
        "TEXT", json_schema_extra=labelled(Text("Bubble"), options=BUBBLES)
    )
    targeting: Targeting = Field(
        "I",
        json_schema_extra=labelled(
            Text("To whom"),
            options=TARGETING_TEXT,
            help=Text(
                "Everyone except friends of the channel must have consented, and Kakao must have approved the sender."
            ),
            advanced=True,
        ),
    )
    image: str = image_field()
    image_link: str = link_field(Text("Link of the image"))
    buttons: tuple[KakaoButton, ...] = buttons_field()
    coupon: BrandCoupon | None = Field(None, json_schema_extra=labelled(Text("Coupon")))

    @property
    def wide(self) -> bool:
        """Whether its image is as wide as the bubble, which leaves less room for words."""
        return self.bubble == "WIDE"

    def options(self) -> dict[str, Any]:
        coupon, pictured = self.coupon, self.bubble != "TEXT"
        return {
            "targeting": self.targeting,
            **without_empty(
                wide=self.wide,
                image=self.image if pictured else "",
                link=self.image_link if pictured else "",
                buttons=[button.as_option() for button in self.buttons],
                coupon={"title": coupon.title, "description": coupon.text, "url": coupon.link} if coupon else None,
            ),
        }

    def most_characters(self) -> int | None:
        return WIDE_CHARACTERS if self.wide else MOST_CHARACTERS

    def problems(self) -> Iterator[WordsProblem]:
        """Buttons, image and coupon as the bubble takes them."""
        most = most_brand_buttons(wide=self.wide, coupon=self.coupon is not None)
        yield from button_problems(self.buttons, most, WIDE_BUTTON_NAME if self.wide else BUTTON_NAME)
        if self.bubble != "TEXT" and not self.image:
            yield WordsProblem("image_missing", "image", {})
        if self.coupon is None:
            return
        if not is_coupon_title(self.coupon.title):
            about = {"name": self.coupon.title, "forms": ", ".join(COUPON_TITLES)}
            yield WordsProblem("coupon_title_form", "coupon.title", about)
        limit = WIDE_COUPON_TEXT if self.wide else COUPON_TEXT
        if len(self.coupon.text) > limit:
            yield WordsProblem("coupon_text_too_long", "coupon.text", {"limit": limit})


KAKAO_BRAND = Channel(
    name="kakao_brand",
    title=Text("Brand Message"),
    in_sentence=Text("Brand Message"),
    to_customers=Text("KakaoTalk"),
    icon="message-square",
    contact=contacts.PHONE,
    words=BrandWords,
    new_words={"ko": {"bubble": "TEXT", "body": ""}, "en": {"bubble": "TEXT", "body": ""}},
    # Kakao labels it and offers the way out, where the provider says that it is an advertisement.
    marks=AdvertisingMarks(by_owner=True),
    # Whatever the customer has agreed to (NHN Cloud, Brand Message v1.0).
    closed=(time(20, 50), time(8)),
    test_class="advertising",
)

"""Brand Message: advertising on KakaoTalk, the successor of FriendTalk (친구톡), which ended on 2025-12-31."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

from pydantic import Field

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import AdvertisingMarks, Channel
from orchestrator.core.channels.content import (
    MOST_BODY,
    ChannelWords,
    Content,
    WordsProblem,
    image_field,
    link_field,
    without_empty,
    words_field,
)
from orchestrator.core.channels.kinds.bubbles import parts, rules
from orchestrator.core.channels.kinds.bubbles.faults import bubble_faults, card_faults, foot_faults, text_faults
from orchestrator.core.channels.kinds.bubbles.rules import BUBBLES, BUTTONED, PICTURED, SAYS_TEXT, SENDS_BODY, Bubble
from orchestrator.core.channels.kinds.kakao_buttons import KakaoButton, buttons_field
from orchestrator.core.channels.kinds.kakao_limits import TARGETING_TEXT, Targeting
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text

_NEW_CARD = {"image": "", "buttons": [{"kind": "WL", "name": "", "link_mobile": "https://"}]}


def _in(*bubbles: str) -> Mapping[str, tuple[str, ...]]:
    """With which bubbles a field is shown; what another bubble would need is kept, and not sent."""
    return {"bubble": bubbles}


class BrandWords(ChannelWords):
    """A Brand Message of KakaoTalk, the successor of FriendTalk (친구톡)."""

    bubble: Bubble = Field("TEXT", json_schema_extra=labelled(Text("Bubble"), options=BUBBLES))
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
    header: str = words_field(
        Text("Heading"),
        200,
        help=Text("Up to {most} letters.", most=rules.HEADER),
        when=_in("WIDE_ITEM_LIST", "PREMIUM_VIDEO"),
    )
    body: str = Field(
        "",
        max_length=MOST_BODY,
        json_schema_extra=labelled(Text("Text", context="body"), editor="template", when=_in(*SAYS_TEXT)),
    )
    image: str = image_field(when=_in(*PICTURED))
    image_link: str = link_field(Text("Link of the image"), when=_in(*PICTURED))
    video: parts.BrandVideo | None = Field(None, json_schema_extra=labelled(Text("Video"), when=_in("PREMIUM_VIDEO")))
    items: tuple[parts.BrandItem, ...] = Field(
        (),
        max_length=10,
        json_schema_extra=labelled(
            Text("Items"),
            item=Text("Item"),
            new={"title": "", "image": "", "link": "https://"},
            help=Text("Three or four. The first is shown wide, the others in rows. Solapi takes exactly four."),
            when=_in("WIDE_ITEM_LIST"),
        ),
    )
    product: parts.BrandProduct = Field(
        default_factory=parts.BrandProduct,
        json_schema_extra=labelled(Text("Product and price"), when=_in("COMMERCE")),
    )
    extra: str = words_field(
        Text("Additional line"), 200, help=Text("Up to {most} letters.", most=rules.EXTRA), when=_in("COMMERCE")
    )
    intro: parts.CarouselIntro | None = Field(
        None,
        json_schema_extra=labelled(
            Text("Intro card"),
            help=Text("Stands before the products. With it, there may be one to five of them."),
            when=_in("CAROUSEL_COMMERCE"),
        ),
    )
    cards: tuple[parts.FeedCard, ...] = Field(
        (),
        max_length=20,
        json_schema_extra=labelled(
            Text("Cards"),
            item=Text("Card"),
            new=_NEW_CARD,
            help=Text("Two to six, each with a button or two."),
            when=_in("CAROUSEL_FEED"),
        ),
    )
    goods: tuple[parts.ProductCard, ...] = Field(
        (),
        max_length=20,
        json_schema_extra=labelled(
            Text("Products"),
            item=Text("Product"),
            new=_NEW_CARD,
            help=Text("Two to six, each with a button or two."),
            when=_in("CAROUSEL_COMMERCE"),
        ),
    )
    more: str = link_field(
        Text("Link of “see more”"),
        help=Text("A last card that leads on. Left empty, there is none."),
        when=_in("CAROUSEL_FEED", "CAROUSEL_COMMERCE"),
    )
    buttons: tuple[KakaoButton, ...] = buttons_field(when=_in(*BUTTONED))
    coupon: parts.BrandCoupon | None = parts.coupon_field(when=_in(*BUTTONED))

    def content(self) -> Content:
        """Its text; where a bubble has none, what its parts say, for lists and reports."""
        if self.bubble in SENDS_BODY:
            return Content.model_construct(None, subject="", body=self.body)
        return Content.model_construct(
            None, subject="", body="\n".join(filter(None, self._lines())) or self._stand_in()
        )

    def options(self) -> dict[str, Any]:
        pictured, footed = self.bubble in PICTURED, self.bubble in BUTTONED
        return {
            "bubble": self.bubble,
            "targeting": self.targeting,
            **without_empty(
                image=self.image if pictured else "",
                link=self.image_link if pictured else "",
                buttons=[button.as_option() for button in self.buttons] if footed else [],
                coupon=self.coupon.as_option() if self.coupon and footed else None,
                parts=self._parts(),
            ),
        }

    def most_characters(self) -> int | None:
        return rules.RULES[self.bubble].text if self.bubble in SENDS_BODY else None

    def problems(self) -> Iterator[WordsProblem]:
        """Parts, buttons, image and coupon as the bubble takes them."""
        said = self.options()
        made = said.get("parts") or {}
        # How long a body is, every channel is asked in one place.
        counted = self.bubble in SENDS_BODY
        yield from (one for one in text_faults(self.bubble, self.body) if not (counted and one.code == "part_too_long"))
        yield from bubble_faults(self.bubble, self.image, made)
        yield from foot_faults(self.bubble, said.get("buttons") or (), said.get("coupon"))
        yield from card_faults(self.bubble, made)

    def _parts(self) -> dict[str, Any]:
        match self.bubble:
            case "WIDE_ITEM_LIST":
                return without_empty(header=self.header, items=parts.as_list(self.items))
            case "PREMIUM_VIDEO":
                video = self.video.as_part() if self.video else None
                return without_empty(header=self.header, text=self.body, video=video)
            case "COMMERCE":
                return without_empty(product=self.product.as_part(), extra=self.extra)
            case "CAROUSEL_FEED":
                return without_empty(cards=parts.as_list(self.cards), more=self._more())
            case "CAROUSEL_COMMERCE":
                intro = self.intro.as_part() if self.intro else None
                return without_empty(intro=intro, cards=parts.as_list(self.goods), more=self._more())
        return {}

    def _more(self) -> dict[str, Any] | None:
        return {"link": self.more} if self.more else None

    def _lines(self) -> Iterator[str]:
        """What can be read in a bubble, line by line."""
        match self.bubble:
            case "WIDE_ITEM_LIST":
                yield from (self.header, *(item.title for item in self.items))
            case "PREMIUM_VIDEO":
                yield from (self.header, self.body)
            case "COMMERCE":
                yield from (self.product.title, self.extra)
            case "CAROUSEL_FEED":
                yield from (line for card in self.cards for line in (card.header, card.text))
            case "CAROUSEL_COMMERCE":
                yield from ((self.intro.header, self.intro.text) if self.intro else ())
                yield from (line for card in self.goods for line in (card.product.title, card.extra))

    def _stand_in(self) -> str:
        """A bubble without any words, such as a video alone, still has an address."""
        return self.video.url if self.bubble == "PREMIUM_VIDEO" and self.video else ""


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

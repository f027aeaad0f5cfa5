"""What a Brand Message's bubble is made of besides text, picture and buttons: the parts of its form.

Every text is a template. ``as_parts`` gives them as plain JSON for who sends and who shows: ``header``, ``text``,
``items``, ``video``, ``product``, ``extra``, ``intro``, ``cards``, ``more``. Links stand under ``link``, pictures under
``image``.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from orchestrator.core.channels.content import image_field, link_field, without_empty, words_field
from orchestrator.core.channels.kinds.bubbles.rules import CAROUSEL_TEXT, EXTRA, HEADER, INTRO_TEXT, PRODUCT_TITLE
from orchestrator.core.channels.kinds.kakao_buttons import KakaoButton, buttons_field
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, Text

_LINE = 200
"""Characters of the template of one line; what it becomes has a limit of Kakao's."""


def _letters(most: int) -> Text:
    return Text("Up to {most} letters.", most=most)


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

    def as_option(self) -> dict[str, Any]:
        """As providers are given it."""
        return {"title": self.title, "description": self.text, "url": self.link}


def coupon_field(**more: Any) -> Any:
    """A coupon, as the field of a model."""
    return Field(None, json_schema_extra=labelled(Text("Coupon"), **more))


class BrandItem(Frozen):
    """A row of a wide item list; the first is shown wide, with its title on the picture."""

    title: str = words_field(Text("Title"), _LINE)
    image: str = image_field()
    link: str = link_field()

    def as_part(self) -> dict[str, Any]:
        """As plain JSON."""
        return without_empty(title=self.title, image=self.image, link=self.link)


class BrandVideo(Frozen):
    """A film on KakaoTV."""

    url: str = link_field(
        Text("Address of the video"), help=Text("On KakaoTV: https://tv.kakao.com/v/… Kakao plays no others.")
    )
    image: str = link_field(
        Text("Preview picture"), help=Text("Shown until it plays; left empty, KakaoTV's own."), advanced=True
    )

    def as_part(self) -> dict[str, Any]:
        """As plain JSON."""
        return without_empty(video=self.url, image=self.image)


class BrandProduct(Frozen):
    """What is sold, and for how much. Prices are in won, as digits."""

    title: str = words_field(Text("Product"), _LINE, help=_letters(PRODUCT_TITLE))
    price: str = words_field(Text("Regular price (₩)"), _LINE)
    sale_price: str = words_field(Text("Sale price (₩)"), _LINE)
    percent_off: str = words_field(
        Text("Discount in %"),
        _LINE,
        help=Text("A sale price goes with a discount in percent or in won, not with both."),
    )
    amount_off: str = words_field(Text("Discount (₩)"), _LINE, advanced=True)

    def as_part(self) -> dict[str, Any]:
        """As plain JSON."""
        return without_empty(**self.model_dump())


class FeedCard(Frozen):
    """A card of a carousel feed."""

    header: str = words_field(Text("Heading"), _LINE, help=_letters(HEADER))
    text: str = words_field(Text("Text", context="body"), help=_letters(CAROUSEL_TEXT))
    image: str = image_field()
    image_link: str = link_field(Text("Link of the image"), advanced=True)
    buttons: tuple[KakaoButton, ...] = buttons_field()
    coupon: BrandCoupon | None = coupon_field(advanced=True)

    def as_part(self) -> dict[str, Any]:
        """As plain JSON."""
        return without_empty(header=self.header, text=self.text, **_card(self))


class ProductCard(Frozen):
    """A card of a carousel of products."""

    image: str = image_field()
    image_link: str = link_field(Text("Link of the image"), advanced=True)
    product: BrandProduct = Field(default_factory=BrandProduct, json_schema_extra=labelled(Text("Product and price")))
    extra: str = words_field(Text("Additional line"), _LINE, help=_letters(EXTRA))
    buttons: tuple[KakaoButton, ...] = buttons_field()
    coupon: BrandCoupon | None = coupon_field(advanced=True)

    def as_part(self) -> dict[str, Any]:
        """As plain JSON."""
        return without_empty(product=self.product.as_part(), extra=self.extra, **_card(self))


class CarouselIntro(Frozen):
    """The first card of a carousel of products: what the products have in common."""

    header: str = words_field(Text("Heading"), _LINE, help=_letters(HEADER))
    text: str = words_field(Text("Text", context="body"), help=_letters(INTRO_TEXT))
    image: str = image_field()
    link: str = link_field()

    def as_part(self) -> dict[str, Any]:
        """As plain JSON."""
        return without_empty(header=self.header, text=self.text, image=self.image, link=self.link)


def _card(card: FeedCard | ProductCard) -> dict[str, Any]:
    return {
        "image": card.image,
        "link": card.image_link,
        "buttons": [button.as_option() for button in card.buttons],
        "coupon": card.coupon.as_option() if card.coupon else None,
    }


def as_list(parts: Iterable[BrandItem] | Iterable[FeedCard] | Iterable[ProductCard]) -> list[dict[str, Any]]:
    """Each as plain JSON."""
    return [part.as_part() for part in parts]

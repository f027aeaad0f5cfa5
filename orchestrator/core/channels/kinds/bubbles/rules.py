"""What Kakao takes in each of the eight bubbles of a Brand Message.

Sources: NHN Cloud KakaoTalk Bizmessage, Brand Message API v1.0, free form; validators of Solapi's official clients
(bmsConstraints). Where the two differ, the stricter holds here, unless the provider says so itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from orchestrator.core.text import Text

Bubble = Literal[
    "TEXT",
    "IMAGE",
    "WIDE",
    "WIDE_ITEM_LIST",
    "PREMIUM_VIDEO",
    "COMMERCE",
    "CAROUSEL_FEED",
    "CAROUSEL_COMMERCE",
]
BUBBLES: dict[str, Text] = {
    "TEXT": Text("Text", context="bubble"),
    "IMAGE": Text("Image", context="bubble"),
    "WIDE": Text("Wide image"),
    "WIDE_ITEM_LIST": Text("Wide item list"),
    "PREMIUM_VIDEO": Text("Premium video"),
    "COMMERCE": Text("Commerce"),
    "CAROUSEL_FEED": Text("Carousel feed"),
    "CAROUSEL_COMMERCE": Text("Carousel commerce"),
}
SAYS_TEXT = ("TEXT", "IMAGE", "WIDE", "PREMIUM_VIDEO")
"""The bubbles that have a text of their own; the others say everything in their parts."""
SENDS_BODY = ("TEXT", "IMAGE", "WIDE")
"""The bubbles whose text is the message's body."""
PICTURED = ("IMAGE", "WIDE", "COMMERCE")
"""The bubbles that have one picture."""
BUTTONED = ("TEXT", "IMAGE", "WIDE", "WIDE_ITEM_LIST", "PREMIUM_VIDEO", "COMMERCE")
"""The bubbles that have buttons and a coupon of their own; in a carousel each card has."""

HEADER = 20
CAROUSEL_TEXT = 180
CAROUSEL_TEXT_BREAKS = 2
INTRO_TEXT = 50
EXTRA = 34
PRODUCT_TITLE = 30
FIRST_ITEM_TITLE = 25
ITEM_TITLE = 30
ITEMS = (3, 4)
CARDS = (2, 6)
CARDS_AFTER_INTRO = (1, 5)
MOST_PRICE = 99_999_999
MOST_FIXED_DISCOUNT = 999_999
VIDEO_HOME = "https://tv.kakao.com/"

_ANY = ("WL", "AL", "AC", "BK", "MD", "BC", "BT", "BF")
_LINKS = ("WL", "AL")


@dataclass(frozen=True, slots=True)
class BubbleRules:
    """``text``: most characters of the text, and ``breaks`` in it; 0: it has none. ``buttons``: least and most, with
    ``buttons_beside_coupon`` where a coupon stands above them. ``button_name``, ``coupon_text``: most characters."""

    text: int = 0
    breaks: int = 0
    buttons: tuple[int, int] = (0, 0)
    buttons_beside_coupon: int | None = None
    button_name: int = 8
    button_kinds: tuple[str, ...] = _ANY
    coupon_text: int = 12

    def most_buttons(self, *, coupon: bool) -> int:
        """How many buttons may stand in it."""
        beside = self.buttons_beside_coupon
        return beside if coupon and beside is not None else self.buttons[1]


RULES: Mapping[str, BubbleRules] = {
    "TEXT": BubbleRules(1_300, 99, (0, 5), 4, 14),
    "IMAGE": BubbleRules(1_300, 99, (0, 5), 4, 14),
    "WIDE": BubbleRules(76, 1, (0, 2), coupon_text=18),
    "WIDE_ITEM_LIST": BubbleRules(buttons=(0, 2), coupon_text=18),
    "PREMIUM_VIDEO": BubbleRules(76, 1, (0, 1)),
    "COMMERCE": BubbleRules(buttons=(1, 2), button_kinds=_LINKS),
    "CAROUSEL_FEED": BubbleRules(buttons=(1, 2), button_kinds=_LINKS),
    "CAROUSEL_COMMERCE": BubbleRules(buttons=(1, 2), button_kinds=_LINKS),
}

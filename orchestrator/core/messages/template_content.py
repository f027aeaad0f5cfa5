"""What a template says on each channel, in one language: the words, and what the channel has besides words.

Every text is a Jinja template. ``content()`` gives the parts that all channels have in common; ``options()`` gives the
rest as plain JSON, its texts still to be filled (``core.messages.render``), named as providers get it: as the fields of
``OutgoingMessage``. What is empty is left out.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from orchestrator.core.labels import labelled
from orchestrator.core.steps.message import MOST_SUBJECT, Content
from orchestrator.core.text import Frozen, Text

MOST_BODY = 50_000
MOST_LINK = 2_000
ALIMTALK_VARIABLES, ALIMTALK_BUTTONS = 40, 5
"""Of one Alimtalk (NHN Cloud KakaoTalk Bizmessage)."""
ALIMTALK_VARIABLE = re.compile(r"#\{([^{}\n]{1,50})\}")

LOOKS: dict[str, Text] = {
    "banner": Text("Banner at the top"),
    "card": Text("Card in the corner"),
    "modal": Text("Window in the middle"),
}
BUBBLES: dict[str, Text] = {
    "TEXT": Text("Text", context="bubble"),
    "IMAGE": Text("Image", context="bubble"),
    "WIDE": Text("Wide image"),
}
TARGETINGS: dict[str, Text] = {
    "I": Text("Friends of the channel"),
    "M": Text("Customers who consented"),
    "N": Text("Customers who consented and are no friends"),
}
BUTTON_KINDS: dict[str, Text] = {
    "WL": Text("Web link"),
    "AL": Text("App link"),
    "DS": Text("Track the parcel"),
    "AC": Text("Add the channel"),
    "BK": Text("Bot keyword"),
    "MD": Text("Ask about this message"),
    "BC": Text("Talk to a person"),
    "BT": Text("Talk to a bot"),
}
COUPON_FORMS: dict[str, re.Pattern[str]] = {
    "N원 할인 쿠폰": re.compile(r"[1-9][0-9]{0,7}원 할인 쿠폰"),
    "N% 할인 쿠폰": re.compile(r"(100|[1-9]?[0-9])% 할인 쿠폰"),
    "배송비 할인 쿠폰": re.compile(r"배송비 할인 쿠폰"),
    "○○ 무료 쿠폰": re.compile(r"\S(.{0,5}\S)? 무료 쿠폰"),
    "○○ UP 쿠폰": re.compile(r"\S(.{0,5}\S)? UP 쿠폰"),
}
"""The only titles that a Brand Message's coupon may have (NHN Cloud, free-form Brand Message)."""

Link = Field("", max_length=MOST_LINK, json_schema_extra=labelled(Text("Link"), editor="template"))


def _image(label: Text = Text("Image")) -> Any:
    return Field(
        "",
        max_length=MOST_LINK,
        json_schema_extra=labelled(
            label,
            editor="template",
            help=Text("Address of the picture, beginning with https://."),
        ),
    )


def _words(label: Text, most: int = MOST_BODY, **more: Any) -> Any:
    return Field("", max_length=most, json_schema_extra=labelled(label, editor="template", **more))


class ChannelWords(Frozen):
    """The words of one channel in one language."""

    body: str = Field(
        min_length=1, max_length=MOST_BODY, json_schema_extra=labelled(Text("Text", context="body"), editor="template")
    )

    def content(self) -> Content:
        """What every channel has: subject, text, preview line."""
        return Content(subject=getattr(self, "subject", ""), body=self.body)

    def options(self) -> dict[str, Any]:
        """What only this channel has, as its providers are given it."""
        return {}

    def sources(self) -> dict[str, str]:
        """Every template in it, by its dotted place."""
        return dict(_texts(self.model_dump(mode="json", by_alias=True), ""))


class SmsWords(ChannelWords):
    """A short message, or a long one where it is longer than 90 bytes; only the long one has a title."""

    subject: str = _words(Text("Title of a long message (LMS)"), MOST_SUBJECT)


class PushWords(ChannelWords):
    """A notification of the app, or of the browser."""

    subject: str = _words(Text("Title"), MOST_SUBJECT)
    image: str = _image()
    link: str = Link

    def options(self) -> dict[str, Any]:
        return _given(image=self.image, link=self.link)


class OnSiteWords(ChannelWords):
    """A message that waits on the shop's own pages."""

    subject: str = _words(Text("Title"), MOST_SUBJECT)
    look: Literal["banner", "card", "modal"] = Field("card", json_schema_extra=labelled(Text("Look"), options=LOOKS))
    image: str = _image()
    button: str = _words(Text("Button", context="words"), 200)
    link: str = Link

    def options(self) -> dict[str, Any]:
        button = [{"name": self.button, "url": self.link}] if self.button else []
        return {"data": {"look": self.look}, **_given(image=self.image, link=self.link, buttons=button)}


class KakaoButton(Frozen):
    """A button below a message on KakaoTalk."""

    kind: Literal["WL", "AL", "DS", "AC", "BK", "MD", "BC", "BT"] = Field(
        "WL", json_schema_extra=labelled(Text("Kind"), options=BUTTON_KINDS)
    )
    name: str = Field(min_length=1, max_length=200, json_schema_extra=labelled(Text("Name")))
    link_mobile: str = Field(
        "", max_length=MOST_LINK, json_schema_extra=labelled(Text("Link (mobile)"), editor="template")
    )
    link_pc: str = Field(
        "", max_length=MOST_LINK, json_schema_extra=labelled(Text("Link (PC)"), editor="template", advanced=True)
    )
    scheme_ios: str = Field("", max_length=MOST_LINK, json_schema_extra=labelled(Text("App link (iOS)"), advanced=True))
    scheme_android: str = Field(
        "", max_length=MOST_LINK, json_schema_extra=labelled(Text("App link (Android)"), advanced=True)
    )

    def as_option(self) -> dict[str, Any]:
        """As providers are given it."""
        links = {"url": self.link_mobile, "url_pc": self.link_pc}
        return {
            "kind": self.kind,
            "name": self.name,
            **_given(**links, ios=self.scheme_ios, android=self.scheme_android),
        }


def _buttons() -> Any:
    new = {"kind": "WL", "name": "", "link_mobile": "https://"}
    return Field((), max_length=20, json_schema_extra=labelled(Text("Buttons"), item=Text("Button"), new=new))


class AlimtalkWords(ChannelWords):
    """An Alimtalk: a text that Kakao has approved, letter by letter; only its ``#{variables}`` are ours to fill."""

    code: str = Field(
        min_length=1,
        max_length=100,
        json_schema_extra=labelled(
            Text("Template code"),
            help=Text("As the sender's Kakao channel lists it."),
        ),
    )
    body: str = Field(
        min_length=1,
        max_length=MOST_BODY,
        json_schema_extra=labelled(
            Text("Approved text"),
            help=Text("Exactly as approved, with its #{variables}. A text that differs in one letter is refused."),
        ),
    )
    variables: dict[str, str] = Field(
        default_factory=dict,
        max_length=200,
        json_schema_extra=labelled(
            Text("Values of the variables"),
            help=Text("What stands for each #{variable} of the text."),
        ),
    )
    buttons: tuple[KakaoButton, ...] = _buttons()

    def names(self) -> tuple[str, ...]:
        """The variables of the approved text and of its buttons' links, in order, each once."""
        links = [link for button in self.buttons for link in (button.link_mobile, button.link_pc)]
        return tuple(dict.fromkeys(name for text in (self.body, *links) for name in ALIMTALK_VARIABLE.findall(text)))

    def content(self) -> Content:
        return Content(body=spliced(self.body, self.variables))

    def options(self) -> dict[str, Any]:
        buttons = [
            {name: text if name in ("kind", "name") else spliced(text, self.variables) for name, text in one.items()}
            for one in (button.as_option() for button in self.buttons)
        ]
        values = {name: self.variables.get(name, "") for name in self.names()}
        return {"template_code": self.code, **_given(template_variables=values, buttons=buttons)}

    def sources(self) -> dict[str, str]:
        return {f"variables.{name}": text for name, text in self.variables.items()}


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
    link: str = Field("", max_length=MOST_LINK, json_schema_extra=labelled(Text("Link"), editor="template"))


class BrandWords(ChannelWords):
    """A Brand Message of KakaoTalk, the successor of FriendTalk (친구톡)."""

    bubble: Literal["TEXT", "IMAGE", "WIDE"] = Field(
        "TEXT", json_schema_extra=labelled(Text("Bubble"), options=BUBBLES)
    )
    targeting: Literal["I", "M", "N"] = Field(
        "I",
        json_schema_extra=labelled(
            Text("To whom"),
            options=TARGETINGS,
            help=Text("All but friends of the channel must have consented, and Kakao must have allowed the sender to."),
            advanced=True,
        ),
    )
    image: str = _image()
    image_link: str = Field(
        "", max_length=MOST_LINK, json_schema_extra=labelled(Text("Link of the image"), editor="template")
    )
    buttons: tuple[KakaoButton, ...] = _buttons()
    coupon: BrandCoupon | None = Field(None, json_schema_extra=labelled(Text("Coupon")))

    def options(self) -> dict[str, Any]:
        coupon, pictured = self.coupon, self.bubble != "TEXT"
        return {
            "targeting": self.targeting,
            **_given(
                wide=self.bubble == "WIDE",
                image=self.image if pictured else "",
                link=self.image_link if pictured else "",
                buttons=[button.as_option() for button in self.buttons],
                coupon={"title": coupon.title, "description": coupon.text, "url": coupon.link} if coupon else None,
            ),
        }


def spliced(text: str, values: Mapping[str, str]) -> str:
    """A template of an approved text: its letters as they are, each ``#{name}`` replaced by that name's template."""
    parts, end = [], 0
    for found in ALIMTALK_VARIABLE.finditer(text):
        parts += [_literally(text[end : found.start()]), values.get(found[1], "")]
        end = found.end()
    return "".join([*parts, _literally(text[end:])])


def _literally(text: str) -> str:
    """Text that a template must not read as its own signs."""
    return re.sub(r"\{(?=[{%#]|\Z)|(?<=[}%#])\}", lambda sign: f"{{{{ '{sign[0]}' }}}}", text)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _texts(node: Any, place: str) -> list[tuple[str, str]]:
    if isinstance(node, str):
        return [(place, node)]
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for name, value in members for found in _texts(value, f"{place}.{name}".lstrip("."))]

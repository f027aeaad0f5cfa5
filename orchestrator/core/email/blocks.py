"""What an e-mail is made of: a theme, and blocks from top to bottom.

This is the model that the block editor draws and saves; ``mjml.py`` makes MJML of it and ``html.py`` the
e-mail. Every text in it is a template (``templating``) unless its field says otherwise; what it brings of a customer
is escaped. A rich text is a little HTML: :data:`RICH_TAGS` and links; all else is taken out when it is rendered.

Each block may be left out: ``show_if`` is an expression such as ``var.coupon.code``, false where it has no value.
Words for forms are declared beside the fields (``labels.py``); the variants of the union carry theirs in ``x-label``.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Frozen, Text

RICH_TAGS = frozenset({"p", "br", "strong", "b", "em", "i", "u", "s", "a", "ul", "ol", "li"})
MOST_BLOCKS = 60
MOST_TEXT = 10_000
MOST_LINE = 1_000
MOST_URL = 2_000

Align = Literal["left", "center", "right"]
ALIGN_TITLES = {"left": Text("Left"), "center": Text("Centre"), "right": Text("Right")}
Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Font = Literal["sans", "serif"]
FONTS: dict[Font, str] = {
    "sans": "-apple-system, BlinkMacSystemFont, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', "
    "'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
    "serif": "'AppleMyungjo', 'Nanum Myeongjo', Batang, Georgia, 'Times New Roman', serif",
}
"""Only what receivers have: mail clients load no fonts. Each has a Korean face for every system."""
PATH = r"^(customer|entry|event|var)(\.[A-Za-z0-9_]{1,60}){1,6}$"

_ALIGN = labelled(Text("Alignment"), options=ALIGN_TITLES)


def _line(label: Text, help: Text | None = None) -> Any:
    """A template of one line."""
    return Field("", max_length=MOST_LINE, json_schema_extra=labelled(label, help=help, editor="template"))


def _url(label: Text = Text("Link"), help: Text | None = None) -> Any:
    """A template of an address; empty: none."""
    return Field("", max_length=MOST_URL, json_schema_extra=labelled(label, help=help, editor="template"))


def _picture(label: Text, help: Text | None = None) -> Any:
    """A template of a picture's address; empty: none."""
    return Field("", max_length=MOST_URL, json_schema_extra=labelled(label, help=help, editor="picture"))


class Theme(Frozen):
    """How an e-mail looks. Dark modes darken page and card by themselves; accent and logo stay."""

    accent: Color = Field("#1F5EFF", json_schema_extra=labelled(Text("Accent (buttons, links)")))
    accent_text: Color = Field("#FFFFFF", json_schema_extra=labelled(Text("Text on buttons")))
    text: Color = Field("#1F2328", json_schema_extra=labelled(Text("Text", context="colour")))
    muted: Color = Field("#656D76", json_schema_extra=labelled(Text("Small print", context="colour")))
    page: Color = Field("#F3F4F6", json_schema_extra=labelled(Text("Page background")))
    card: Color = Field("#FFFFFF", json_schema_extra=labelled(Text("Content", context="colour")))
    font: Font = Field(
        "sans",
        json_schema_extra=labelled(Text("Font"), options={"sans": Text("Sans-serif"), "serif": Text("Serif")}),
    )
    width: int = Field(600, ge=400, le=720, json_schema_extra=labelled(Text("Width in pixels"), advanced=True))
    radius: int = Field(8, ge=0, le=32, json_schema_extra=labelled(Text("Roundness of buttons"), advanced=True))
    logo: str = _picture(Text("Logo (address of an image)"))
    logo_width: int = Field(
        140, ge=20, le=400, json_schema_extra=labelled(Text("Width of the logo in pixels"), advanced=True)
    )
    logo_link: str = _url(Text("Logo opens"))


class _Block(Frozen):
    show_if: str = Field(
        "",
        max_length=300,
        pattern=r"^[^{}]*$",
        json_schema_extra=labelled(
            Text("Show only if it has a value"),
            help=Text("A variable such as var.coupon.code. Without a value the block is left out."),
            advanced=True,
        ),
    )


class Heading(_Block):
    """A line in large letters."""

    model_config = called(Text("Heading"))
    kind: Literal["heading"] = "heading"
    text: str = Field(
        "", max_length=MOST_LINE, json_schema_extra=labelled(Text("Text", context="words"), editor="template")
    )
    size: Literal["large", "medium", "small"] = Field(
        "large",
        json_schema_extra=labelled(
            Text("Size"),
            options={"large": Text("Large"), "medium": Text("Medium"), "small": Text("Small")},
        ),
    )
    align: Align = Field("left", json_schema_extra=_ALIGN)


class RichText(_Block):
    """Paragraphs. ``html`` has :data:`RICH_TAGS`; without any tag an empty line begins a paragraph."""

    model_config = called(Text("Text"))
    kind: Literal["text"] = "text"
    html: str = Field("", max_length=MOST_TEXT, json_schema_extra=labelled(Text("Text"), editor="template"))
    align: Align = Field("left", json_schema_extra=_ALIGN)
    small: bool = Field(False, json_schema_extra=labelled(Text("Small print")))


class Button(_Block):
    """A link that looks like a button."""

    model_config = called(Text("Button"))
    kind: Literal["button"] = "button"
    label: str = _line(Text("Label"))
    url: str = _url()
    align: Align = Field("center", json_schema_extra=_ALIGN)
    wide: bool = Field(False, json_schema_extra=labelled(Text("As wide as the e-mail")))


class Image(_Block):
    """A picture. ``alt`` says what it shows to those who do not see it; empty for one that only decorates."""

    model_config = called(Text("Image"))
    kind: Literal["image"] = "image"
    src: str = _picture(Text("Address of the image"))
    alt: str = _line(
        Text("What it shows"),
        Text("Shown when images are blocked, and read by screen readers."),
    )
    url: str = _url(Text("Opens"))
    width: int = Field(100, ge=10, le=100, json_schema_extra=labelled(Text("Width in %")))
    edge_to_edge: bool = Field(False, json_schema_extra=labelled(Text("Without margins")))


class Divider(_Block):
    """A thin line."""

    model_config = called(Text("Divider"))
    kind: Literal["divider"] = "divider"


class Spacer(_Block):
    """Empty space."""

    model_config = called(Text("Space"))
    kind: Literal["spacer"] = "spacer"
    height: int = Field(24, ge=4, le=120, json_schema_extra=labelled(Text("Height in pixels")))


class CouponBlock(_Block):
    """A coupon: what it is worth, the code to be typed in, until when."""

    model_config = called(Text("Coupon"))
    kind: Literal["coupon"] = "coupon"
    title: str = Field("", max_length=MOST_LINE, json_schema_extra=labelled(Text("Benefit"), editor="template"))
    code: str = Field(
        "{{ var.coupon.code }}", max_length=MOST_LINE, json_schema_extra=labelled(Text("Code"), editor="template")
    )
    note: str = Field(
        "", max_length=MOST_LINE, json_schema_extra=labelled(Text("Small print", context="terms"), editor="template")
    )
    label: str = _line(Text("Label of the button"))
    url: str = _url()


class SurveyRow(_Block):
    """The answers of a survey side by side: a tap opens its page with this answer chosen, and one more counts it.

    Of a survey that asks for a number, in the message of a survey step: ``links.survey`` leads nowhere in others.
    """

    model_config = called(Text("Survey answers"))
    kind: Literal["survey"] = "survey"
    question: str = Field("", max_length=MOST_LINE, json_schema_extra=labelled(Text("Question"), editor="template"))
    look: Literal["numbers", "stars", "faces"] = Field(
        "numbers",
        json_schema_extra=labelled(
            Text("Look"),
            options={"numbers": Text("Numbers"), "stars": Text("Stars"), "faces": Text("Faces")},
            help=Text("Stars and faces are answers from 1 to 5; numbers go from the lowest to the highest."),
        ),
    )
    lowest: int = Field(0, ge=0, le=1, json_schema_extra=labelled(Text("Lowest number")))
    highest: int = Field(
        10,
        ge=3,
        le=10,
        json_schema_extra=labelled(Text("Highest number"), help=Text("As the survey has them: 0 to 10, or 1 to 5.")),
    )
    low: str = _line(Text("What the lowest means"))
    high: str = _line(Text("What the highest means"))

    def answers(self) -> tuple[tuple[int, str], ...]:
        """Each answer, and how it is shown."""
        if self.look == "numbers":
            return tuple((n, str(n)) for n in range(self.lowest, self.highest + 1))
        if self.look == "stars":
            return tuple((n, "★") for n in range(1, 6))
        return tuple(enumerate(("😞", "🙁", "😐", "🙂", "😄"), start=1))


Simple = Annotated[
    Heading | RichText | Button | Image | Divider | Spacer | CouponBlock | SurveyRow,
    Field(discriminator="kind"),
]


class Column(Frozen):
    """Blocks below each other."""

    blocks: tuple[Simple, ...] = Field(
        (), max_length=20, json_schema_extra=labelled(Text("Blocks"), item=Text("Block"), new={"kind": "text"})
    )


class Columns(_Block):
    """Two to four columns side by side; below each other on a telephone."""

    model_config = called(Text("Columns", context="block"))
    kind: Literal["columns"] = "columns"
    columns: tuple[Column, ...] = Field(
        (Column(), Column()),
        min_length=2,
        max_length=4,
        json_schema_extra=labelled(Text("Columns"), item=Text("Column"), new={"blocks": []}),
    )
    widths: tuple[Annotated[int, Field(ge=1, le=4)], ...] = Field(
        (),
        max_length=4,
        description="Shares of the width; empty: all the same.",
        json_schema_extra=labelled(Text("Shares of the width"), item=Text("Share"), new=1, advanced=True),
    )

    @model_validator(mode="after")
    def _one_share_each(self) -> "Columns":
        if self.widths and len(self.widths) != len(self.columns):
            raise ValueError("one share for each column")
        return self


class Products(_Block):
    """One card for each item of a list: recommendations, or what lies in the cart. In its texts the item is ``item``.

    ``items`` is the path of a list. An item without a picture is shown without; an empty list leaves the block out.
    """

    model_config = called(Text("Products"))
    kind: Literal["products"] = "products"
    items: str = Field(
        "var.recommendations",
        pattern=PATH,
        max_length=200,
        json_schema_extra=labelled(
            Text("List"),
            help=Text("Where the list is: var.recommendations, entry.items …"),
        ),
    )
    most: int = Field(4, ge=1, le=12, json_schema_extra=labelled(Text("At most")))
    layout: Literal["list", "two", "three"] = Field(
        "list",
        json_schema_extra=labelled(
            Text("Layout"),
            options={
                "list": Text("Stacked"),
                "two": Text("Two side by side"),
                "three": Text("Three side by side"),
            },
        ),
    )
    name: str = Field(
        "{{ item.name }}",
        max_length=MOST_LINE,
        json_schema_extra=labelled(Text("Name", context="product"), editor="template"),
    )
    price: str = Field(
        "{{ item.price|won }}", max_length=MOST_LINE, json_schema_extra=labelled(Text("Price"), editor="template")
    )
    image: str = Field(
        "{{ item.image_url }}", max_length=MOST_URL, json_schema_extra=labelled(Text("Image"), editor="template")
    )
    url: str = Field("{{ item.url }}", max_length=MOST_URL, json_schema_extra=labelled(Text("Link"), editor="template"))
    label: str = _line(Text("Label of the button"))


Network = Literal["site", "kakao", "instagram", "youtube", "naver", "facebook", "x"]
NETWORK_TITLES: dict[Network, Text] = {
    "site": Text("Website"),
    "kakao": Text("KakaoTalk channel"),
    "instagram": Text("Instagram"),
    "youtube": Text("YouTube"),
    "naver": Text("Naver"),
    "facebook": Text("Facebook"),
    "x": Text("X"),
}


class SocialLink(Frozen):
    """Where else the shop can be found."""

    network: Network = Field("site", json_schema_extra=labelled(Text("Channel"), options=NETWORK_TITLES))
    url: str = _url()


class Social(_Block):
    """Links to the shop's other places, by name: icons would have to be loaded from somebody."""

    model_config = called(Text("Social links"))
    kind: Literal["social"] = "social"
    links: tuple[SocialLink, ...] = Field(
        (), max_length=10, json_schema_extra=labelled(Text("Links"), item=Text("Link"), new={"network": "site"})
    )
    align: Align = Field("center", json_schema_extra=_ALIGN)


class Footer(_Block):
    """Small print below the content. Who sends, and how to opt out, follows by itself in advertising."""

    model_config = called(Text("Footer"))
    kind: Literal["footer"] = "footer"
    html: str = Field("", max_length=MOST_TEXT, json_schema_extra=labelled(Text("Text"), editor="template"))
    preferences: bool = Field(True, json_schema_extra=labelled(Text("Link to the preference page")))


EmailBlock = Annotated[
    Heading
    | RichText
    | Button
    | Image
    | Divider
    | Spacer
    | CouponBlock
    | SurveyRow
    | Columns
    | Products
    | Social
    | Footer,
    Field(discriminator="kind"),
]
EmailBlocks = Annotated[tuple[EmailBlock, ...], Field(max_length=MOST_BLOCKS)]

_TEXTS: dict[str, tuple[str, ...]] = {
    "heading": ("text",),
    "text": ("html",),
    "button": ("label", "url"),
    "image": ("src", "alt", "url"),
    "coupon": ("title", "code", "note", "label", "url"),
    "survey": ("question", "low", "high"),
    "products": ("name", "price", "image", "url", "label"),
    "footer": ("html",),
}


def template_sources(blocks: tuple[Any, ...], path: str = "blocks") -> Iterator[tuple[str, str]]:
    """Every template in the blocks, as (dotted path, source), for checks of names and of syntax.

    A product's texts come wrapped in the loop that gives them their ``item``; ``show_if`` as the question that it is.
    """
    for n, block in enumerate(blocks):
        place = f"{path}.{n}"
        if block.show_if:
            yield f"{place}.show_if", f"{{% if {block.show_if} %}}{{% endif %}}"
        for name in _TEXTS.get(block.kind, ()):
            source: str = getattr(block, name)
            if source and block.kind == "products":
                source = f"{{% for item in {block.items} %}}{source}{{% endfor %}}"
            if source:
                yield f"{place}.{name}", source
        for m, column in enumerate(getattr(block, "columns", ())):
            yield from template_sources(column.blocks, f"{place}.columns.{m}.blocks")
        for m, link in enumerate(getattr(block, "links", ())):
            yield f"{place}.links.{m}.url", link.url

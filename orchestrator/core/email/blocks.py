"""What an e-mail is made of: a theme, and blocks from top to bottom.

This is the model that the block editor draws and saves; ``email_mjml.py`` makes MJML of it and ``email_html.py`` the
e-mail. Every text in it is a template (``templates.py``) unless its field says otherwise; what it brings of a customer
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
ALIGN_TITLES = {"left": Text("Left", "왼쪽"), "center": Text("Centre", "가운데"), "right": Text("Right", "오른쪽")}
Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Font = Literal["sans", "serif"]
FONTS: dict[Font, str] = {
    "sans": "-apple-system, BlinkMacSystemFont, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', "
    "'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
    "serif": "'AppleMyungjo', 'Nanum Myeongjo', Batang, Georgia, 'Times New Roman', serif",
}
"""Only what receivers have: mail clients load no fonts. Each has a Korean face for every system."""
PATH = r"^(customer|entry|event|var)(\.[A-Za-z0-9_]{1,60}){1,6}$"

_ALIGN = labelled("Alignment", "정렬", options=ALIGN_TITLES)


def _line(en: str, ko: str, help: tuple[str, str] | None = None) -> Any:
    """A template of one line."""
    return Field("", max_length=MOST_LINE, json_schema_extra=labelled(en, ko, help=help, editor="template"))


def _url(en: str = "Link", ko: str = "링크", help: tuple[str, str] | None = None) -> Any:
    """A template of an address; empty: none."""
    return Field("", max_length=MOST_URL, json_schema_extra=labelled(en, ko, help=help, editor="template"))


class Theme(Frozen):
    """How an e-mail looks. Dark modes darken page and card by themselves; accent and logo stay."""

    accent: Color = Field("#1F5EFF", json_schema_extra=labelled("Accent (buttons, links)", "강조색(버튼, 링크)"))
    accent_text: Color = Field("#FFFFFF", json_schema_extra=labelled("Text on buttons", "버튼 글자색"))
    text: Color = Field("#1F2328", json_schema_extra=labelled("Text", "글자색"))
    muted: Color = Field("#656D76", json_schema_extra=labelled("Small print", "작은 글자색"))
    page: Color = Field("#F3F4F6", json_schema_extra=labelled("Page", "바탕색"))
    card: Color = Field("#FFFFFF", json_schema_extra=labelled("Content", "본문 배경색"))
    font: Font = Field(
        "sans",
        json_schema_extra=labelled(
            "Font", "글꼴", options={"sans": Text("Sans-serif", "고딕"), "serif": Text("Serif", "명조")}
        ),
    )
    width: int = Field(600, ge=400, le=720, json_schema_extra=labelled("Width in pixels", "너비(px)", advanced=True))
    radius: int = Field(
        8, ge=0, le=32, json_schema_extra=labelled("Roundness of buttons", "버튼 모서리 둥글기", advanced=True)
    )
    logo: str = _url("Logo (address of an image)", "로고 이미지 주소")
    logo_width: int = Field(
        140, ge=20, le=400, json_schema_extra=labelled("Width of the logo in pixels", "로고 너비(px)", advanced=True)
    )
    logo_link: str = _url("Logo leads to", "로고를 누르면 열 주소")


class _Block(Frozen):
    show_if: str = Field(
        "",
        max_length=300,
        pattern=r"^[^{}]*$",
        json_schema_extra=labelled(
            "Show only if it has a value",
            "값이 있을 때만 표시",
            help=(
                "A variable such as var.coupon.code. Without a value the block is left out.",
                "var.coupon.code 같은 변수입니다. 값이 없으면 이 블록을 뺍니다.",
            ),
            advanced=True,
        ),
    )


class Heading(_Block):
    """A line in large letters."""

    model_config = called("Heading", "제목")
    kind: Literal["heading"] = "heading"
    text: str = Field("", max_length=MOST_LINE, json_schema_extra=labelled("Text", "문구", editor="template"))
    size: Literal["large", "medium", "small"] = Field(
        "large",
        json_schema_extra=labelled(
            "Size",
            "크기",
            options={"large": Text("Large", "크게"), "medium": Text("Medium", "보통"), "small": Text("Small", "작게")},
        ),
    )
    align: Align = Field("left", json_schema_extra=_ALIGN)


class RichText(_Block):
    """Paragraphs. ``html`` has :data:`RICH_TAGS`; without any tag an empty line begins a paragraph."""

    model_config = called("Text", "글")
    kind: Literal["text"] = "text"
    html: str = Field("", max_length=MOST_TEXT, json_schema_extra=labelled("Text", "글", editor="template"))
    align: Align = Field("left", json_schema_extra=_ALIGN)
    small: bool = Field(False, json_schema_extra=labelled("Small print", "작은 글자"))


class Button(_Block):
    """A link that looks like a button."""

    model_config = called("Button", "버튼")
    kind: Literal["button"] = "button"
    label: str = _line("Label", "버튼 문구")
    url: str = _url()
    align: Align = Field("center", json_schema_extra=_ALIGN)
    wide: bool = Field(False, json_schema_extra=labelled("As wide as the e-mail", "전체 너비"))


class Image(_Block):
    """A picture. ``alt`` says what it shows to those who do not see it; empty for one that only decorates."""

    model_config = called("Image", "이미지")
    kind: Literal["image"] = "image"
    src: str = _url("Address of the image", "이미지 주소")
    alt: str = _line(
        "What it shows",
        "대체 텍스트",
        ("Read aloud, and shown where images are blocked.", "이미지가 안 보일 때 대신 보이고, 소리로 읽어 줍니다."),
    )
    url: str = _url("Leads to", "누르면 열 주소")
    width: int = Field(100, ge=10, le=100, json_schema_extra=labelled("Width in %", "너비(%)"))
    edge_to_edge: bool = Field(False, json_schema_extra=labelled("Without margins", "여백 없이"))


class Divider(_Block):
    """A thin line."""

    model_config = called("Divider", "구분선")
    kind: Literal["divider"] = "divider"


class Spacer(_Block):
    """Empty space."""

    model_config = called("Space", "여백")
    kind: Literal["spacer"] = "spacer"
    height: int = Field(24, ge=4, le=120, json_schema_extra=labelled("Height in pixels", "높이(px)"))


class CouponBlock(_Block):
    """A coupon: what it is worth, the code to be typed in, until when."""

    model_config = called("Coupon", "쿠폰")
    kind: Literal["coupon"] = "coupon"
    title: str = Field("", max_length=MOST_LINE, json_schema_extra=labelled("Benefit", "혜택", editor="template"))
    code: str = Field(
        "{{ var.coupon.code }}", max_length=MOST_LINE, json_schema_extra=labelled("Code", "코드", editor="template")
    )
    note: str = Field(
        "", max_length=MOST_LINE, json_schema_extra=labelled("Small print", "유의 사항", editor="template")
    )
    label: str = _line("Label of the button", "버튼 문구")
    url: str = _url()


Simple = Annotated[
    Heading | RichText | Button | Image | Divider | Spacer | CouponBlock,
    Field(discriminator="kind"),
]


class Column(Frozen):
    """Blocks below each other."""

    blocks: tuple[Simple, ...] = Field(
        (), max_length=20, json_schema_extra=labelled("Blocks", "블록", item=("Block", "블록"), new={"kind": "text"})
    )


class Columns(_Block):
    """Two to four columns side by side; below each other on a telephone."""

    model_config = called("Columns", "여러 열")
    kind: Literal["columns"] = "columns"
    columns: tuple[Column, ...] = Field(
        (Column(), Column()),
        min_length=2,
        max_length=4,
        json_schema_extra=labelled("Columns", "열", item=("Column", "열"), new={"blocks": []}),
    )
    widths: tuple[Annotated[int, Field(ge=1, le=4)], ...] = Field(
        (),
        max_length=4,
        description="Shares of the width; empty: all the same.",
        json_schema_extra=labelled("Shares of the width", "너비 비율", item=("Share", "비율"), new=1, advanced=True),
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

    model_config = called("Products", "상품")
    kind: Literal["products"] = "products"
    items: str = Field(
        "var.recommendations",
        pattern=PATH,
        max_length=200,
        json_schema_extra=labelled(
            "List",
            "상품 목록",
            help=(
                "Where the list comes from: var.recommendations, entry.items …",
                "목록이 들어 있는 곳입니다: var.recommendations, entry.items …",
            ),
        ),
    )
    most: int = Field(4, ge=1, le=12, json_schema_extra=labelled("At most", "최대 개수"))
    layout: Literal["list", "two", "three"] = Field(
        "list",
        json_schema_extra=labelled(
            "Layout",
            "배치",
            options={
                "list": Text("One below the other", "한 줄에 하나"),
                "two": Text("Two side by side", "한 줄에 둘"),
                "three": Text("Three side by side", "한 줄에 셋"),
            },
        ),
    )
    name: str = Field(
        "{{ item.name }}", max_length=MOST_LINE, json_schema_extra=labelled("Name", "상품명", editor="template")
    )
    price: str = Field(
        "{{ item.price|won }}", max_length=MOST_LINE, json_schema_extra=labelled("Price", "가격", editor="template")
    )
    image: str = Field(
        "{{ item.image_url }}", max_length=MOST_URL, json_schema_extra=labelled("Image", "이미지", editor="template")
    )
    url: str = Field(
        "{{ item.url }}", max_length=MOST_URL, json_schema_extra=labelled("Link", "링크", editor="template")
    )
    label: str = _line("Label of the button", "버튼 문구")


Network = Literal["site", "kakao", "instagram", "youtube", "naver", "facebook", "x"]
NETWORK_TITLES: dict[Network, Text] = {
    "site": Text("Website", "홈페이지"),
    "kakao": Text("KakaoTalk channel", "카카오톡 채널"),
    "instagram": Text("Instagram", "인스타그램"),
    "youtube": Text("YouTube", "유튜브"),
    "naver": Text("Naver", "네이버"),
    "facebook": Text("Facebook", "페이스북"),
    "x": Text("X", "X"),
}


class SocialLink(Frozen):
    """Where else the shop can be found."""

    network: Network = Field("site", json_schema_extra=labelled("Where", "채널", options=NETWORK_TITLES))
    url: str = _url()


class Social(_Block):
    """Links to the shop's other places, by name: icons would have to be loaded from somebody."""

    model_config = called("Social links", "소셜 링크")
    kind: Literal["social"] = "social"
    links: tuple[SocialLink, ...] = Field(
        (), max_length=10, json_schema_extra=labelled("Links", "링크", item=("Link", "링크"), new={"network": "site"})
    )
    align: Align = Field("center", json_schema_extra=_ALIGN)


class Footer(_Block):
    """Small print below the content. Who sends, and how to opt out, follows by itself in advertising."""

    model_config = called("Footer", "바닥글")
    kind: Literal["footer"] = "footer"
    html: str = Field("", max_length=MOST_TEXT, json_schema_extra=labelled("Text", "글", editor="template"))
    preferences: bool = Field(True, json_schema_extra=labelled("Link to the preference page", "수신 설정 페이지 링크"))


EmailBlock = Annotated[
    Heading | RichText | Button | Image | Divider | Spacer | CouponBlock | Columns | Products | Social | Footer,
    Field(discriminator="kind"),
]
EmailBlocks = Annotated[tuple[EmailBlock, ...], Field(max_length=MOST_BLOCKS)]

_TEXTS: dict[str, tuple[str, ...]] = {
    "heading": ("text",),
    "text": ("html",),
    "button": ("label", "url"),
    "image": ("src", "alt", "url"),
    "coupon": ("title", "code", "note", "label", "url"),
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

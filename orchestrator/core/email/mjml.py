"""Blocks as MJML, and as plain text: one function for each kind of block.

MJML (https://documentation.mjml.io) knows how to say "a button" to every mail client. Simple blocks that follow one
another share a section; columns and products make sections of their own. In what is made here every text is a token of
``pieces.py``; nothing that an author or a customer wrote is seen by MJML.
"""

from collections.abc import Iterable, Sequence
from functools import singledispatchmethod
from typing import Any

from orchestrator.core.email.blocks import (
    NETWORK_TITLES,
    Button,
    Columns,
    CouponBlock,
    Divider,
    Footer,
    Heading,
    Image,
    Products,
    RichText,
    Social,
    Spacer,
    SurveyRow,
    Theme,
)
from orchestrator.core.email.pieces import Pieces, as_text

PREFERENCES = {"ko": "수신 설정", "en": "Preferences"}
SIZES = {"large": ("h1", 26), "medium": ("h2", 20), "small": ("h3", 16)}
"""Of headings: the tag, and the letters in pixels."""
SIDE = 28
"""Pixels of margin at both sides of the content."""


class Builder:
    """Makes the middle of one e-mail. ``language``: ``ko`` or ``en``, for the few words that are ours."""

    def __init__(self, theme: Theme, language: str) -> None:
        self.theme = theme
        self.language = language
        self.pieces = Pieces()

    def sections(self, blocks: Sequence[Any]) -> str:
        """All blocks as MJML sections."""
        made: list[str] = []
        row: list[tuple[int, Any]] = []
        for n, block in enumerate(blocks):
            if isinstance(block, Columns | Products):
                made += [self._section(row), self._mark(n), self._shown(block, self.section(block))]
                row = []
            else:
                row.append((n, block))
        return "".join([*made, self._section(row)])

    def _mark(self, n: int) -> str:
        """Says in a comment which block begins here: so that an editor finds the block that is clicked on."""
        return self._raw(f"<!--block {n}-->")

    def plain(self, blocks: Sequence[Any]) -> str:
        """The same as plain text, each block a paragraph; with tokens."""
        return "".join(self._paragraph(block) for block in blocks)

    def _paragraph(self, block: Any) -> str:
        said = self.words(block)
        paragraph = f"{said}\n\n" if said else ""
        if not block.show_if or not paragraph:
            return paragraph
        return f"{self._if(block.show_if)}{paragraph}{self.pieces.jinja('{% endif %}')}"

    def _if(self, expression: str) -> str:
        return self.pieces.jinja(f"{{% if {expression} %}}")

    def _shown(self, block: Any, mjml: str) -> str:
        """Left out of the e-mail of those for whom ``show_if`` has no value."""
        return self.when(block.show_if, mjml) if block.show_if else mjml

    def when(self, expression: str, mjml: str, otherwise: str = "") -> str:
        """One or the other, by what the expression is for a customer."""
        start, end = self._raw(f"{{% if {expression} %}}"), self._raw("{% endif %}")
        return f"{start}{mjml}{self._raw('{% else %}') + otherwise if otherwise else ''}{end}"

    def _raw(self, jinja: str) -> str:
        return f"<mj-raw>{self.pieces.tag(jinja)}</mj-raw>"

    def _section(self, blocks: Iterable[tuple[int, Any]]) -> str:
        inner = "".join(self._mark(n) + self._shown(block, self.element(block)) for n, block in blocks)
        return self._card(f"<mj-column>{inner}</mj-column>") if inner else ""

    def _card(self, columns: str, padding: str = "0") -> str:
        color = self.theme.card
        return f'<mj-section css-class="card" background-color="{color}" padding="{padding}">{columns}</mj-section>'

    # What a block is within a column.

    @singledispatchmethod
    def element(self, block: Any) -> str:
        """One simple block as an element of a column."""
        raise TypeError(type(block).__name__)

    @element.register
    def _(self, block: Heading) -> str:
        (tag, size), text = SIZES[block.size], self.pieces.text(block.text)
        weight = f'font-size="{size}px" font-weight="700" line-height="1.35"'
        return (
            f'<mj-text css-class="ink" align="{block.align}" {weight} padding="20px {SIDE}px 8px">'
            f"<{tag}>{text}</{tag}></mj-text>"
        )

    @element.register
    def _(self, block: RichText) -> str:
        return self._rich(block.html, block.align, small=block.small)

    def _rich(self, template: str, align: str, *, small: bool) -> str:
        size, color, kind = (13, self.theme.muted, "small") if small else (16, self.theme.text, "ink")
        look = f'align="{align}" font-size="{size}px" line-height="1.65" color="{color}"'
        inner = self.pieces.static(self.pieces.rich(template))
        return f'<mj-text css-class="rich {kind}" {look} padding="8px {SIDE}px">{inner}</mj-text>'

    @element.register
    def _(self, block: Button) -> str:
        return self._button(block.label, block.url, block.align, block.wide)

    def _button(self, label: str, url: str, align: str = "center", wide: bool = False) -> str:
        theme = self.theme
        look = f'background-color="{theme.accent}" color="{theme.accent_text}" border-radius="{theme.radius}px"'
        width = ' width="100%"' if wide else ""
        place = f'align="{align}" padding="14px {SIDE}px"{width}'
        inner = f'font-size="16px" font-weight="600" inner-padding="14px 28px" href="{self.pieces.text(url)}"'
        return f"<mj-button {look} {place} {inner}>{self.pieces.text(label)}</mj-button>"

    @element.register
    def _(self, block: Image) -> str:
        room = self.theme.width - (0 if block.edge_to_edge else 2 * SIDE)
        padding = "0" if block.edge_to_edge else f"10px {SIDE}px"
        return self._image(block.src, block.alt, block.url, room * block.width // 100, padding)

    def _image(self, src: str, alt: str, url: str, width: int | None, padding: str) -> str:
        link = f' href="{self.pieces.text(url)}"' if url else ""
        size = f' width="{width}px"' if width else ""
        about = f'src="{self.pieces.text(src)}" alt="{self.pieces.text(alt)}"'
        return f'<mj-image {about}{link}{size} padding="{padding}"/>'

    @element.register
    def _(self, block: Divider) -> str:
        return f'<mj-divider css-class="line" border-width="1px" border-color="#D8DCE2" padding="16px {SIDE}px"/>'

    @element.register
    def _(self, block: Spacer) -> str:
        return f'<mj-spacer height="{block.height}px"/>'

    @element.register
    def _(self, block: CouponBlock) -> str:
        lines = (
            ("coupon-title", block.title),
            ("coupon-code", block.code),
            ("coupon-note", block.note),
        )
        inner = "".join(f'<p class="{kind}">{self.pieces.inline(said)}</p>' for kind, said in lines if said)
        box = self.pieces.static(f'<div class="coupon">{inner}</div>')
        button = self._button(block.label, block.url) if block.label and block.url else ""
        return f'<mj-text css-class="ink" align="center" padding="12px {SIDE}px">{box}</mj-text>{button}'

    @element.register
    def _(self, block: SurveyRow) -> str:
        answers = block.answers()
        cells = "".join(self._answer(value, shown, block.look, len(answers)) for value, shown in answers)
        table = f'<table class="answers {block.look}" role="presentation" width="100%"><tr>{cells}</tr></table>'
        asked = f'<p class="asked">{self.pieces.inline(block.question)}</p>' if block.question else ""
        low, high = (self.pieces.inline(one) for one in (block.low, block.high))
        sides = f'<td align="left">{low}</td><td align="right">{high}</td>'
        ends = f'<table class="ends" role="presentation" width="100%"><tr>{sides}</tr></table>' if low or high else ""
        inner = self.pieces.static(asked + table + ends)
        return f'<mj-text css-class="ink" align="center" padding="12px {SIDE}px">{inner}</mj-text>'

    def _answer(self, value: int, shown: str, look: str, count: int) -> str:
        """One answer as a link. What stands for a number is read aloud as that number."""
        link = self.pieces.jinja("{{ links.survey }}") + f"?a={value}"
        words = shown if look == "numbers" else f'<span aria-label="{value} / {count}">{shown}</span>'
        return f'<td align="center" width="{100 / count:.2f}%"><a href="{link}">{words}</a></td>'

    @element.register
    def _(self, block: Social) -> str:
        links = (
            f'<a href="{self.pieces.inline(link.url)}">{NETWORK_TITLES[link.network].to(self.language)}</a>'
            for link in block.links
            if link.url
        )
        inner = self.pieces.static(" &nbsp;·&nbsp; ".join(links))
        look = f'align="{block.align}" font-size="14px" line-height="1.8"'
        return f'<mj-text css-class="rich small" {look} padding="12px {SIDE}px">{inner}</mj-text>'

    @element.register
    def _(self, block: Footer) -> str:
        own = self._rich(block.html, "center", small=True) if block.html else ""
        if not block.preferences:
            return own
        link = self.pieces.static(self._preferences())
        look = f'align="center" font-size="13px" color="{self.theme.muted}" padding="4px {SIDE}px 16px"'
        return own + self.when("links.preferences", f'<mj-text css-class="rich small" {look}>{link}</mj-text>')

    def _preferences(self) -> str:
        return f'<a href="{self.pieces.jinja("{{ links.preferences }}")}">{PREFERENCES[self.language]}</a>'

    # What makes a section of its own.

    @singledispatchmethod
    def section(self, block: Any) -> str:
        """One wide block as sections."""
        raise TypeError(type(block).__name__)

    @section.register
    def _(self, block: Columns) -> str:
        shares = block.widths or (1,) * len(block.columns)
        made = []
        for share, column in zip(shares, block.columns, strict=True):
            inner = "".join(self._shown(one, self.element(one)) for one in column.blocks)
            made.append(f'<mj-column width="{100 * share / sum(shares):.2f}%">{inner}</mj-column>')
        return self._card("".join(made))

    @section.register
    def _(self, block: Products) -> str:
        cards = self._list(block) if block.layout == "list" else self._grid(block, {"two": 2, "three": 3}[block.layout])
        return self.when(block.items, cards)

    def _list(self, block: Products) -> str:
        """Picture at the left, words beside it; a product without a picture has the whole width."""
        picture = self._image(block.image, block.name, block.url, None, f"8px 0 8px {SIDE}px")
        words = self._product(block, "left", f"4px {SIDE}px")
        beside = f'<mj-column width="30%">{picture}</mj-column><mj-column width="70%">{words}</mj-column>'
        alone = self._card(f"<mj-column>{words}</mj-column>", "8px 0")
        pictured = self._card(beside, "8px 0")
        one = self.when(_expression(block.image), pictured, alone) if block.image else alone
        wanted = self.when(f"loop.index <= {block.most}", one)
        return f"{self._raw(f'{{% for item in {block.items} %}}')}{wanted}{self._raw('{% endfor %}')}"

    def _grid(self, block: Products, across: int) -> str:
        """Rows of products: the loop counts the rows, each column looks up its own item."""
        columns = []
        for n in range(across):
            place = f"{block.items}[start + {n}]"
            picture = self._image(block.image, block.name, block.url, None, "8px 12px")
            shown = self.when(_expression(block.image), picture) if block.image else ""
            card = self.when("item", shown + self._product(block, "center", "4px 12px"))
            item = self._raw(f"{{% set item = {place} if start + {n} < {block.most} else none %}}")
            columns.append(f'<mj-column width="{100 / across:.2f}%">{item}{card}</mj-column>')
        row = self.when(f"{block.items}[start]", self._card("".join(columns), f"8px {SIDE - 12}px"))
        return f"{self._raw(f'{{% for start in range(0, {block.most}, {across}) %}}')}{row}{self._raw('{% endfor %}')}"

    def _product(self, block: Products, align: str, padding: str) -> str:
        look = f'align="{align}" line-height="1.5" padding="{padding}"'
        name = f'<mj-text css-class="ink" {look} font-size="15px">{self.pieces.text(block.name)}</mj-text>'
        price = self.pieces.text(block.price)
        cost = f'<mj-text css-class="ink" {look} font-size="16px" font-weight="700">{price}</mj-text>'
        button = self._button(block.label, block.url, align) if block.label and block.url else ""
        return name + (cost if block.price else "") + button

    # What a block says in plain text.

    def words(self, block: Any) -> str:
        """One block as plain text with tokens; empty for what only the eye needs."""
        split = self.pieces.split
        match block:
            case Heading():
                return split(block.text)
            case RichText():
                return as_text(self.pieces.rich(block.html))
            case Button():
                return f"{split(block.label)}: {split(block.url)}" if block.url else split(block.label)
            case Image():
                return ": ".join(split(part) for part in (block.alt, block.url) if part) if block.alt else ""
            case Divider():
                return "----"
            case CouponBlock():
                call = f"{split(block.label)}: {split(block.url)}" if block.label and block.url else ""
                parts = [split(part) for part in (block.title, block.code, block.note) if part]
                return "\n".join([*parts, *filter(None, [call])])
            case SurveyRow():
                scale = " … ".join(filter(None, (split(block.low), split(block.high))))
                return "\n".join(filter(None, (split(block.question), scale, self.pieces.jinja("{{ links.survey }}"))))
            case Columns():
                return "".join(self.plain(column.blocks) for column in block.columns).rstrip("\n")
            case Products():
                return self._product_lines(block)
            case Social():
                titles = NETWORK_TITLES
                return "\n".join(f"{titles[one.network].to(self.language)}: {split(one.url)}" for one in block.links)
            case Footer():
                return self._footer_words(block)
        return ""

    def _product_lines(self, block: Products) -> str:
        split, jinja = self.pieces.split, self.pieces.jinja
        what = " ".join(split(part) for part in (block.name, block.price) if part)
        line = f"- {what}\n" + (f"  {split(block.url)}\n" if block.url else "")
        start = jinja(f"{{% for item in {block.items} %}}")
        wanted = f"{self._if(f'loop.index <= {block.most}')}{line}{jinja('{% endif %}')}"
        return f"{self._if(block.items)}{start}{wanted}{jinja('{% endfor %}')}{jinja('{% endif %}')}"

    def _footer_words(self, block: Footer) -> str:
        own = as_text(self.pieces.rich(block.html)) if block.html else ""
        if not block.preferences:
            return own
        told = f"{PREFERENCES[self.language]}: {self.pieces.jinja('{{ links.preferences }}')}"
        asked = f"{self._if('links.preferences')}{told}{self.pieces.jinja('{% endif %}')}"
        return "\n".join(filter(None, (own, asked)))


def _expression(template: str) -> str:
    """What a template that is one variable looks up; of any other, that it stands at all."""
    inner = template.strip().removeprefix("{{").removesuffix("}}")
    simple = template.strip() == f"{{{{{inner}}}}}" and "{" not in inner and "}" not in inner
    return inner.strip() if simple else "true"

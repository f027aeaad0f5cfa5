"""The brand of a workspace: logo, colours and font that its e-mails have, and its pages for customers.

It is a :class:`Theme` among the workspace's settings. Whether it can be read is measured as WCAG 2.2 does (1.4.3).
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from orchestrator.core.email.blocks import FONTS, Theme
from orchestrator.core.media.names import FOLDER, name_in_address
from orchestrator.core.text import Text

SETTING = "email_theme"
"""Its name among the workspace's settings."""
LEAST = 4.5
"""Contrast of words with what is behind them."""
_DARK_CARD = "#1E2127"
_STEPS = 40


class Faint(NamedTuple):
    """Words that are hard to read. ``ratio``: their contrast; ``better``: the nearest colour of the words' kind."""

    what: Text
    ratio: float
    better: str


def brand_of(settings: Mapping[str, Any] | None) -> Theme | None:
    """The workspace's brand; None where none was set, or what was set is none."""
    given = (settings or {}).get(SETTING)
    if not isinstance(given, dict):
        return None
    try:
        return Theme.model_validate(given)
    except ValidationError:
        return None


def over(brand: Theme | None, own: Theme | None) -> Theme:
    """The look of one e-mail: what it sets itself, and else the brand."""
    if own is None:
        return brand or Theme()
    if brand is None:
        return own
    return Theme.model_validate({**brand.model_dump(), **own.model_dump(exclude_unset=True)})


def contrast(one: str, other: str) -> float:
    """Of two colours (``#RRGGBB``), 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faint_words(theme: Theme) -> Iterator[Faint]:
    """What of this look is hard to read, with a colour that is not."""
    pairs = (
        (Text("Text on buttons"), theme.accent_text, theme.accent, False),
        (Text("Links"), theme.accent, theme.card, True),
        (Text("Text", context="colour"), theme.text, theme.card, True),
        (Text("Small print", context="colour"), theme.muted, theme.page, True),
    )
    for what, words, ground, change_words in pairs:
        ratio = contrast(words, ground)
        if ratio < LEAST:
            better = readable(words, ground) if change_words else readable(ground, words)
            yield Faint(what, ratio, better)


def readable(words: str, ground: str) -> str:
    """The colour nearest to ``words`` that can be read on ``ground``: darker on light, lighter on dark."""
    towards = (0, 0, 0) if _luminance(ground) > 0.18 else (255, 255, 255)
    red, green, blue = _parts(words)
    for step in range(_STEPS + 1):
        share = step / _STEPS
        mixed = [round(own + (end - own) * share) for own, end in zip((red, green, blue), towards, strict=True)]
        found = "#" + "".join(f"{part:02X}" for part in mixed)
        if contrast(found, ground) >= LEAST:
            return found
    return "#000000" if towards == (0, 0, 0) else "#FFFFFF"


def page_styles(theme: Theme) -> str:
    """A style sheet for customers' pages: their accent and font, readable in the light and in the dark."""
    light, dark = readable(theme.accent, "#FFFFFF"), readable(theme.accent, _DARK_CARD)
    on_light = theme.accent_text if contrast(theme.accent_text, light) >= LEAST else readable(theme.accent_text, light)
    on_dark = readable("#10142A", dark)
    return (
        ":root {\n"
        f"  --accent: light-dark({light}, {dark});\n"
        f"  --on-accent: light-dark({on_light}, {on_dark});\n"
        f"  --accent-ground: light-dark({_mixed(light, '#FFFFFF', 0.9)}, {_mixed(dark, _DARK_CARD, 0.82)});\n"
        "}\n"
        f"body {{ font-family: {FONTS[theme.font]}; }}\n"
    )


def logo_on_pages(theme: Theme | None) -> str:
    """Where a page of ours loads the logo from: itself, if it is a picture of ours. Empty: there is none to show."""
    if theme is None or not theme.logo.startswith(("https://", "http://")) or "{" in theme.logo:
        return ""
    name = name_in_address(theme.logo)
    return FOLDER + name if name else theme.logo


def _mixed(one: str, other: str, share: float) -> str:
    parts = (round(a + (b - a) * share) for a, b in zip(_parts(one), _parts(other), strict=True))
    return "#" + "".join(f"{part:02X}" for part in parts)


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

"""Pictures of the ready-made e-mails, drawn in the colours of the workspace's brand.

Flat shapes and no words, so that one picture serves every language. Each is drawn at twice its size and made smaller,
which smooths its edges. ``ADDRESS`` stands in the documents for where the workspace keeps its own copy.
"""

import io
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

ADDRESS = "https://art.invalid/{}.png"
"""Never reached: whoever makes a template of a ready-made one puts another address in its place."""
IN_TEXT = re.compile(r"https://art\.invalid/([a-z-]+)\.png")
WIDTH, HEIGHT = 1200, 560
_SUN, _CREAM, _WHITE, _INK = "#F7C65B", "#FFF7E8", "#FFFFFF", "#26303A"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Palette:
    """Shades of one accent, from the palest to the darkest."""

    pale: str
    soft: str
    accent: str
    deep: str

    @classmethod
    def of(cls, accent: str) -> "Palette":
        """By the accent, ``#RRGGBB``."""
        return cls(_mix(accent, _WHITE, 0.86), _mix(accent, _WHITE, 0.62), accent, _mix(accent, "#101828", 0.45))


class Canvas:
    """Draws in the picture's own measures."""

    def __init__(self, ground: str, size: float = 1.0) -> None:
        self._size = (round(WIDTH * size), round(HEIGHT * size))
        self._image = Image.new("RGB", (WIDTH * 2, HEIGHT * 2), ground)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x: float, y: float, w: float, h: float, fill: str, radius: float = 0) -> None:
        """A rectangle, its corners round."""
        self._draw.rounded_rectangle((x * 2, y * 2, (x + w) * 2, (y + h) * 2), radius * 2, fill=fill)

    def disc(self, x: float, y: float, r: float, fill: str, squash: float = 1.0) -> None:
        """A circle about a point; ``squash``: its height by its width."""
        self._draw.ellipse(((x - r) * 2, (y - r * squash) * 2, (x + r) * 2, (y + r * squash) * 2), fill=fill)

    def shape(self, points: list[Point], fill: str) -> None:
        """A polygon."""
        self._draw.polygon([(x * 2, y * 2) for x, y in points], fill=fill)

    def line(self, points: list[Point], fill: str, width: float) -> None:
        """A line with round joints and ends."""
        self._draw.line([(x * 2, y * 2) for x, y in points], fill=fill, width=int(width * 2), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, fill)

    def arc(self, x: float, y: float, r: float, start: float, end: float, fill: str, width: float) -> None:
        """A part of a circle, in degrees."""
        place = ((x - r) * 2, (y - r) * 2, (x + r) * 2, (y + r) * 2)
        self._draw.arc(place, start, end, fill=fill, width=int(width * 2))

    def png(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        self._image.resize(self._size, Image.Resampling.LANCZOS, reducing_gap=2.0).save(out, "PNG")
        return out.getvalue()


def draw_picture(name: str, accent: str, size: float = 1.0) -> bytes:
    """A PNG of :data:`WIDTH` by :data:`HEIGHT`, times ``size``. Raises ``KeyError`` for a name that there is not."""
    colors = Palette.of(accent)
    canvas = Canvas(colors.pale, size)
    PICTURES[name](canvas, colors)
    return canvas.png()


def _hills(canvas: Canvas, colors: Palette) -> None:
    canvas.disc(250, 720, 420, colors.soft, 0.7)
    canvas.disc(930, 760, 560, colors.accent, 0.62)


def _welcome(canvas: Canvas, colors: Palette) -> None:
    """An open door in the hills, with the sun behind it."""
    canvas.disc(600, 330, 190, _SUN)
    for n in range(12):
        turn = math.pi * 2 * n / 12
        x, y = math.cos(turn), math.sin(turn)
        canvas.line([(600 + x * 225, 330 + y * 225), (600 + x * 255, 330 + y * 255)], _SUN, 10)
    _hills(canvas, colors)
    canvas.box(520, 170, 160, 300, colors.deep, 12)
    canvas.box(534, 184, 132, 286, _CREAM, 6)
    canvas.shape([(534, 184), (630, 214), (630, 486), (534, 470)], colors.accent)
    canvas.disc(612, 350, 8, _SUN)
    canvas.shape([(534, 470), (666, 470), (740, 560), (470, 560)], _CREAM)
    for x, r in ((330, 54), (390, 40), (850, 48)):
        canvas.box(x - 7, 400, 14, 70, colors.deep, 4)
        canvas.disc(x, 380, r, colors.deep)


def _cart(canvas: Canvas, colors: Palette) -> None:
    """A bag with things that look out of it."""
    canvas.disc(600, 290, 236, colors.soft)
    canvas.disc(600, 486, 250, colors.deep, 0.07)
    canvas.box(520, 110, 76, 150, _SUN, 12)
    canvas.box(536, 90, 44, 30, colors.deep, 6)
    canvas.disc(660, 190, 62, _WHITE)
    canvas.disc(660, 190, 38, colors.pale)
    canvas.shape([(716, 130), (786, 160), (756, 270), (690, 260)], colors.deep)
    canvas.shape([(446, 220), (754, 220), (790, 480), (410, 480)], colors.accent)
    canvas.shape([(754, 220), (790, 480), (720, 480), (700, 220)], colors.deep)
    canvas.arc(570, 236, 78, 0, 180, _WHITE, 14)
    for x in (499, 641):
        canvas.disc(x, 240, 10, _WHITE)
    for x, y, r in ((300, 160, 14), (910, 140, 20), (250, 330, 22), (960, 350, 13)):
        canvas.disc(x, y, r, _SUN)


def _parcel(canvas: Canvas, colors: Palette) -> None:
    """A van on its way, with a parcel on its side."""
    for x, y, w in ((150, 120, 190), (860, 90, 220), (560, 60, 120)):
        canvas.box(x, y, w, 40, _WHITE, 20)
        canvas.box(x + 40, y - 20, w * 0.5, 44, _WHITE, 22)
    canvas.box(0, 440, WIDTH, 120, colors.soft)
    for n in range(8):
        canvas.box(30 + n * 160, 494, 84, 10, _CREAM, 5)
    canvas.box(330, 190, 380, 240, colors.accent, 18)
    canvas.shape([(710, 250), (826, 250), (892, 340), (892, 430), (710, 430)], colors.deep)
    canvas.shape([(736, 272), (812, 272), (856, 338), (736, 338)], colors.pale)
    canvas.box(430, 236, 180, 140, _SUN, 8)
    canvas.box(504, 236, 32, 140, _CREAM)
    canvas.shape([(504, 236), (536, 236), (536, 290), (520, 278), (504, 290)], colors.deep)
    for x in (430, 780):
        canvas.disc(x, 436, 52, _INK)
        canvas.disc(x, 436, 22, _WHITE)
    for y, w in ((240, 120), (300, 180), (360, 90)):
        canvas.box(300 - w, y, w, 12, _WHITE, 6)


def _plant(canvas: Canvas, colors: Palette) -> None:
    """A plant that is watered, and grows again."""
    canvas.disc(600, 270, 220, _WHITE)
    canvas.box(0, 470, WIDTH, 90, colors.soft)
    canvas.line([(600, 360), (600, 190)], colors.deep, 14)
    for side, y, size in ((-1, 300, 96), (1, 260, 110), (-1, 210, 84), (1, 170, 66)):
        canvas.shape(_leaf(600, y, side * size), colors.accent)
        canvas.line([(600, y), (600 + side * size * 0.7, y - size * 0.42)], colors.deep, 4)
    canvas.shape([(510, 350), (690, 350), (664, 490), (536, 490)], _SUN)
    canvas.box(496, 336, 208, 34, "#E0A93B", 10)
    canvas.shape([(812, 130), (930, 110), (950, 220), (832, 240)], colors.deep)
    canvas.line([(826, 190), (742, 150)], colors.deep, 16)
    canvas.arc(936, 160, 50, 270, 90, colors.deep, 12)
    for x, y in ((724, 190), (704, 232), (738, 236), (716, 280)):
        canvas.disc(x, y, 9, colors.accent, 1.4)
    canvas.disc(300, 130, 26, _SUN)


def _faces(canvas: Canvas, colors: Palette) -> None:
    """Three faces, one of which is chosen."""
    canvas.box(110, 110, 980, 340, _WHITE, 40)
    for x, r, fill, bend in ((300, 96, colors.soft, -1), (570, 96, colors.soft, 0), (880, 120, _SUN, 1)):
        canvas.disc(x, 280, r, fill)
        for side in (-1, 1):
            canvas.disc(x + side * r * 0.34, 280 - r * 0.2, r * 0.09, _INK)
        if bend > 0:
            canvas.arc(x, 280 + r * 0.08, r * 0.48, 20, 160, _INK, r * 0.09)
        elif bend < 0:
            canvas.arc(x, 280 + r * 0.72, r * 0.44, 215, 325, _INK, r * 0.09)
        else:
            canvas.line([(x - r * 0.36, 280 + r * 0.36), (x + r * 0.36, 280 + r * 0.36)], _INK, r * 0.09)
    canvas.arc(880, 280, 146, 0, 360, colors.accent, 12)
    canvas.disc(984, 180, 40, colors.accent)
    canvas.line([(966, 182), (980, 196), (1004, 168)], _WHITE, 9)


def _event(canvas: Canvas, colors: Palette) -> None:
    """A calendar with one day marked, and paper in the air."""
    for n in range(26):
        x, y = (n * 211 + 60) % WIDTH, (n * 137 + 30) % 500
        if not 370 < x < 830:
            fill = (colors.accent, _SUN, colors.soft, colors.deep)[n % 4]
            canvas.shape([(x, y), (x + 26, y + 8), (x + 18, y + 24), (x - 8, y + 16)], fill)
    canvas.box(392, 92, 416, 400, colors.soft, 28)
    canvas.box(400, 80, 400, 400, _WHITE, 28)
    canvas.box(400, 80, 400, 110, colors.accent, 28)
    canvas.box(400, 150, 400, 40, colors.accent)
    for x in (490, 710):
        canvas.box(x - 12, 50, 24, 66, colors.deep, 12)
    for row in range(4):
        for column in range(5):
            x, y = 452 + column * 74, 236 + row * 62
            canvas.disc(x, y, 15, colors.pale)
    canvas.disc(600, 298, 40, _SUN)
    star = [(600 + r * math.sin(a), 298 - r * math.cos(a)) for a, r in _star_points(25, 11)]
    canvas.shape(star, _WHITE)


def _star_points(outer: float, inner: float) -> list[Point]:
    return [(math.pi * n / 5, outer if n % 2 == 0 else inner) for n in range(10)]


def _leaf(x: float, y: float, size: float) -> list[Point]:
    points = []
    for n in range(41):
        t = n / 20 if n <= 20 else (40 - n) / 20
        width = math.sin(t * math.pi) * 0.22 * (1 if n <= 20 else -1)
        along, across = t * size, width * abs(size)
        points.append((x + along * 0.86 + across * 0.5, y - abs(along) * 0.5 + across * 0.86))
    return points


def _mix(one: str, other: str, share: float) -> str:
    first, second = ([int(color[n : n + 2], 16) for n in (1, 3, 5)] for color in (one, other))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in zip(first, second, strict=True))


PICTURES: dict[str, Callable[[Canvas, Palette], None]] = {
    "welcome": _welcome,
    "cart": _cart,
    "parcel": _parcel,
    "plant": _plant,
    "faces": _faces,
    "event": _event,
}


def pictures_in(document: Any) -> frozenset[str]:
    """The names of these pictures that a document shows."""
    if isinstance(document, str):
        return frozenset(IN_TEXT.findall(document)) & PICTURES.keys()
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        return frozenset().union(*(pictures_in(one) for one in document))
    return frozenset()


def with_addresses(document: Any, addresses: dict[str, str]) -> Any:
    """The document with the addresses of its pictures put in, by their names."""
    if isinstance(document, str):
        return IN_TEXT.sub(lambda found: addresses.get(found[1], found[0]), document)
    if isinstance(document, dict):
        return {name: with_addresses(one, addresses) for name, one in document.items()}
    return [with_addresses(one, addresses) for one in document] if isinstance(document, list) else document

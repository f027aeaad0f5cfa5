"""Files of pictures as people upload them, made here."""

import io
from typing import Any

from PIL import Image, ImageDraw


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file; ``kind``: as Pillow calls it."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def drawing(width: int = 320, height: int = 200, color: str = "#0B7A5B") -> Image.Image:
    """A picture with a shape in it."""
    image = Image.new("RGB", (width, height), "#F3EDE2")
    ImageDraw.Draw(image).ellipse((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=color)
    return image


def photo(width: int = 320, height: int = 200) -> Image.Image:
    """A picture that is no drawing: every pixel its own."""
    return Image.effect_noise((width, height), 60).convert("RGB")


def moving(kind: str = "GIF", frames: int = 4, width: int = 80, height: int = 60) -> bytes:
    """A picture that moves."""
    shown = [drawing(width, height, f"#{n * 37 % 256:02x}44{n * 91 % 256:02x}") for n in range(frames)]
    return encoded(shown[0], kind, save_all=True, append_images=shown[1:], duration=120, loop=0)


def png(width: int = 320, height: int = 200, color: str = "#0B7A5B") -> bytes:
    """A PNG file."""
    return encoded(drawing(width, height, color), "PNG")

"""An uploaded picture becomes one of ours: read by a decoder that we trust, and written anew from its pixels alone.

So nothing that came with the file goes on: no place where a photo was taken, no script behind the pixels, no profile.
What comes out is a PNG, a JPEG or (where it moves) a GIF, for these are what every mail program shows; WebP, which many
do not, becomes one of them. SVG is a program and never a picture here.

All of it is work on what callers bring: the API calls it in a process that is bounded (``api/bounded_work``).
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from orchestrator.core.media.names import PictureType, picture_name

Fault = Literal["type", "unreadable", "pixels", "frames", "heavy"]

READ = ("PNG", "JPEG", "WEBP", "GIF")
"""What may come in, by the decoder's name; no other decoder is asked."""
MOST_BYTES = 15 * 1024 * 1024
"""Of an upload: a photograph of a good telephone."""
MOST_PIXELS = {"JPEG": 64_000_000, "PNG": 20_000_000, "WEBP": 20_000_000, "GIF": 4_000_000}
"""Before anything is unpacked. A JPEG is unpacked at a fraction of its size, others whole."""
MOST_FRAMES = 300
MOST_MOVING_PIXELS = 40_000_000
"""Of all frames of a moving picture together."""
MOST_SIDE = 2_000
"""Pixels: three times the width of an e-mail. What is larger is made smaller."""
MOST_MOVING_SIDE = 800
MOST_KEPT = 5 * 1024 * 1024
"""Bytes of what is kept."""
_QUALITY = 86
_SRGB = ImageCms.createProfile("sRGB")

Image.MAX_IMAGE_PIXELS = None  # our own bounds are narrower, and looked at before anything is unpacked


class PictureProblem(ValueError):
    """A file that is no picture for us. ``limit``: the one that it is beyond, where there is one."""

    def __init__(self, fault: Fault, limit: int = 0) -> None:
        super().__init__(fault, limit)
        self.fault: Fault = fault
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept and served. ``width`` and ``height`` in pixels; ``data``: the file."""

    data: bytes
    type: PictureType
    width: int
    height: int
    moving: bool = False

    @property
    def digest(self) -> str:
        """32 hexadecimal digits that follow from the file: the same picture, the same name."""
        return hashlib.sha256(self.data).hexdigest()[:32]

    @property
    def name(self) -> str:
        """What it is called where it is kept and served."""
        return picture_name(self.digest, self.type)


def read_picture(data: bytes) -> Picture:
    """What was uploaded, written anew. Raises :class:`PictureProblem`."""
    with _opened(data) as image:
        frames = getattr(image, "n_frames", 1)
        if frames > 1:
            return _moving(image, frames)
        still = _still(image)
    for side in (MOST_SIDE, 1_400, 1_000, 700):
        found = _written(_within(still, side, side))
        if len(found.data) <= MOST_KEPT:
            return found
    raise PictureProblem("heavy", MOST_KEPT)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a channel takes. ``types`` of a file; sides in pixels. ``ratio``, width by height: cut to it."""

    types: tuple[PictureType, ...]
    most_bytes: int
    most_width: int
    most_height: int
    ratio: float | None = None


def fitted(data: bytes, fit: Fit) -> Picture:
    """A picture of ours made fit for a channel: cut, made smaller, of a type that it takes, within its bytes.

    What is fit already is not touched. Raises :class:`PictureProblem` with ``heavy`` where even a small one is not.
    """
    with _opened(data) as image:
        kind: PictureType = "jpeg" if image.format == "JPEG" else "gif" if image.format == "GIF" else "png"
        small = image.width <= fit.most_width and image.height <= fit.most_height
        shaped = fit.ratio is None or abs(image.width / image.height - fit.ratio) < 0.01
        if small and shaped and kind in fit.types and len(data) <= fit.most_bytes:
            return Picture(data, kind, image.width, image.height, getattr(image, "n_frames", 1) > 1)
        still = _still(image)
    if fit.ratio is not None:
        still = _cut(still, fit.ratio)
    for share in (1.0, 0.8, 0.6, 0.45, 0.3):
        smaller = _within(still, max(1, int(fit.most_width * share)), max(1, int(fit.most_height * share)))
        for made in _attempts(smaller, fit):
            if len(made.data) <= fit.most_bytes:
                return made
    raise PictureProblem("heavy", fit.most_bytes)


def _attempts(image: Image.Image, fit: Fit) -> Iterator[Picture]:
    if "png" in fit.types and (_is_transparent(image) or "jpeg" not in fit.types):
        yield _png(image)
    if "jpeg" in fit.types:
        for quality in (_QUALITY, 75, 60):
            yield _jpeg(image, quality)


def _opened(data: bytes) -> Image.Image:
    """The file opened, its pixels not yet unpacked, known to be no more than what is allowed."""
    try:
        image = Image.open(io.BytesIO(data), formats=READ)
    except UnidentifiedImageError:
        raise PictureProblem("type") from None
    except Exception:  # decoders raise what they like on what is broken
        raise PictureProblem("unreadable") from None
    most = MOST_PIXELS[image.format or "PNG"]
    if image.width * image.height > most:
        raise PictureProblem("pixels", most)
    return image


def _still(image: Image.Image) -> Image.Image:
    """Unpacked, the right way up, in the colours that screens have, as RGB or RGBA."""
    try:
        if image.format == "JPEG":
            image.draft("RGB", (MOST_SIDE, MOST_SIDE))
        image.load()
        upright = ImageOps.exif_transpose(image)
        return _in_srgb(upright)
    except MemoryError:
        raise
    except Exception:
        raise PictureProblem("unreadable") from None


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    wanted = "RGBA" if _is_transparent(image) else "RGB"
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGB" if image.mode == "CMYK" else image.mode
            found = ImageCms.profileToProfile(image, own, _SRGB, outputMode=mode)
            image = found if found is not None else image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that says nothing: as if there were none
    return image.convert(wanted)


def _is_transparent(image: Image.Image) -> bool:
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        low, _ = image.getchannel("A").getextrema() if image.mode in ("RGBA", "LA", "PA") else (0, 0)
        return isinstance(low, int | float) and low < 255
    return "transparency" in image.info


def _within(image: Image.Image, width: int, height: int) -> Image.Image:
    """No larger than this, its shape kept; what is smaller stays as it is."""
    share = min(width / image.width, height / image.height, 1.0)
    if share == 1.0:
        return image
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _cut(image: Image.Image, ratio: float) -> Image.Image:
    """Its middle, of this shape."""
    width, height = image.size
    if width / height > ratio:
        width = max(1, round(height * ratio))
    else:
        height = max(1, round(width / ratio))
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _written(image: Image.Image) -> Picture:
    """As a PNG where it is transparent or small as such (drawings, logos), else as a JPEG (photographs)."""
    drawn = _png(image)
    if image.mode == "RGBA":
        return drawn
    photo = _jpeg(image, _QUALITY)
    return drawn if len(drawn.data) <= 2 * len(photo.data) else photo


def _png(image: Image.Image) -> Picture:
    out = io.BytesIO()
    _without_more(image).save(out, "PNG", compress_level=6)
    return Picture(out.getvalue(), "png", *image.size)


def _jpeg(image: Image.Image, quality: int) -> Picture:
    out = io.BytesIO()
    plain = image
    if image.mode == "RGBA":  # what shines through is white, as paper is
        plain = Image.new("RGB", image.size, "#FFFFFF")
        plain.paste(image, mask=image.getchannel("A"))
    _without_more(plain).save(out, "JPEG", quality=quality, progressive=True, optimize=True)
    return Picture(out.getvalue(), "jpeg", *image.size)


def _without_more(image: Image.Image) -> Image.Image:
    """Its pixels alone: writers put down again what a picture remembers of its file (EXIF, comments, profiles)."""
    bare = image.copy()
    bare.info = {}
    return bare


def _moving(image: Image.Image, frames: int) -> Picture:
    if frames > MOST_FRAMES or frames * image.width * image.height > MOST_MOVING_PIXELS:
        raise PictureProblem("frames", MOST_FRAMES)
    found: list[Image.Image] = []
    times: list[int] = []
    try:
        for frame in ImageSequence.Iterator(image):
            times.append(min(10_000, max(20, int(frame.info.get("duration", 100) or 100))))
            found.append(_within(frame.convert("RGBA"), MOST_MOVING_SIDE, MOST_MOVING_SIDE))
    except MemoryError:
        raise
    except Exception:
        raise PictureProblem("unreadable") from None
    bare = [_without_more(frame) for frame in found]
    out = io.BytesIO()
    bare[0].save(out, "GIF", save_all=True, append_images=bare[1:], duration=times, loop=0, disposal=2)
    if len(out.getvalue()) > MOST_KEPT:
        raise PictureProblem("heavy", MOST_KEPT)
    return replace(Picture(out.getvalue(), "gif", *bare[0].size), moving=True)

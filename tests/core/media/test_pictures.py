"""Uploaded pictures: only pixels come in, bounded in bytes, pixels and frames, and made fit for channels."""

import io
import struct
import zlib

import pytest
from PIL import Image

from orchestrator.core.media import pictures
from orchestrator.core.media.names import content_type, is_picture_name, name_in_address, picture_address, picture_names
from orchestrator.core.media.pictures import MOST_SIDE, Fit, Picture, PictureProblem, fitted, read_picture
from tests.picture_files import drawing, encoded, moving, photo, png


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.data))


def fault_of(data: bytes) -> str:
    with pytest.raises(PictureProblem) as found:
        read_picture(data)
    return found.value.fault


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says that it is very large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_what_people_have_is_read_and_written_as_what_mail_programs_show(kind: str) -> None:
    found = read_picture(encoded(drawing(), kind))
    assert found.type in ("png", "jpeg")
    assert (found.width, found.height, found.moving) == (320, 200, False)
    assert opened(found).size == (320, 200)


def test_what_came_with_the_file_stays_behind() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[1] = "N"
    hidden = encoded(photo(), "JPEG", exif=exif, comment=b"<script>alert(1)</script>") + b"<?php evil() ?>"
    found = read_picture(hidden)
    assert dict(opened(found).getexif()) == {}
    for word in (b"taken at home", b"<script>", b"<?php", b"Exif"):
        assert word in hidden
        assert word not in found.data


def test_a_picture_is_turned_the_way_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    assert (read_picture(encoded(photo(300, 200), "JPEG", exif=exif)).width) == 200


def test_what_is_transparent_stays_so_and_photographs_are_jpegs() -> None:
    clear = drawing().convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    logo, photograph = read_picture(encoded(clear, "PNG")), read_picture(encoded(photo(), "PNG"))
    assert (logo.type, opened(logo).mode, photograph.type) == ("png", "RGBA", "jpeg")


def test_a_large_picture_is_made_smaller_and_keeps_its_shape() -> None:
    found = read_picture(encoded(photo(4000, 1000), "JPEG"))
    assert (found.width, found.height) == (MOST_SIDE, 500)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_what_moves_becomes_a_gif_that_moves(kind: str) -> None:
    found = read_picture(moving(kind))
    shown = opened(found)
    assert (found.type, found.moving, getattr(shown, "n_frames", 1)) == ("gif", True, 4)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "type"),
        (b"%PDF-1.7 and so on", "type"),
        (encoded(drawing(), "BMP"), "type"),
        (encoded(drawing(), "TIFF"), "type"),
        (png()[:200], "unreadable"),
        (bomb(50_000, 50_000), "pixels"),
        (bomb(400, 400), "unreadable"),
        (moving(frames=301, width=4, height=4), "frames"),
    ],
)
def test_what_is_no_picture_for_us_is_refused(data: bytes, fault: str) -> None:
    assert fault_of(data) == fault


def test_the_same_pixels_have_the_same_name() -> None:
    one, same, other = read_picture(png()), read_picture(png()), read_picture(png(color="#AA0000"))
    assert one.name == same.name != other.name
    assert is_picture_name(one.name)
    assert content_type(one.name) == "image/png"


def test_a_name_that_could_be_a_path_is_none() -> None:
    for name in ("../secret", "a.png", "0" * 32 + ".svg", "0" * 32 + ".png\n", ""):
        assert not is_picture_name(name)


def test_a_picture_is_found_in_whatever_document_shows_it() -> None:
    name = read_picture(png()).name
    address = picture_address("https://shop.example/x", name)
    document = {"blocks": [{"kind": "image", "src": address}, {"html": f"<p>{address}</p>"}], "n": 3, "none": None}
    assert picture_names(document) == {name}
    assert name_in_address(address) == name
    assert name_in_address("https://shop.example/cat.png") is None


@pytest.mark.parametrize(
    ("fit", "size"),
    [
        (Fit(("jpeg",), 300_000, 1_500, 1_440), (1_500, 900)),
        (Fit(("jpeg", "png"), 500_000, 800, 800, ratio=2.0), (800, 400)),
        (Fit(("jpeg",), 20_000, 500, 500, ratio=1.0), None),
    ],
)
def test_a_picture_is_made_fit_for_a_channel(fit: Fit, size: tuple[int, int] | None) -> None:
    made = fitted(encoded(photo(2000, 1200), "JPEG", quality=95), fit)
    assert len(made.data) <= fit.most_bytes
    assert made.type in fit.types
    assert made.width <= fit.most_width
    assert made.height <= fit.most_height
    if size:
        assert made.width / made.height == pytest.approx(size[0] / size[1], rel=0.02)


def test_what_is_fit_already_is_not_touched() -> None:
    data = encoded(photo(400, 200), "JPEG")
    assert fitted(data, Fit(("jpeg",), 300_000, 500, 500, ratio=2.0)).data == data


def test_what_cannot_be_made_fit_is_refused() -> None:
    with pytest.raises(PictureProblem) as found:
        fitted(encoded(photo(2000, 1200), "JPEG"), Fit(("jpeg",), 100, 500, 500))
    assert (found.value.fault, found.value.limit) == ("heavy", 100)


def test_only_these_decoders_are_asked() -> None:
    assert set(pictures.READ) == {"PNG", "JPEG", "WEBP", "GIF"}

"""Ready-made e-mails: each of the six has a picture in the brand's colours, in both languages."""

import pytest

from orchestrator.core.email.blocks import Theme
from orchestrator.core.media.pictures import read_picture
from orchestrator.message_gallery import find_ready_made, ready_made
from orchestrator.message_gallery.art import HEIGHT, PICTURES, WIDTH, draw_picture, pictures_in, with_addresses
from orchestrator.message_gallery.looks import look_of, sample_email

DESIGNED = ("welcome", "cart-reminder", "shipping-notice", "survey-invitation", "event-news", "win-back")


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_pictures_are_drawn_in_the_colours_of_the_brand(name: str) -> None:
    green, red = (read_picture(draw_picture(name, accent)) for accent in ("#0B7A5B", "#AA0000"))
    assert (green.type, green.width, green.height) == ("png", WIDTH, HEIGHT)
    assert green.name != red.name
    assert len(green.data) < 150_000


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize("identity", DESIGNED)
def test_a_designed_email_looks_so_before_it_is_begun_with(identity: str, locale: str) -> None:
    html = look_of(identity, Theme(accent="#0B7A5B"), locale, "Daon")
    assert html is not None
    assert "data:image/png;base64," in html
    assert "art.invalid" not in html
    assert "#0B7A5B" in html
    assert f'<html lang="{locale}"' in html


def test_every_picture_is_shown_by_one_and_told_in_words() -> None:
    used = [pictures_in(one.document) for one in ready_made()]
    assert frozenset().union(*used) == PICTURES.keys()
    for identity in DESIGNED:
        one = find_ready_made(identity)
        assert one is not None
        for words in one.document["channels"]["email"].values():
            [image] = [block for block in words["blocks"] if block["kind"] == "image"]
            assert image["alt"]


def test_addresses_take_the_place_of_pictures() -> None:
    one = find_ready_made("welcome")
    assert one is not None
    made = with_addresses(one.document, {"welcome": "https://shop.example/media/x.png"})
    assert pictures_in(made) == frozenset()
    assert made["channels"]["email"]["ko"]["blocks"][0]["src"] == "https://shop.example/media/x.png"
    assert pictures_in(one.document) == {"welcome"}


def test_what_has_no_email_has_no_look() -> None:
    assert look_of("order-confirmation", Theme(), "ko", "") is None
    assert look_of("nothing", Theme(), "ko", "") is None


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_a_brand_is_looked_at_in_an_email_of_its_own(locale: str) -> None:
    html = sample_email(Theme(accent="#AA0000"), locale, "Daon")
    assert "#AA0000" in html
    assert "Daon" in html

"""The brand: what an e-mail does not set itself is the brand's, and what cannot be read is told with what could."""

import pytest

from orchestrator.core.email.blocks import Theme
from orchestrator.core.email.brand import (
    LEAST,
    brand_of,
    contrast,
    faint_words,
    logo_on_pages,
    over,
    page_styles,
    readable,
)

NAME = "0123456789abcdef0123456789abcdef.png"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FFFFFF", "#FFFFFF") == 1


@pytest.mark.parametrize("words", ["#FFD400", "#8EA6FF", "#FFFFFF", "#000000", "#767676", "#FF5A5F"])
@pytest.mark.parametrize("ground", ["#FFFFFF", "#1E2127", "#F3F4F6", "#000000"])
def test_a_colour_is_moved_until_it_can_be_read(words: str, ground: str) -> None:
    found = readable(words, ground)
    assert contrast(found, ground) >= LEAST
    if contrast(words, ground) >= LEAST:
        assert found == words


def test_our_own_look_can_be_read() -> None:
    assert list(faint_words(Theme())) == []


def test_what_is_hard_to_read_is_told_with_what_is_not() -> None:
    faint = list(faint_words(Theme(accent="#FFD400")))
    assert [one.what.to("en") for one in faint] == ["Text on buttons", "Links"]
    assert all(one.ratio < LEAST for one in faint)
    assert contrast("#FFFFFF", faint[0].better) >= LEAST


def test_an_email_sets_what_it_means_to_and_leaves_the_rest_to_the_brand() -> None:
    brand = Theme(accent="#0B7A5B", logo="https://shop.example/logo.png", font="serif")
    own = over(brand, Theme(accent="#AA0000"))
    assert (own.accent, own.logo, own.font) == ("#AA0000", brand.logo, "serif")
    assert over(brand, None) is brand
    assert over(None, None) == Theme()


@pytest.mark.parametrize("given", [None, {}, {"email_theme": None}, {"email_theme": {"accent": "red; }"}}])
def test_a_workspace_without_a_brand_has_none(given: dict[str, object] | None) -> None:
    assert brand_of(given) is None


@pytest.mark.parametrize("accent", ["#FFD400", "#000000", "#0B7A5B"])
def test_pages_have_colours_that_can_be_read_in_the_light_and_in_the_dark(accent: str) -> None:
    styles = page_styles(Theme(accent=accent))
    [line] = [one for one in styles.splitlines() if "--accent:" in one]
    light, dark = line.split("light-dark(")[1].rstrip(");").split(", ")
    assert contrast(light, "#FFFFFF") >= LEAST
    assert contrast(dark, "#1E2127") >= LEAST


def test_a_logo_of_ours_is_loaded_from_the_page_itself() -> None:
    assert logo_on_pages(Theme(logo=f"https://journeys.example/media/{NAME}")) == f"/media/{NAME}"
    assert logo_on_pages(Theme(logo="https://cdn.example/logo.png")) == "https://cdn.example/logo.png"
    assert logo_on_pages(Theme(logo="{{ customer.logo }}")) == ""
    assert logo_on_pages(None) == ""

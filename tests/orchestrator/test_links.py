"""Signed links: what they say, and that nobody else can say it."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.links import PURPOSES, Links, Purpose, Signed

LINKS = Links("only-for-tests-only-for-tests-32", "https://shop.example")


@given(st.uuids(), st.text(st.characters(codec="utf-8"), max_size=20), st.sampled_from(PURPOSES))
def test_a_link_says_what_was_put_into_it(identity: UUID, detail: str, purpose: Purpose) -> None:
    token = LINKS.token(purpose, Signed(identity, detail))
    assert LINKS.read(purpose, token) == Signed(identity, detail)
    assert token[-1].isalnum()
    assert all(LINKS.read(other, token) is None for other in PURPOSES if other != purpose)


def test_a_link_fits_into_a_text_message() -> None:
    assert len(LINKS.click(uuid4(), 3)) - len("https://shop.example") <= 45


@given(st.data(), st.uuids())
def test_a_token_with_another_letter_is_none(data: st.DataObject, identity: UUID) -> None:
    token = LINKS.token("click", Signed(identity, "0"))
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(exclude_characters=token[place]))
    assert LINKS.read("click", token[:place] + letter + token[place + 1 :]) is None


@given(st.text())
def test_whatever_else_comes_is_no_link(text: str) -> None:
    assert all(LINKS.read(purpose, text) is None for purpose in PURPOSES)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "x" * 10_000, "AAAA." + "A" * 16, "\0", "é.ü"])
def test_odd_tokens_are_no_links(text: str) -> None:
    assert LINKS.read("click", text) is None


def test_another_installation_signs_otherwise() -> None:
    other = Links("another-secret-another-secret-32", "https://shop.example")
    assert other.read("click", LINKS.token("click", Signed(uuid4(), "0"))) is None

"""Texts as they come in, and as they are compared."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.characters import INVISIBLE, comparable, storable, storable_text
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.journey.graph import EventTrigger

ANY = st.text(st.characters(exclude_categories=()))  # halves of surrogate pairs too


@given(ANY)
def test_what_is_stored_is_nfc_and_can_be_written(text: str) -> None:
    stored = storable_text(text)
    assert unicodedata.is_normalized("NFC", stored)
    assert "\0" not in stored
    stored.encode()
    assert storable_text(stored) == stored
    assert storable({text: [text]}) == {stored: [stored]}


@given(ANY)
def test_what_is_compared_has_nothing_that_nobody_sees(text: str) -> None:
    name = comparable(storable_text(text))
    assert not set(name) & set(INVISIBLE)
    assert name == name.strip()
    assert comparable(name) == name


def test_joiners_of_words_and_emoji_stay() -> None:
    for text in ("می\u200cخواهم", "👨\u200d👩\u200d👧"):
        assert comparable(text) == storable_text(text) == text


@pytest.mark.parametrize(
    "written", [" 장바구니 ", unicodedata.normalize("NFD", "장바구니"), "\ufeff장바구니", "장\u200b바구니"]
)
def test_names_in_journeys_are_those_of_intake(written: str) -> None:
    assert EventTrigger.model_validate({"kind": "event", "event": written}).event == comparable(written) == "장바구니"
    leaf = Attribute.model_validate({"kind": "attribute", "name": written, "value": 1})
    assert leaf.name == "장바구니"


def test_digits_that_are_read_as_numbers_are_decimal_ones() -> None:
    """``"²".isdigit()`` is true, and ``int("²")`` fails."""
    root = Path(__file__).parents[2]
    found = [
        f"{path.relative_to(root)}:{number}"
        for room in ("orchestrator", "api", "activities", "workflows")
        for path in sorted((root / room).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\.(isdigit|isnumeric)\(\)", line) and "isascii()" not in line
    ]
    assert found == []

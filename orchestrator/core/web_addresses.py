"""Web addresses in plain text: where one begins, and where the text goes on behind it.

Nothing in a text says where an address ends. The rules are those of readers: it ends before white space and quotes,
before Korean, Chinese and Japanese, which are written on without a space (``https://shop.example/cart에서``), before
punctuation that ends a sentence, and before a bracket that has no partner inside of it. ``Foo_(bar)`` keeps its own.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3000-\u30ff\u3100-\u318f\u31a0-\u31ff\u3200-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
_LABEL = rf"(?:(?![{_CJK}])\w|-){{1,63}}"
_ANY_LABEL = r"[\w-]{1,63}"
_BEGINNING = re.compile(
    # A host of Korean letters has a dot behind them: what follows an address in a sentence has not.
    rf"https?://(?:(?:{_LABEL}\.){{0,9}}[{_CJK}][\w-]{{0,62}}(?:\.{_ANY_LABEL}){{1,9}}|(?![{_CJK}])[^\W_]|\[)",
    re.IGNORECASE,
)
_REST = re.compile(rf"(?:[!#-&*-;=?-Z^_a-z|~]|(?![{_CJK}])[^\W\x00-\x7f])+")
"""All that an address may go on with, but for brackets: letters of other scripts as well."""
_PARTNERS = {")": "(", "]": "[", "}": "{"}
_MOST_OPEN = 3
"""Brackets within brackets; more of them open no address that anybody wrote."""
_ENDS_A_SENTENCE = ".,;:!?*"


class FoundAddress(NamedTuple):
    """An address, and its place in the text."""

    url: str
    start: int
    end: int


def find_urls(text: str) -> Iterator[FoundAddress]:
    """The addresses (``http``, ``https``) in a text, in order. Takes a time that grows with the text's length."""
    place = 0
    while found := _BEGINNING.search(text, place):
        start, place = found.start(), found.end()
        end = _end(text, found.end() - 1 if found[0].endswith("[") else found.end())
        if end > start + len("https://"):
            yield FoundAddress(text[start:end], start, end)
            place = end


def replace_urls(text: str, by: Callable[[str], str]) -> str:
    """The text with each of its addresses replaced by what the function says of it."""
    parts: list[str] = []
    place = 0
    for found in find_urls(text):
        parts += (text[place : found.start], by(found.url))
        place = found.end
    return "".join((*parts, text[place:]))


def _end(text: str, place: int) -> int:
    """Where an address ends that goes on at ``place``."""
    least = place
    opened: list[int] = []
    while True:
        rest = _REST.match(text, place)
        place = rest.end() if rest else place
        letter = text[place : place + 1]
        if letter and letter in "([{" and len(opened) < _MOST_OPEN:
            opened.append(place)
        elif letter in _PARTNERS and opened and text[opened[-1]] == _PARTNERS[letter]:
            opened.pop()
        else:
            break
        place += 1
    end = opened[0] if opened else place
    while end > least and text[end - 1] in _ENDS_A_SENTENCE:
        end -= 1
    return end

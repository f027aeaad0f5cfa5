"""Characters of texts that others send. One rule, at every door: docs/decisions/0025.

- Every text comes in as NFC: what looks the same and means the same is the same letters (``가`` is one of macOS's file
  names in two). Nothing else of a value is changed.
- A text that is compared, an id or a name, loses the characters that nobody sees as well, and the space around it.
"""

import unicodedata
from typing import Any

INVISIBLE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Soft hyphen, zero-width space, word joiner, byte order mark, marks of direction. Joiners (U+200C, U+200D) are left:
Persian and Indian words are spelt with them, and emoji are made of them."""
_UNSEEN = str.maketrans(dict.fromkeys(INVISIBLE))


def storable_text(text: str) -> str:
    """The text in NFC, without what PostgreSQL cannot hold: NUL goes, half of a surrogate pair becomes U+FFFD."""
    text = text.replace("\0", "")
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def storable(value: Any) -> Any:
    """The same for all texts and names in a JSON value. Raises RecursionError for what is nested too deeply."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {storable_text(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value


def is_composed(text: str) -> bool:
    """Whether a text is NFC already, as nearly all are."""
    return unicodedata.is_normalized("NFC", text)


def comparable(text: str) -> str:
    """An id or a name as it is compared and kept."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_UNSEEN))
    return text.strip()


def with_comparable_names(values: dict[str, Any]) -> dict[str, Any]:
    """An object with its own names as they are compared; of two that are one then, the later counts."""
    if all(comparable(name) == name for name in values):
        return values
    return {comparable(name): value for name, value in values.items()}

"""Keys made from the names that people give: Latin letters, digits and hyphens, as they stand in addresses and files.

Hangul is romanised by the Revised Romanization of Korean (국어의 로마자 표기법), so that “우수 고객” becomes
``usu-gogaek``: a key that its author can read.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from koroman import romanize

from orchestrator.core.text import LOCALES

LONGEST = 50
"""Letters of a key that is made: short of what keys may have, so that a number can follow."""
_MOST_READ = 200
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")


def key_from(name: str) -> str:
    """A key made from a name; empty where the name has no letter that could be written in Latin ones."""
    plain = unicodedata.normalize("NFC", name[:_MOST_READ])
    if _HANGUL.search(plain):
        plain = str(romanize(plain))
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].rstrip("-")


def key_from_names(name: Any, kind: str) -> str:
    """A key made from a name by language, English first, or from one for all: it begins with a letter.

    ``kind`` (``journey``, ``survey`` …) begins it where the name does not begin with a letter, and is all of it where
    no letter of the name can be written in Latin ones.
    """
    words = name if isinstance(name, Mapping) else {LOCALES[0]: name}
    for locale in (*LOCALES, *words):
        found = key_from(str(words.get(locale) or ""))
        if found:
            return found if found[0].isalpha() else f"{kind}-{found}"
    return kind

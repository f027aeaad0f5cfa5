"""The canvas's words in one language, as a file that its page names: a new language needs no new bundle."""

import gzip
import hashlib
import json
from functools import cache
from typing import NamedTuple

from babel import Locale

from orchestrator.core.locale.catalogue import Catalogue, load
from orchestrator.core.text import LOCALES


class CanvasWords(NamedTuple):
    """``address`` changes with the words, so that a browser may keep them for ever."""

    address: str
    body: bytes
    packed: bytes


@cache
def canvas_words(locale: str) -> CanvasWords:
    """By key: the words, or their forms by plural category (`Intl.PluralRules`). KeyError: no language of ours."""
    if locale not in LOCALES:
        raise KeyError(locale)
    catalogue = load(locale)
    categories = _categories(catalogue)
    words = {
        key: forms[0] if len(forms) == 1 and not _is_plural(key) else {name: forms[n] for name, n in categories.items()}
        for key, forms in catalogue.of_context("canvas").items()
    }
    body = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(body).hexdigest()[:12]
    return CanvasWords(f"/static/words/{locale}.json?{digest}", body, gzip.compress(body, 9, mtime=0))


def _is_plural(key: str) -> bool:
    return len(load(LOCALES[0]).messages["canvas", key]) > 1


def _categories(catalogue: Catalogue) -> dict[str, int]:
    """Which of gettext's forms each of Unicode's plural categories takes, found by trying numbers."""
    category = Locale.parse(catalogue.locale, sep="-").plural_form
    return {category(number): catalogue.plural_form(number) for number in (*range(201), 1_000_000)}

"""What a new block of an e-mail begins with: words that show what it is for, to be written anew."""

from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.core.text import Text

_SAMPLES: dict[str, dict[str, Text]] = {
    "heading": {"text": Text("What it is about, in a few words")},
    "text": {"html": Text("<p>What you want to tell, in two or three sentences. One thought for each paragraph.</p>")},
    "button": {"label": Text("What one does here")},
    "coupon": {"title": Text("Coupon benefit"), "note": Text("Until when, and for what")},
    "survey": {
        "question": Text("How likely are you to recommend us to a friend?"),
        "low": Text("Not at all"),
        "high": Text("Certainly"),
    },
    "footer": {"html": Text("<p>Why the receiver gets this e-mail.</p>")},
}
_COLUMN: dict[str, Text] = {
    "text": Text("One thing"),
    "html": Text("<p>What there is to say of it.</p>"),
}


def sample_of(kind: str) -> dict[str, dict[str, Any]]:
    """By language, the fields that a new block of this kind is given; other fields have their defaults."""
    if kind == "columns":
        by_locale = {name: words.by_locale() for name, words in _COLUMN.items()}
        return {locale: {"columns": [_column(by_locale, locale)] * 2} for locale in by_locale["text"]}
    found: dict[str, dict[str, Any]] = {}
    for name, words in _SAMPLES.get(kind, {}).items():
        for locale, said in words.by_locale().items():
            found.setdefault(locale, {})[name] = said
    return found


def _column(words: dict[str, dict[str, str]], locale: str) -> dict[str, Any]:
    heading = {"kind": "heading", "size": "small", "text": words["text"][locale]}
    return {"blocks": [heading, {"kind": "text", "html": words["html"][locale]}]}


_ASKS_AS_IT_IS = frozenset({"survey"})
"""Blocks whose first words are a question that is good enough to be sent."""


def untouched_blocks(blocks: Iterable[Any], locale: str, path: str = "blocks") -> Iterator[str]:
    """Dotted paths of what blocks still say as they did when they were new: ``blocks.2.columns.0.blocks.1.html``.

    ``blocks`` are those of a language, ``locale``; only languages in which new blocks speak have samples.
    """
    for n, block in enumerate(blocks):
        for name in _SAMPLES.get(block.kind, {}) if block.kind not in _ASKS_AS_IT_IS else ():
            if getattr(block, name, "").strip() in _first_words(name, locale):
                yield f"{path}.{n}.{name}"
        for m, column in enumerate(getattr(block, "columns", ())):
            yield from untouched_blocks(column.blocks, locale, f"{path}.{n}.columns.{m}.blocks")


def _first_words(name: str, locale: str) -> frozenset[str]:
    """All that fields of this name may begin with."""
    given = [words[name] for words in (*_SAMPLES.values(), _COLUMN) if name in words]
    return frozenset(said for words in given for tag, said in words.by_locale().items() if tag == locale)

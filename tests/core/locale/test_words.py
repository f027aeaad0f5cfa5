"""One thing has one word: `docs/words.md` says which, and the catalogues keep to it."""

import re
from pathlib import Path

import pytest

from orchestrator.core.locale.catalogue import load
from tests.reading.strange import SPELLINGS

GLOSSARY = (Path(__file__).parents[3] / "docs" / "words.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<cells>[^|]+(?: \| [^|]+)*) \|$", re.MULTILINE)
FINE = re.compile(
    r"\b(?:a|only|best|this|that|another) way\b|\b(?:ways? to|(?:by|in) the way|halfway|always|half way)\b"
)
"""“A way to opt out” is no path."""
OF_PROGRAMS = ("a placeholder nobody filled", "an instant for machines", "an id", "marks of emphasis")
"""What catalogues may hold: the places of words, examples of what programs send, emphasis that pages draw."""


def rows(heading: str) -> list[list[str]]:
    part = GLOSSARY.split(heading, 1)[1]
    return [found["cells"].split(" | ") for found in ROW.finditer(part) if "---" not in found[0]]


def retired(language: str) -> list[str]:
    return [word for name, words, _ in rows("## Retired")[1:] if name == language for word in words.split(", ")]


def said(locale: str) -> set[str]:
    return {form for forms in load(locale).messages.values() for form in forms}


@pytest.mark.parametrize(("locale", "language"), [("en", "English"), ("ko", "Korean")])
def test_retired_words_are_not_said(locale: str, language: str) -> None:
    words = retired(language)
    assert len(words) > 5
    edge = r"\b" if locale == "en" else ""
    pattern = re.compile(f"{edge}(?:{'|'.join(map(re.escape, words))}){edge}", re.IGNORECASE)
    placeholder = re.compile(r"\{\w+\}")
    found = {text for text in said(locale) if pattern.search(FINE.sub("", placeholder.sub("", text)))}
    assert found == set()


@pytest.mark.parametrize("column", [0, 1])
def test_every_term_is_said(column: int) -> None:
    everything = "\n".join(said("en" if column == 0 else "ko")).lower()
    terms = [
        cells[column]
        for cells in rows("# Words")[1:]
        if len(cells) == 3 and cells[0] not in ("Language", "English", "Korean")
    ]
    assert len(terms) > 30
    parts = [part for term in terms for part in re.split(r", | / ", term)]
    assert [part for part in parts if part.lower() not in everything] == []


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_no_message_is_spelt_for_a_machine(locale: str) -> None:
    kinds = {what: pattern for what, pattern in SPELLINGS.items() if what not in OF_PROGRAMS}
    found = {(what, text) for text in said(locale) for what, pattern in kinds.items() if pattern.search(text)}
    assert found == set()

"""One language's messages, read once from its ``.po`` file, with its plural rule.

Babel's reader takes a second for both languages; this one takes what ``make messages`` writes and is some ten times
as fast, so that nothing has to be compiled before it can run.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from pathlib import Path

from orchestrator.core import locale as package

Key = tuple[str, str]
"""A message's context ("" for a phrase) and its id: the English phrase, or the key of a console or canvas word."""

_FIELD = re.compile(r'^(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[\d\])? )?(".*")$')
_PLURAL = re.compile(r"plural=([^;]+)")


@dataclass(frozen=True)
class Catalogue:
    """The messages of one language."""

    locale: str
    name: str
    """What the language calls itself."""
    messages: Mapping[Key, tuple[str, ...]]
    """Each message's forms: one, or one for each of the language's plural forms. What is not translated is not here."""
    plural_form: Callable[[int], int]
    """Which form a number takes."""

    def forms(self, context: str, message: str) -> tuple[str, ...] | None:
        """A message's forms, else those of the source language; None for a message that no catalogue has."""
        found = self.messages.get((context, message))
        if found is None and self.locale != package.SOURCE:
            return load(package.SOURCE).messages.get((context, message))
        return found

    def of_context(self, context: str) -> dict[str, tuple[str, ...]]:
        """All messages of a context by id; the source language stands in for what is not translated."""
        source = load(package.SOURCE).messages
        return {
            message: self.messages.get((own, message), forms)
            for (own, message), forms in source.items()
            if own == context
        }


@cache
def load(locale: str) -> Catalogue:
    """The catalogue of one of :func:`locales`."""
    entries = dict(read_entries((package.FOLDER / f"{locale}.po").read_text(encoding="utf-8")))
    header = entries.pop(("", ""))[0]
    fields = dict(line.split(": ", 1) for line in header.splitlines() if ": " in line)
    rule = _PLURAL.search(fields.get("Plural-Forms", "plural=0;"))
    translated = {key: forms for key, forms in entries.items() if all(forms)}
    return Catalogue(locale, fields["X-Language-Name"], translated, c2py(rule.group(1) if rule else "0"))


def locales(folder: Path | None = None) -> tuple[str, ...]:
    """The languages that there is a catalogue of; the source language first."""
    found = {path.stem for path in (folder or package.FOLDER).glob("*.po")}
    return tuple(sorted(found, key=lambda one: (one != package.SOURCE, one)))


def read_entries(text: str) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """The messages of a ``.po`` file, in its order, with their forms; the header is the one with an empty id."""
    for block in text.split("\n\n"):
        fields: dict[str, list[str]] = {"msgctxt": [], "msgid": [], "msgid_plural": [], "msgstr": []}
        name = ""
        for line in block.splitlines():
            found = _FIELD.match(line)
            if found is None:
                continue  # a comment
            if found.group(1):
                name = found.group(1)
                fields[name].append("")
            fields[name][-1] += ast.literal_eval(found.group(2)) if "\\" in line else found.group(2)[1:-1]
        if fields["msgid"]:
            yield ("".join(fields["msgctxt"]), fields["msgid"][0]), tuple(fields["msgstr"])

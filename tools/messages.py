"""Brings the catalogues in line with the sources: `make messages`.

Phrases are found in the Python sources (`Text("…")`), console and canvas words by their keys, which are kept as they
are written in the English catalogue. Translations are kept, what nothing uses any more is removed, what is new is
left empty to be translated; English phrases translate themselves.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.core.locale import FOLDER, SOURCE
from orchestrator.core.locale.catalogue import Key, read_entries

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("orchestrator", "workflows", "activities", "api", "web")
KEYS = ROOT / "web" / "canvas" / "src" / "word-keys.gen.ts"
KEYED = ("console", "canvas", "format")
"""Contexts whose ids are keys: what they mean in English stands in the English catalogue, and nowhere else."""


@dataclass(frozen=True)
class Phrase:
    """A phrase as it stands in a source."""

    message: str
    context: str
    plural: str
    place: str


def phrases(root: Path = ROOT) -> Iterator[Phrase]:
    """Every `Text("…")` in the packages."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "node_modules" not in path.parts and "migrations" not in path.parts:
                yield from phrases_in(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())


def phrases_in(source: str, place: str) -> Iterator[Phrase]:
    """Every `Text("…")` of one file. What cannot be found here would never be translated: ValueError."""
    if "core.text import" not in source and not place.endswith("core/text.py"):
        return
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text"):
            continue
        given = {word.arg: word.value for word in node.keywords}
        message = node.args[0] if len(node.args) == 1 else None
        found = [_literal(one) for one in (message, given.get("context"), given.get("plural"))]
        if found[0] is None or any(
            name in given and one is None for name, one in zip(("context", "plural"), found[1:], strict=True)
        ):
            if "sqlalchemy" in source and not node.args:
                continue  # a column's type
            if place.endswith("core/text.py"):
                continue  # the class itself
            raise ValueError(f"{place}:{node.lineno}: the words of a Text must be written out")
        if not found[0]:
            raise ValueError(f'{place}:{node.lineno}: a Text has no words; verbatim("") says nothing')
        yield Phrase(found[0], found[1] or "", found[2] or "", place)


def _literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def updated(locale: str, folder: Path = FOLDER, root: Path = ROOT) -> str:
    """The catalogue as it should be: canonical, with every message that is used and no other."""
    old = _read(folder, locale)
    header = old.pop(("", ""))[0]
    found = _PLURALS.search(header)
    if found is None:
        raise ValueError(f"{locale}.po: its header needs Plural-Forms")
    number = int(found.group(1))
    blocks = ['msgid ""\nmsgstr ""\n' + "\n".join(_quoted(line) for line in header.splitlines(keepends=True))]
    plurals: dict[Key, str] = {}
    for phrase in phrases(root):
        plurals[phrase.context, phrase.message] = phrase.plural
    for key in sorted(plurals, key=lambda one: (one[0], one[1].lower(), one[1])):
        own = (key[1], plurals[key]) if plurals[key] else (key[1],)
        blocks.append(_block(key, plurals[key], own if locale == SOURCE else old.get(key, ()), number))
    for key, forms in _read(folder, SOURCE).items():
        if key[0] in KEYED:
            blocks.append(_block(key, key[1] if len(forms) > 1 else "", old.get(key, ()), number))
    return "\n\n".join(blocks) + "\n"


_PLURALS = re.compile(r"nplurals=(\d+)")


def _block(key: Key, plural: str, forms: tuple[str, ...], number: int) -> str:
    context, message = key
    lines = ["#, python-brace-format"] if context not in KEYED and "{" in message else []
    if context:
        lines.append(f"msgctxt {_quoted(context)}")
    lines.append(f"msgid {_quoted(message)}")
    if not plural:
        return "\n".join([*lines, f"msgstr {_quoted(forms[0] if forms else '')}"])
    lines.append(f"msgid_plural {_quoted(plural)}")
    padded = (*forms, *[""] * number)[:number]
    return "\n".join([*lines, *(f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(padded))])


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


def _read(folder: Path, locale: str) -> dict[Key, tuple[str, ...]]:
    return dict(read_entries((folder / f"{locale}.po").read_text(encoding="utf-8")))


def keys_as_type(folder: Path = FOLDER) -> str:
    """The keys of the canvas's words as a TypeScript type, so that its compiler finds a misspelt one."""
    keys = [message for context, message in _read(folder, SOURCE) if context == "canvas"]
    listed = "\n".join(f"  | {_quoted(key)}" for key in keys)
    return f"/** Written by `make messages` from the English catalogue. */\n\nexport type Key =\n{listed};\n"


def main() -> None:
    """Writes every catalogue; with `--check` says only whether one is out of date."""
    stale = []
    made = {path: updated(path.stem) for path in sorted(FOLDER.glob("*.po"), key=lambda one: one.stem != SOURCE)}
    made[KEYS] = keys_as_type()
    for path, wanted in made.items():
        if not path.exists() or path.read_text(encoding="utf-8") != wanted:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(wanted, encoding="utf-8")
    if stale:
        print("sojourn: catalogues brought up to date:" if "--check" not in sys.argv else "out of date:", *stale)
    if stale and "--check" in sys.argv:
        sys.exit(1)


if __name__ == "__main__":
    main()

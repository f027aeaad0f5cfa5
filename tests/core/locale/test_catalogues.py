"""The catalogues: complete in every language, in order, and a language is one file."""

import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from orchestrator.core import locale as package
from orchestrator.core.locale.catalogue import load, locales, read_entries
from orchestrator.core.text import LOCALES
from tools.messages import KEYS, keys_as_type, phrases, phrases_in, updated

ROOT = Path(__file__).parents[3]
PLACEHOLDER = re.compile(r"(?<![#{])\{(\w+)")
TRANSLATED = [locale for locale in LOCALES if locale != package.SOURCE]
KEYS_OF_ALL = list(load(package.SOURCE).messages)


def test_the_languages_are_those_of_the_files() -> None:
    assert set(LOCALES) == {path.stem for path in package.FOLDER.glob("*.po")} >= {"en", "ko"}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_every_message_in_the_same_order(locale: str) -> None:
    entries = dict(read_entries((package.FOLDER / f"{locale}.po").read_text(encoding="utf-8")))
    del entries["", ""]
    assert list(entries) == KEYS_OF_ALL
    assert [
        key for key, forms in entries.items() if not all(form.strip() for form in forms) and key[0] != "separator"
    ] == []
    assert list(load(locale).messages) == KEYS_OF_ALL


@pytest.mark.parametrize("locale", TRANSLATED)
def test_translations_have_the_placeholders_of_the_original(locale: str) -> None:
    english, own = load(package.SOURCE).messages, load(locale).messages
    differing = {
        key: forms[-1]
        for key, forms in own.items()
        if set(PLACEHOLDER.findall(forms[-1])) != set(PLACEHOLDER.findall(english[key][-1]))
    }
    assert differing == {}


def test_every_phrase_of_the_sources_is_in_the_catalogues_and_nothing_else_is() -> None:
    used = {(phrase.context, phrase.message) for phrase in phrases()}
    assert len(used) > 1_000
    assert used == {key for key in KEYS_OF_ALL if key[0] not in ("console", "canvas", "format")}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_catalogues_are_as_make_messages_writes_them(locale: str) -> None:
    assert updated(locale) == (package.FOLDER / f"{locale}.po").read_text(encoding="utf-8")


def test_the_keys_of_the_canvas_are_as_make_messages_writes_them() -> None:
    assert keys_as_type() == KEYS.read_text(encoding="utf-8")


def test_words_that_cannot_be_found_in_the_source_are_refused() -> None:
    head = "from orchestrator.core.text import Text\n"
    for wrong in ('Text(f"{x}")', "Text(x)", 'Text("")', 'Text("x", context=y)'):
        with pytest.raises(ValueError, match=r"a\.py:2"):
            list(phrases_in(head + wrong, "a.py"))


@pytest.mark.parametrize("locale", LOCALES)
def test_babel_reads_the_same_in_the_files(locale: str) -> None:
    text = (package.FOLDER / f"{locale}.po").read_bytes()
    catalogue = read_po(BytesIO(text), locale=locale, abort_invalid=True)
    read = {}
    for entry in catalogue:
        if entry.id:
            message = entry.id[0] if isinstance(entry.id, list | tuple) else entry.id
            read[entry.context or "", message] = (
                tuple(entry.string) if isinstance(entry.string, list | tuple) else (entry.string,)
            )
    assert read == dict(load(locale).messages)
    assert [list(entry.check()) for entry in catalogue if list(entry.check())] == []


def test_a_third_language_is_one_file(tmp_path: Path) -> None:
    """In a process of its own, which finds the catalogues of another folder: API, console and canvas speak it."""
    for name in ("en.po", "ko.po"):
        shutil.copy(package.FOLDER / name, tmp_path / name)
    german = (tmp_path / "en.po").read_text(encoding="utf-8")
    german = german.replace("Language: en", "Language: de").replace(
        "X-Language-Name: English", "X-Language-Name: Deutsch"
    )
    german = german.replace('msgid "once"\nmsgstr "once"', 'msgid "once"\nmsgstr "einmal"')
    german = german.replace('msgid "nav.runs"\nmsgstr "', 'msgid "nav.runs"\nmsgstr "Läufe ').replace(
        'msgid "loading"\nmsgstr "', 'msgid "loading"\nmsgstr "Moment '
    )
    (tmp_path / "de.po").write_text(german, encoding="utf-8")
    assert locales(tmp_path) == ("en", "de", "ko")
    run = subprocess.run(
        [sys.executable, "-c", _SPEAKS, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr


_SPEAKS = """
import sys
from pathlib import Path
from orchestrator.core import locale
locale.FOLDER = Path(sys.argv[1])
from orchestrator.core.text import LOCALES, Text, number_text
assert LOCALES == ("en", "de", "ko")
assert Text("once").by_locale() == {"en": "once", "de": "einmal", "ko": "1회"}
assert number_text(1234.5).to("de") == "1.234,5"
from orchestrator.core.journey.step_types import step_types
assert set(step_types()[0]["title"]) == set(LOCALES), step_types()[0]["title"]
from api.pages.words import Words, languages
assert ("de", "Deutsch") in languages()
assert Words("de", "UTC")("nav.runs").startswith("Läufe ")
assert Words("de", "UTC").number(1234) == "1.234"
from api.pages.canvas_words import canvas_words
assert "Moment " in canvas_words("de").body.decode()
from api.pages.rendering import templates
assert ("de", "Deutsch") in templates().globals["languages"]
"""

"""Every regular expression of the sources ends soon on whatever text a customer or a marketer sends.

Python's ``re`` tries every way to read a text: ``(?:\\([^()]*\\)|\\W)+$`` takes twice as long for each further
bracket. So each expression is found in the sources and run on texts made of its own letters, repeated. One that needs
more than a passage or two through them fails here: bound its repetitions, or write a scanner. (Patterns of fields are
no matter: pydantic matches them in linear time.)
"""

import ast
import importlib
import re
import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("orchestrator", "workflows", "activities", "api")
SEARCHING = {"search", "sub", "subn", "split", "findall", "finditer"}
LETTERS = 6_000
MOST_SECONDS = 0.2
"""Of processor time for one text."""
SAMPLES = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_WORD": "!"}
SAMPLES |= {"CATEGORY_NOT_SPACE": "x", "CATEGORY_NOT_DIGIT": "b"}


@lru_cache
def expressions() -> dict[str, tuple[re.Pattern[str], bool]]:
    """By file and beginning: those that modules keep, and those written where they are used; and whether they are
    looked for in the midst of a text, beside being matched from its beginning on.
    """
    found: dict[str, tuple[re.Pattern[str], bool]] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name, text = path.relative_to(ROOT).as_posix(), path.read_text()
            if "migrations/" in name or "import re\n" not in text:
                continue
            module = importlib.import_module(name.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
            for pattern, searched in (*_kept(text, module), *_inline(text, module)):
                if isinstance(pattern.pattern, str):
                    found[f"{name}: {pattern.pattern[:40]}"] = pattern, searched
    return found


def _kept(text: str, module: Any) -> Iterator[tuple[re.Pattern[str], bool]]:
    for name, value in vars(module).items():
        searched = any(f"{name}.{one}(" in text for one in SEARCHING)
        inner = value.values() if isinstance(value, dict) else (value,)
        yield from ((one, searched) for one in inner if isinstance(one, re.Pattern))


def _inline(text: str, module: Any) -> Iterator[tuple[re.Pattern[str], bool]]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=used), args=[first, *_]):
                written = first.value if isinstance(first, ast.Constant) else None
                if isinstance(first, ast.Name):
                    written = getattr(module, first.id, None)
                if isinstance(written, str) and used in SEARCHING | {"match", "fullmatch"}:
                    yield re.compile(written), used in SEARCHING


def letters_of(pattern: re.Pattern[str]) -> list[str]:
    """Letters and words that the expression looks for, each once."""
    found: list[str] = []

    def walk(parsed: Any) -> None:
        word = ""
        for code, argument in parsed:
            if code is _constants.LITERAL:
                word += chr(argument)
                continue
            found.append(word)
            word = ""
            match str(code):
                case "NOT_LITERAL":
                    found.append("a" if argument != ord("a") else "b")
                case "RANGE":
                    found.append(chr(argument[0]))
                case "CATEGORY":
                    found.append(SAMPLES.get(str(argument), "a"))
                case "IN":
                    walk(argument)
                    if argument and argument[0][0] is _constants.NEGATE:
                        refused = {chr(a) for c, a in argument[1:] if c is _constants.LITERAL}
                        found.append(next(letter for letter in "ax1-! " if letter not in refused))
                    else:
                        found.extend(chr(a) for c, a in argument if c is _constants.LITERAL)
                case "ANY":
                    found.append("a")
                case "BRANCH":
                    for one in argument[1]:
                        walk(one)
                case "SUBPATTERN":
                    walk(argument[3])
                case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                    walk(argument[2])
                case "ASSERT" | "ASSERT_NOT":
                    walk(argument[1])
        found.append(word)

    walk(_parser.parse(pattern.pattern, pattern.flags))
    return list(dict.fromkeys(one for one in found if one))


def texts(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """What costs most: the expression's own letters, over and over, after a good beginning and before a bad end."""
    letters = sorted(letters_of(pattern), key=len)[:7] + sorted(letters_of(pattern), key=len)[7:][-5:]
    letters = [*letters, *(one for one in ("a", " ") if one not in letters)]
    whole = "".join(letters)
    for unit in (*letters, *("".join(pair) for pair in permutations(letters[:6], 2)), whole):
        repeated = (unit * (size // len(unit) + 1))[:size]
        yield repeated
        yield f"{repeated[:-1]}\0"
        yield f"{repeated[:-1]}a"
        yield f"{whole}{repeated}"[:size]


def cost(pattern: re.Pattern[str], text: str, searched: bool = True) -> float:
    """Seconds of processor time of the worst that is done with it: looking for it begins at every letter."""
    began = time.thread_time()
    pattern.fullmatch(text)
    if searched:
        for _ in pattern.finditer(text):
            pass
    return time.thread_time() - began


@pytest.mark.parametrize("name", sorted(expressions()))
def test_an_expression_ends_soon_on_its_own_letters(name: str) -> None:
    pattern, searched = expressions()[name]
    for text in texts(pattern, LETTERS):
        assert cost(pattern, text, searched) < MOST_SECONDS, text[:60]


@pytest.mark.parametrize(
    ("bad", "letters"),
    [(r"(?:\([^()]*\)|[^\w])+$", 40), (r"(a+)+$", 22), (r"\s+$", LETTERS), (r"(\d+)\s*([wd])", LETTERS)],
)
def test_one_that_would_not_is_found(bad: str, letters: int) -> None:
    pattern = re.compile(bad)
    assert any(cost(pattern, text) > 0.02 for text in texts(pattern, letters))


def test_they_are_found_in_the_sources() -> None:
    assert len(expressions()) > 60

"""Every regular expression of the sources ends soon on whatever text a customer or a marketer sends.

Python's ``re`` tries every way to read a text: ``(?:\\([^()]*\\)|\\W)+$`` takes twice as long for each further
bracket. So each expression is found in the sources and run on texts made of its own letters, repeated. One that needs
more than a passage or two through them fails here: bound its repetitions, or write a scanner.

Patterns of fields are pydantic's, which matches them in linear time as long as nobody gives it a compiled expression or
asks for Python's engine; they are found and run like the others.
"""

import ast
import contextlib
import importlib
import re
import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

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
    for name, text in sources():
        if "import re\n" not in text:
            continue
        module = imported(name)
        for pattern, searched in (*_kept(text, module), *_inline(text, module)):
            if isinstance(pattern.pattern, str):
                found[f"{name}: {pattern.pattern[:40]}"] = pattern, searched
    return found


def sources() -> Iterator[tuple[str, str]]:
    """Every file of ours, with its text."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "migrations/" not in name:
                yield name, path.read_text()


def imported(name: str) -> Any:
    return importlib.import_module(name.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))


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


@lru_cache
def patterns() -> dict[str, object]:
    """Every ``pattern=`` of the sources, by file and beginning."""
    found: dict[str, object] = {}
    for name, text in sources():
        if "pattern=" not in text:
            continue
        module = imported(name)
        for node in ast.walk(ast.parse(text)):
            for one in node.keywords if isinstance(node, ast.Call) else ():
                if one.arg == "pattern":
                    written = eval(compile(ast.Expression(one.value), name, "eval"), vars(module))
                    found[f"{name}: {str(written)[:40]}"] = written
    return found


@pytest.mark.parametrize("name", sorted(patterns()))
def test_a_pattern_of_a_field_is_matched_in_linear_time(name: str) -> None:
    pattern = patterns()[name]
    assert isinstance(pattern, str), "pydantic matches a compiled expression by Python's engine"
    field: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(pattern=pattern)])
    for text in texts(re.compile(pattern), LETTERS):
        began = time.thread_time()
        with contextlib.suppress(ValidationError):
            field.validate_python(text)
        assert time.thread_time() - began < MOST_SECONDS, text[:60]


def test_patterns_are_found_in_the_sources() -> None:
    assert len(patterns()) > 20


def test_no_model_asks_for_pythons_engine() -> None:
    for name, _ in sources():
        imported(name)
    checked = list(models(BaseModel))
    assert len(checked) > 200
    assert [model.__qualname__ for model in checked if model.model_config.get("regex_engine")] == []
    assert [name for name, text in sources() if "regex_engine" in text] == []


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


def test_a_field_that_tried_every_way_would_be_found() -> None:
    """As it would be if the engine were switched."""
    bad = r"^(a+)+$"
    text = "a" * 24 + "!"
    slow: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=re.compile(bad))])
    began = time.thread_time()
    with pytest.raises(ValidationError):
        slow.validate_python(text)
    assert time.thread_time() - began > MOST_SECONDS

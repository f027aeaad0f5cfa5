"""What must never stand where a person reads: a machine's spelling, an id where there is a name, the other language."""

import re
from functools import cache, lru_cache

from orchestrator.core.locale.catalogue import load

MARK = "zq"
"""With it every id of the tests' journeys, surveys and pools begins (:mod:`tests.reading.renamed`)."""

SPELLINGS = {
    "a regular expression": re.compile(r"\^\[|\[a-z|\[A-Z|\[0-9|\[\^|\\[dwsbA-Z]\b|\(\?[:!=P<]|\]\{\d|\]\+|\]\*|\.\*"),
    "a sentence of pydantic's": re.compile(
        r"Input should|String should|[Vv]alue error|Field required|validation error|Extra inputs|should be a valid"
        r"|Unable to|Assertion failed|errors\.pydantic|type=[a-z_]+"
    ),
    "a value as Python writes it": re.compile(
        r"\[['\"]|\{['\"]|datetime\.|timedelta\(|Decimal\(|UUID\(|\bdict_|<[\w.]+ object|<class |\bUndefined\b"
        r"|Traceback|'\)|\(\)$"
    ),
    "the name of an exception": re.compile(r"\b[A-Z]\w+Error\b"),
    "a value as JavaScript writes it": re.compile(r"\bundefined\b|\[object |\bNaN\b"),
    "a duration for machines": re.compile(r"\bP(?:\d+[DW]|(?:\d+D)?T\d)"),
    "an instant for machines": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d"),
    "marks of emphasis": re.compile(r"\*[^\s*][^*]*\*"),
    "a placeholder nobody filled": re.compile(r"(?<![{#$])\{[a-z_]+\}(?!\})"),
    "an id": re.compile(rf"[0-9a-f]{{8}}-[0-9a-f]{{4}}|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{{8}}\b|\b{MARK}"),
}
"""Each found anywhere in a text."""
IN_TOOLTIPS = frozenset({"an id", "the name of an exception"})
"""What may be told beside the name that one reads, to whoever looks for it."""
PYTHON_WORDS = re.compile(r"\b(?:None|True|False|null)\b")
"""Words in English, and values in a text of another language."""
LATIN = re.compile(r"[A-Za-z][A-Za-z_]*(?:['’.-][A-Za-z_]+)*")
VARIABLE = re.compile(r"\b(?:customer|entry|event|var|links)\.[\w.]+")
"""What templates write: a colleague's own word."""
SPECIMEN = re.compile(r"\b(?:[A-Z0-9]+-)?DEMO(?:-?[A-Z2-9]+)*\b")
"""A coupon's code of a test run."""
HANGUL = re.compile(r"[\uac00-\ud7a3]+")
SNAKE = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
NAMES_OF_LANGUAGES = {"한국어", "English"}
"""A language is called by its own name wherever one chooses it."""
BY_LAW = {"광고", "무료수신거부", "무료거부"}
"""What Korean law wants in a message, in these very letters, whoever reads about it."""
PARTICLE = re.compile("(?<=[가-힣])(?:이|가|을|를|은|는|과|와|으로|로|이라|라)$")
"""What a word that is filled into a Korean phrase is followed by, in the form that it asks for."""
METHODS = {"DELETE", "GET", "PATCH", "POST", "PUT"}
"""How a request goes out is said in HTTP's own letters."""


@cache
def _ours(language: str) -> frozenset[str]:
    """Whole messages, some of which speak of placeholders; the catalogues are looked through by themselves."""
    return frozenset(form for forms in load(language).messages.values() for form in forms)


@cache
def spoken(language: str) -> frozenset[str]:
    """All Latin and Hangul words of a catalogue, in lower case."""
    forms = " ".join(form for forms in load(language).messages.values() for form in forms)
    without = re.sub(r"(?<![{#])\{\w+(?:[:!][^}]*)?\}", " ", forms)
    return frozenset(word.lower() for word in words_in(without))


def words_in(text: str) -> set[str]:
    return {*LATIN.findall(text), *HANGUL.findall(text)}


def strange(text: str, language: str, data: frozenset[str] = frozenset(), *, tooltip: bool = False) -> list[str]:
    """What is wrong with a text, in words; empty where nothing is. ``data``: words that customers and colleagues wrote.

    A tooltip may tell an id beside the name that one reads.
    """
    text = SPECIMEN.sub("·", VARIABLE.sub("·", text))
    found = [] if text in _ours(language) else _strange(text, language, data, tooltip)
    if not found:
        return []
    for one in _phrases(data):
        text = text.replace(one, "·")
    return _strange(text, language, data, tooltip)


def _strange(text: str, language: str, data: frozenset[str], tooltip: bool) -> list[str]:
    found = [
        f"{what}: {hit[0]!r}"
        for what, pattern in SPELLINGS.items()
        if (hit := pattern.search(text)) and not (tooltip and what in IN_TOOLTIPS)
    ]
    if language != "en" and (hit := PYTHON_WORDS.search(text)):
        found.append(f"a value as Python writes it: {hit[0]!r}")
    if tooltip:
        return found
    known = _known(language, data)
    said = ((word, PARTICLE.sub("", word).lower()) for word in sorted(words_in(text)))
    foreign = [word for word, stem in said if not {word.lower(), stem} & known and len(word) > 1]
    if language == "en":
        foreign = [word for word in foreign if HANGUL.search(word) or SNAKE.search(word)]
    return found + [f"no word of {language!r}: {word!r}" for word in foreign]


@lru_cache(maxsize=8)
def _known(language: str, data: frozenset[str]) -> frozenset[str]:
    own = {word.lower() for one in (*data, *NAMES_OF_LANGUAGES, *BY_LAW, *METHODS) for word in (one, *words_in(one))}
    return spoken(language) | own


@lru_cache(maxsize=8)
def _phrases(data: frozenset[str]) -> tuple[str, ...]:
    """What was written in more than a word, the longest first."""
    return tuple(sorted((one for one in data if len(one) > 3 and not one.isalnum()), key=len, reverse=True))

"""Words for people. A phrase is written in English beside the thing it names; the catalogues have it in every language.

``Text("A code of {pool}", pool="welcome")`` is a value: it can be compared, kept in a table, nested in another and
turned into words with :meth:`Text.to` once it is known who reads. Words that people wrote are no phrases of ours:
:func:`verbatim` shows them as they are.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from string import Formatter
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import core_schema

from orchestrator.core.locale import SOURCE as SOURCE
from orchestrator.core.locale import formatting
from orchestrator.core.locale.catalogue import load, locales
from orchestrator.core.locale.particles import with_particles

Locale = str
"""One of :data:`LOCALES`."""
LOCALES: tuple[Locale, ...] = locales()
"""Every language that there is a catalogue of (``core/locale``), English first."""


def closest_locale(wish: str) -> Locale | None:
    """The language of ours for a BCP 47 tag: ``ko-KR`` is Korean. None where we do not speak it."""
    wish = wish.lower()
    by_tag = {locale.lower(): locale for locale in LOCALES}
    return by_tag.get(wish) or by_tag.get(wish.split("-")[0])


@lru_cache(maxsize=1024)
def supported_locale(locale: str) -> Locale:
    """The supported locale closest to a BCP 47 tag; English where there is none."""
    return closest_locale(locale) or SOURCE


_Part = tuple[str, str | None, str]
"""Literal text, then the name of a placeholder (None at the end) and its format."""


@cache
def _parts(message: str) -> tuple[_Part, ...]:
    return tuple((text, name, spec or "") for text, name, spec, _ in Formatter().parse(message))


@cache
def placeholders(message: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(name for _, name, _ in _parts(message) if name is not None)


class Text:
    """One phrase; its placeholders take words, other texts, numbers (``{count:,}`` groups them) and dates.

    ``context`` tells two meanings of one English phrase apart. ``plural`` is the English phrase for other numbers than
    one; the parameter ``count`` decides.
    """

    __slots__ = ("_context", "_message", "_parameters", "_plural")

    def __init__(self, message: str, /, *, context: str = "", plural: str = "", **parameters: object) -> None:
        self._message = message
        self._context = context
        self._plural = plural
        self._parameters = parameters
        if parameters:
            missing = placeholders(message) - parameters.keys()
            if missing:
                raise KeyError(f"{message!r} lacks {', '.join(sorted(missing))}")

    @property
    def placeholders(self) -> frozenset[str]:
        """The names that :meth:`format` fills."""
        return placeholders(self._message)

    def format(self, /, **parameters: object) -> "Text":
        """The same phrase with its placeholders filled; what it has no place for is ignored."""
        return Text(self._message, context=self._context, plural=self._plural, **{**self._parameters, **parameters})

    def to(self, locale: str) -> str:
        """The phrase for a BCP 47 locale, in English for one that we do not speak."""
        own = supported_locale(locale)
        words = self._form(own)
        if not self._parameters:
            return words
        said: list[str] = []
        for text, name, spec in _parts(words):
            said.append(text)
            if name is not None:
                said.append(_say(self._parameters[name], spec, own))
        filled = "".join(said)
        return with_particles(filled) if own == "ko" else filled

    def _form(self, locale: Locale) -> str:
        catalogue = load(locale)
        forms = catalogue.forms(self._context, self._message)
        count = self._parameters.get("count")
        if not self._plural or not isinstance(count, int):
            return forms[0] if forms else self._message
        if not forms:
            return self._message if count == 1 else self._plural
        return forms[min(catalogue.plural_form(count), len(forms) - 1)]

    def naming(self, names: "Names") -> "Text":
        """The same, with what others named (:class:`Named`) called as they called it, where that is known."""
        told = {name: one.naming(names) for name, one in self._parameters.items() if isinstance(one, Text)}
        return self.format(**told) if told else self

    def by_locale(self) -> dict[Locale, str]:
        """In every language, as the API answers it, so that whoever shows it may switch without asking again."""
        return {locale: self.to(locale) for locale in LOCALES}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(Text)

    def _identity(self) -> tuple[Any, ...]:
        return self._message, self._context, self._plural, tuple(sorted(self._parameters.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and type(self) is type(other) and self._identity() == other._identity()

    def __hash__(self) -> int:
        try:
            return hash((type(self), self._identity()))
        except TypeError:  # a list among the parameters
            return hash((type(self), self._message, self._context, self._plural, tuple(sorted(self._parameters))))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.to(SOURCE)!r})"


def _say(value: object, spec: str, locale: Locale) -> str:
    if isinstance(value, Text):
        return value.to(locale)
    if spec == "," and isinstance(value, int | float | Decimal):
        return formatting.number(value, locale)
    return format(value, spec)


class Computed(Text):
    """Words that a function makes for a language, of values that do not depend on it."""

    __slots__ = ("_make", "_of")

    def __init__(self, make: Callable[..., str], *of: object) -> None:
        super().__init__("")
        self._make = make
        self._of = of

    def to(self, locale: str) -> str:
        return self._make(supported_locale(locale), *self._of)

    def format(self, /, **parameters: object) -> Text:
        return self

    def naming(self, names: "Names") -> Text:
        told = tuple(one.naming(names) if isinstance(one, Text) else one for one in self._of)
        return self if told == self._of else Computed(self._make, *told)

    def _identity(self) -> tuple[Any, ...]:
        return self._make, self._of


Names = Mapping[tuple[str, str], Mapping[str, str]]
"""What things of the workspace are called, by language: by kind (journey, survey, coupon_pool, template) and key."""


class Named(Computed):
    """A thing of the workspace that somebody named: told by its key, until :meth:`Text.naming` knows its name."""

    __slots__ = ()

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(_key, kind, key)

    def naming(self, names: Names) -> Text:
        kind, key = self._of
        found = names.get((str(kind), str(key)))
        return verbatim(found, str(key)) if found else self


def _key(locale: Locale, kind: str, key: str) -> str:
    return key


def verbatim(words: str | Mapping[str, str], otherwise: str | Text = "") -> Text:
    """Words that somebody wrote, by language or the same for all; ``otherwise`` where they wrote none."""
    return Computed(_verbatim, words if isinstance(words, str) else tuple(words.items()), otherwise)


def _verbatim(locale: Locale, words: str | tuple[tuple[str, str], ...], otherwise: str | Text) -> str:
    found = words if isinstance(words, str) else in_locale(dict(words), locale)
    return found or _say(otherwise, "", locale)


COMMA = Text(", ", context="separator")
AND = Text(" and ", context="separator")
OR = Text(" or ", context="separator")


def spelt_out(identity: str) -> Text:
    """An id that somebody chose, as words: the best there is where they gave it no name."""
    return verbatim(" ".join(identity.replace("_", " ").replace("-", " ").split()) or identity)


def joined(parts: Iterable[Text], separator: str | Text = COMMA) -> Text:
    """Texts one after the other. A separator with words in it has to be a text."""
    return Computed(_joined, separator, *parts)


def _joined(locale: Locale, separator: str | Text, *parts: Text) -> str:
    return _say(separator, "", locale).join(part.to(locale) for part in parts)


def shortened(text: Text, most: int) -> Text:
    """Its first characters, with an ellipsis where there are more than ``most``."""
    return Computed(_shortened, text, most)


def _shortened(locale: Locale, text: Text, most: int) -> str:
    words = text.to(locale)
    return words if len(words) <= most else f"{words[:most]}…"


def number_text(value: formatting.Number, decimals: str = "#,##0.###") -> Text:
    """A number as each language writes it; ``decimals`` is a pattern of Unicode's CLDR."""
    return Computed(_number, value, decimals)


def _number(locale: Locale, value: formatting.Number, decimals: str) -> str:
    return formatting.number(value, locale, decimals)


def moment_text(at: datetime | date | time, pattern: str) -> Text:
    """A date or time, on the clock that it is of, by one of the catalogue's patterns (context ``format``)."""
    return Computed(_moment, at, pattern)


def _moment(locale: Locale, at: datetime | date | time, pattern: str) -> str:
    return formatting.moment(at, locale, pattern)


def language_text(code: str) -> Text:
    """What a language is called; its code where nobody knows a name."""
    return Computed(_language, code)


def _language(locale: Locale, code: str) -> str:
    return formatting.language_name(code, locale)


class Frozen(BaseModel):
    """What a person writes and nobody changes: immutable, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _for_all(value: object) -> object:
    return dict.fromkeys(LOCALES, value) if isinstance(value, str) else value


LocalText = Annotated[
    dict[str, str],
    BeforeValidator(_for_all),
    Field(description="Words by language, such as {ko, en}; a plain string serves every language."),
]


def in_locale(words: Mapping[str, str], locale: str, otherwise: str = "") -> str:
    """The words for ``locale``, else its language, else any language that has them, else ``otherwise``."""
    for candidate in (locale, locale.split("-")[0], *LOCALES):
        if words.get(candidate):
            return words[candidate]
    return next((text for text in words.values() if text), otherwise)

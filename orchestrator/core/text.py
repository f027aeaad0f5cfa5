"""Every word a marketer reads stands beside the thing it names, in both languages."""

from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Locale = Literal["en", "ko"]
LOCALES: tuple[Locale, ...] = ("en", "ko")


class Text(NamedTuple):
    """One phrase in the product's two languages; ``{placeholders}`` are filled by :meth:`format`."""

    en: str
    ko: str

    def format(self, **parameters: object) -> "Text":
        """The same phrase with its placeholders filled."""
        return Text(self.en.format(**parameters), self.ko.format(**parameters))

    def to(self, locale: str) -> str:
        """The phrase for a BCP 47 locale: Korean for ``ko…``, English for all else."""
        return self.ko if locale.startswith("ko") else self.en


class Frozen(BaseModel):
    """What a person writes and nobody changes: immutable, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _both(value: object) -> object:
    return dict.fromkeys(LOCALES, value) if isinstance(value, str) else value


LocalText = Annotated[
    dict[str, str],
    BeforeValidator(_both),
    Field(description="Words by language, such as {ko, en}; a plain string serves every language."),
]


def in_locale(words: dict[str, str], locale: str, otherwise: str = "") -> str:
    """The words for ``locale``, else its language, else any language that has them, else ``otherwise``."""
    for candidate in (locale, locale.split("-")[0], *LOCALES):
        if words.get(candidate):
            return words[candidate]
    return next((text for text in words.values() if text), otherwise)

"""What these commands have in common: the language, and how they end when something cannot be used."""

import os
from collections.abc import Iterable
from typing import Annotated, NoReturn

import typer

from orchestrator.core.text import Text, supported_locale

Language = Annotated[str, typer.Option("--lang", help="ko or en; else as LANG says.")]


def locale_of(lang: str) -> str:
    """The language asked for, else the terminal's."""
    told = os.environ.get("LC_ALL") or os.environ.get("LANG", "")
    return lang or supported_locale(told.partition(".")[0].replace("_", "-"))


def plain(words: Text, locale: str) -> str:
    """Words without the marks of emphasis that pages show."""
    return words.to(locale).replace("*", "")


def fail(lines: Iterable[str]) -> NoReturn:
    """Say what is wrong, and end with code 2."""
    for line in lines:
        typer.echo(f"sojourn: {line}", err=True)
    raise typer.Exit(2)

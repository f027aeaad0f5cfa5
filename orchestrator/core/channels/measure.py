"""How long a message is on its channel, and what the channel makes of that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from orchestrator.core.channels.content import WordsProblem
from orchestrator.core.text import Text

Unit = Literal["characters", "bytes"]
UNIT_TEXT: dict[Unit, Text] = {"characters": Text("characters"), "bytes": Text("bytes")}


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """Of a message as it would go out.

    ``limit`` counts ``unit``; None: the channel has none. ``form``: what it goes out as. ``problems``: what is wrong
    with it besides its length, for whoever writes it.
    """

    characters: int
    bytes: int
    limit: int | None
    unit: Unit
    form: str
    notes: tuple[Text, ...]
    fits: bool
    problems: tuple[WordsProblem, ...] = ()


Measure = Callable[[str, str], MessageFacts]
"""Of a subject and a text."""


def unlimited(form: str) -> Measure:
    """No limit of the channel's own."""
    return lambda subject, body: _counted(body, None, "characters", form)


def at_most(limit: int, unit: Unit, form: str, *, with_subject: bool = False) -> Measure:
    """``limit`` characters, or bytes of UTF-8, of the text, or of subject and text together."""
    return lambda subject, body: _counted(subject + body if with_subject else body, limit, unit, form)


def _counted(text: str, limit: int | None, unit: Unit, form: str) -> MessageFacts:
    characters, size = len(text), len(text.encode())
    measured = characters if unit == "characters" else size
    fits = limit is None or measured <= limit
    notes = () if fits or limit is None else (too_long(measured, limit, unit),)
    return MessageFacts(characters, size, limit, unit, form, notes, fits)


def too_long(measured: int, limit: int, unit: Unit) -> Text:
    """What is said of a message that is longer than its channel carries."""
    return Text(
        "{measured:,} {of}, more than the {limit:,} that this channel carries. Shorten it.",
        measured=measured,
        of=UNIT_TEXT[unit],
        limit=limit,
    )

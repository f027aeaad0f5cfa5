"""Values that stand for those of a person: of the same type, the same one for the same, and nobody's."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from orchestrator.core.journey.plan import Plan

_DATE = re.compile(r"(\d{4})(-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[\d\s().-]{8,20}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")
LONG_AGO = 10
"""A date so many years from the run is one of a person's life (their birthday): its year is another's."""
_LEAP = "2000"
_LIKE_AN_ID = 10**9


class MadeUp:
    """Replaces what customers are called, have and wrote. Words that the journey itself has (values that conditions
    compare with, the names of its steps) stay, as do numbers, truths and dates near the run: they are no person's."""

    def __init__(self, plan: Plan, began: datetime) -> None:
        self._own = frozenset(_words(json.loads(plan.body)))
        self._began = began
        self._texts: dict[str, str] = {}
        self._numbers: dict[int, int] = {}

    def value(self, name: str, value: Any) -> Any:
        """In the place of a value of that name."""
        if isinstance(value, str):
            return self.text(name, value)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LIKE_AN_ID:
            return self._numbers.setdefault(value, _LIKE_AN_ID + len(self._numbers) + 1)
        if isinstance(value, Mapping):
            return {key: self.value(key, one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(name, one) for one in value]
        return value

    def text(self, name: str, text: str) -> str:
        """In the place of a text."""
        if text in self._own or not text:
            return text
        date = _DATE.fullmatch(text)
        if date is not None:
            near = abs(int(date[1]) - self._began.year) < LONG_AGO
            return text if near else f"{_LEAP}{date[2]}"
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = self._new(name, text, len(self._texts) + 1)
        return found

    @staticmethod
    def _new(name: str, text: str, n: int) -> str:
        if _EMAIL.fullmatch(text):
            return f"someone-{n}@example.com"
        if text.startswith(("http://", "https://")):
            return f"https://example.com/{n}"
        if re.fullmatch(r"\d+", text):
            return str(n).zfill(len(text))
        if _PHONE.fullmatch(text):
            return f"+8210{n:08d}"
        return f"{name if _NAME.fullmatch(name) else 'text'}-{n}"


class Unchanged(MadeUp):
    """Replaces nothing: for what is played before the eyes of somebody who may see the customer, and kept nowhere."""

    def value(self, name: str, value: Any) -> Any:
        """The value itself."""
        return value


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for name, value in node.items():
            yield name
            yield from _words(value)
    elif isinstance(node, Sequence):
        for value in node:
            yield from _words(value)

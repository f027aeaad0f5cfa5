"""How consents stand, read plainly: every word that was ever said, in a list, gone through anew for each question.

Written apart from the product, from the rules alone (docs/consents.md), so that the two can be held to each other.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Word:
    """Somebody said yes or no to one consent. ``act``: the customer themselves."""

    name: str
    granted: bool
    at: datetime
    act: bool


@dataclass
class Reading:
    """All that was said of each person."""

    words: dict[str, list[Word]] = field(default_factory=lambda: defaultdict(list))

    def hear(self, person: str, word: Word) -> None:
        self.words[person].append(word)

    def stands(self, person: str) -> dict[str, bool]:
        """Of every consent that was spoken of."""
        return {name: self._stands(person, name) for name in {word.name for word in self.words[person]}}

    def merge(self, known: str, other: str) -> None:
        """They are one person: all was said of ``known``, and a no of either outweighs the other's yes for good."""
        one, two = self.stands(known), self.stands(other)
        self.words[known] += self.words.pop(other, [])
        for name in one.keys() & two.keys():
            if one[name] != two[name]:
                newest = max(word.at for word in self.words[known] if word.name == name)
                self.hear(known, Word(name, False, newest, act=True))

    def _stands(self, person: str, name: str) -> bool:
        channel = name.removesuffix(":night")
        own = [word for word in self.words[person] if word.name == name]
        by_day = [word for word in self.words[person] if word.name == channel and word.act and not word.granted]
        acts = [word for word in own if word.act] + (by_day if name != channel else [])
        statement = _last([word for word in own if not word.act])
        act = _last(acts)
        if act is None:
            return statement is not None and statement.granted
        if not act.granted:
            return False
        return statement is None or statement.granted or statement.at <= act.at


def _last(words: list[Word]) -> Word | None:
    """The newest; of several of one instant, a no."""
    return max(words, key=lambda word: (word.at, not word.granted), default=None)

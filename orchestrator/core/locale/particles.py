"""Korean particles by the sound of the word before them: 이/가, 을/를, 은/는, 과/와, 으로/로."""

import re

_SYLLABLES = range(0xAC00, 0xD7A4)
_RIEUL = 8
"""Index of the final ㄹ among the 28 finals of a precomposed Hangul syllable (Unicode 3.12, conjoining jamo)."""
_DIGIT_FINALS = {"0": 21, "1": _RIEUL, "3": 16, "6": 1, "7": _RIEUL, "8": _RIEUL, "2": 0, "4": 0, "5": 0, "9": 0}
"""Final of each digit as read in Korean (영 일 이 삼 …); ten, hundred, thousand end in consonants too."""
_END = 1_000
"""Letters of a word's end that are looked at for its sound."""


_OPEN = re.compile(r"이\(가\)|을\(를\)|은\(는\)|과\(와\)|\(으\)로|\(이\)라")
_PAIRS = {
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)라": ("이라", "라"),
}


def with_particles(text: str) -> str:
    """A filled Korean phrase with each open particle, such as ``이(가)``, as the word before it asks.

    It stays open where the sound of a foreign word cannot be told.
    """
    if "(" not in text:
        return text
    return _OPEN.sub(lambda found: particle(text[: found.start()], *_PAIRS[found.group()]), text)


def particle(before: str, after_consonant: str, after_vowel: str) -> str:
    """The form that follows ``before``; both, as Korean usage has it, where its sound cannot be told: ``을(를)``."""
    final = _final(_said_aloud(before[-_END:])[-2:])
    if final is None:
        return _both(after_consonant, after_vowel)
    to_or_by = after_consonant == f"으{after_vowel}"  # 으로/로, 으로서/로서: ㄹ counts as a vowel
    return after_consonant if final not in ((0, _RIEUL) if to_or_by else (0,)) else after_vowel


def _said_aloud(text: str) -> str:
    """The text without the brackets and signs at its end."""
    end = len(text)
    while end:
        last = text[end - 1]
        if last == ")":
            opened, closed = text.rfind("(", 0, end), text.rfind(")", 0, end - 1)
            end = opened if opened > closed else end - 1
        elif last.isalnum() or last == "_":
            break
        else:
            end -= 1
    return text[:end]


def _final(end: str) -> int | None:
    """Number of the last syllable's final consonant, 0 for none, None where the sound cannot be told."""
    last = end[-1:].lower()
    if last and ord(last) in _SYLLABLES:
        return (ord(last) - _SYLLABLES.start) % 28
    if last in _DIGIT_FINALS:
        return _DIGIT_FINALS[last]
    if last == "l":
        return _RIEUL
    if last in {"m", "n"} or end.lower() == "ng":
        return 16
    return 0 if last and last in "aeiouy" and end[-2:].lower() != "ue" and last != "e" else None


def _both(after_consonant: str, after_vowel: str) -> str:
    if after_consonant.endswith(after_vowel):
        return f"({after_consonant.removesuffix(after_vowel)}){after_vowel}"
    return f"{after_consonant}({after_vowel})"

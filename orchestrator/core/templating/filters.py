"""The filters that templates have: Jinja's harmless ones, bounded ones in place of those that can explode, and ours.

Ours for marketers: ``won``, ``number``, ``date`` and ``josa``. A value that a filter of ours cannot read is printed as
it is; an unset one stays unset, so that ``{{ entry.price | won | default('-') }}`` means what it says.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Undefined
from jinja2.filters import FILTERS as JINJA_FILTERS

from orchestrator.core.templating.sandbox import MAX_OUTPUT, RENDERING, TooMuch, bounded

_JINJA = (
    *("default", "d", "upper", "lower", "title", "capitalize", "trim", "truncate", "striptags", "escape", "e"),
    *("length", "count", "first", "last", "min", "max", "sum", "sort", "unique", "reverse", "list", "items"),
    *("map", "select", "reject", "selectattr", "rejectattr", "int", "float", "abs", "string", "urlencode", "dictsort"),
)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value).replace(",", "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 30 else None


def won(value: Any) -> Any:
    """Korean won, which have no decimals: ``12300`` → ``₩12,300``."""
    amount = _decimal(value)
    if amount is None:
        return value
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
    return f"{'-' if whole < 0 else ''}₩{abs(whole):,}"


def number(value: Any, decimals: int | None = None) -> Any:
    """Digits in groups of three; ``decimals`` rounds (halves away from zero), at most six."""
    amount = _decimal(value)
    if amount is None:
        return value
    if decimals is None:
        return f"{amount:,f}"
    return f"{amount.quantize(Decimal(1).scaleb(-max(0, min(int(decimals), 6))), ROUND_HALF_UP):,f}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_KO_DAYS = "월화수목금토일"
_NAMED: dict[str, tuple[str, str]] = {
    "long": ("{B} {d}, {Y}", "{Y}년 {m}월 {d}일"),
    "short": ("{b} {d}, {Y}", "{Y}. {m}. {d}."),
    "month_day": ("{B} {d}", "{m}월 {d}일"),
    "weekday": ("{A}, {B} {d}", "{m}월 {d}일({a})"),
    "time": ("{I}:{M} {p}", "{p} {I}:{M}"),
    "datetime": ("{B} {d}, {Y}, {I}:{M} {p}", "{Y}년 {m}월 {d}일 {p} {I}:{M}"),
}
DATE_FORMATS = tuple(_NAMED)


def format_date(value: Any, format: str = "long", locale: str = "") -> Any:
    """A date or instant (ISO 8601) in words, in the customer's language and zone unless ``locale`` says otherwise.

    ``format``: one of :data:`DATE_FORMATS`, or a pattern of ``%Y %m %d %H %M``, such as ``%Y-%m-%d``.
    """
    state = RENDERING.get()
    moment = _moment(value, state.tz)
    if moment is None:
        return value
    korean = (locale or state.locale).startswith("ko")
    if format not in _NAMED:
        return re.sub("%[YmdHM]", lambda found: moment.strftime(found.group()), str(format))
    morning = moment.hour < 12
    return _NAMED[format][korean].format(
        Y=moment.year,
        m=moment.month,
        d=moment.day,
        B=_MONTHS[moment.month - 1],
        b=_MONTHS[moment.month - 1][:3],
        A=_DAYS[moment.weekday()],
        a=_KO_DAYS[moment.weekday()],
        I=moment.hour % 12 or 12,
        M=f"{moment.minute:02d}",
        p=("오전" if morning else "오후") if korean else ("AM" if morning else "PM"),
    )


def _moment(value: Any, tz: ZoneInfo) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.astimezone(tz) if value.tzinfo else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a date has no zone
    return None


_SYLLABLES = range(0xAC00, 0xD7A4)
_RIEUL = 8
"""Index of the final ㄹ among the 28 finals of a precomposed Hangul syllable (Unicode 3.12, conjoining jamo)."""
_DIGIT_FINALS = {"0": 21, "1": _RIEUL, "3": 16, "6": 1, "7": _RIEUL, "8": _RIEUL, "2": 0, "4": 0, "5": 0, "9": 0}
"""Final of each digit as read in Korean (영 일 이 삼 …); ten, hundred, thousand end in consonants too."""
_ASIDE = re.compile(r"(?:\([^()]*\)|[^\w])+$")


def josa(word: Any, pair: str) -> str:
    """The word with the particle that its sound asks for: ``josa('을/를')``, ``'이/가'``, ``'은/는'``, ``'과/와'``,
    ``'으로/로'``, … the form after a consonant first.

    A trailing bracket or punctuation is not read. Latin words are judged by their last letter where that is safe, and
    otherwise get both, as Korean usage has it: ``Nike을(를)``.
    """
    text = str(word)
    if isinstance(word, Undefined):
        return ""
    after_consonant, slash, after_vowel = str(pair).partition("/")
    if not slash:
        return bounded(text + after_consonant)
    final = _final(_ASIDE.sub("", text)[-2:])
    if final is None:
        return bounded(text + _both(after_consonant, after_vowel))
    to_or_by = after_consonant == f"으{after_vowel}"  # 으로/로, 으로서/로서: ㄹ counts as a vowel
    consonant = final not in ((0, _RIEUL) if to_or_by else (0,))
    return bounded(text + (after_consonant if consonant else after_vowel))


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


def _round(value: Any, precision: int = 0) -> Any:
    if isinstance(value, Undefined):
        return value
    result = round(float(value), max(-15, min(int(precision), 15)))
    return int(result) if precision <= 0 else result


def _replace(value: Any, old: Any, new: Any) -> str:
    text, old, new = str(value), str(old), str(new)
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_OUTPUT:
        raise TooMuch("text")
    return text.replace(old, new)


def _join(values: Iterable[Any], separator: Any = "") -> str:
    parts = [str(value) for value in values]
    between = str(separator)
    if sum(map(len, parts)) + len(between) * len(parts) > MAX_OUTPUT:
        raise TooMuch("text")
    return between.join(parts)


FILTERS: dict[str, Callable[..., Any]] = {
    **{name: JINJA_FILTERS[name] for name in _JINJA},
    "round": _round,
    "replace": _replace,
    "join": _join,
    "won": won,
    "number": number,
    "date": format_date,
    "josa": josa,
}
"""By name, as templates call them."""

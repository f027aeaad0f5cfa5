"""The filters that templates have: Jinja's harmless ones, bounded ones in place of those that can explode, and ours.

Ours for marketers: ``won``, ``number``, ``date`` and ``josa``. A value that a filter of ours cannot read is printed as
it is; an unset one stays unset, so that ``{{ entry.price | won | default('-') }}`` means what it says.
"""

import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from html import unescape
from typing import Any

from jinja2 import Environment, Undefined, pass_environment
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.filters import make_attrgetter

from orchestrator.core.locale.particles import particle
from orchestrator.core.templating.budget import MAX_OUTPUT, TooMuch, bounded, text_of
from orchestrator.core.templating.sandbox import RENDERING
from orchestrator.core.timing import local_moment

_JINJA = {
    0: ("default", "d", "length", "count", "first", "last", "abs"),
    8: ("upper", "lower", "capitalize", "truncate", "escape", "e", "string"),
    1: (
        *("title", "min", "max", "sort", "unique", "reverse", "list", "items", "urlencode", "dictsort"),
        *("map", "select", "reject", "selectattr", "rejectattr"),
    ),
}
_MOST_DIGITS = 60
"""Letters of a text that may be a number, and digits of one that is written out."""
_EXACT = Context(prec=2 * _MOST_DIGITS)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if (isinstance(value, int) and value.bit_length() > 100) or (isinstance(value, str) and len(value) > _MOST_DIGITS):
        return None
    try:
        number = Decimal(str(value).replace(",", "").strip())
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -_MOST_DIGITS <= exponent <= _MOST_DIGITS:
        return None  # infinite, no number, or one whose digits would fill the memory
    return number if abs(number) < 10**30 else None


def won(value: Any) -> Any:
    """Korean won, which have no decimals: ``12300`` → ``₩12,300``."""
    amount = _decimal(value)
    if amount is None:
        return value
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP, _EXACT)
    return f"{'-' if whole < 0 else ''}₩{abs(whole):,}"


def number(value: Any, decimals: int | None = None) -> Any:
    """Digits in groups of three; ``decimals`` rounds (halves away from zero), at most six."""
    amount = _decimal(value)
    if amount is None:
        return value
    if decimals is None:
        return f"{amount:,f}"
    return f"{amount.quantize(Decimal(1).scaleb(-max(0, min(int(decimals), 6))), ROUND_HALF_UP, _EXACT):,f}"


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
    moment = local_moment(value, state.tz)
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


def josa(word: Any, pair: str) -> str:
    """The word with the particle that its sound asks for: ``josa('을/를')``, ``'이/가'``, ``'은/는'``, ``'과/와'``,
    ``'으로/로'``, … the form after a consonant first.

    A trailing bracket or punctuation is not read. Latin words are judged by their last letter where that is safe, and
    otherwise get both, as Korean usage has it: ``Nike을(를)``.
    """
    text = text_of(word)
    if isinstance(word, Undefined):
        return ""
    after_consonant, slash, after_vowel = text_of(pair).partition("/")
    return bounded(text + (particle(text, after_consonant, after_vowel) if slash else after_consonant))


def _round(value: Any, precision: int = 0) -> Any:
    if isinstance(value, Undefined):
        return value
    result = round(_float(value), max(-15, min(int(precision), 15)))
    return int(result) if precision <= 0 else result


def _int(value: Any, default: Any = 0, base: int = 10) -> Any:
    if isinstance(value, str) and len(value) > _MOST_DIGITS:
        return default
    return JINJA_FILTERS["int"](value, default, base)


def _float(value: Any, default: float = 0.0) -> Any:
    if isinstance(value, str) and len(value) > _MOST_DIGITS:
        return default
    return JINJA_FILTERS["float"](value, default)


def _trim(value: Any, chars: str | None = None) -> Any:
    if chars is not None and len(chars) > _MOST_DIGITS:
        raise TooMuch("trim")
    return JINJA_FILTERS["trim"](value, chars)


@pass_environment
def _sum(environment: Environment, values: Iterable[Any], attribute: str | int | None = None, start: Any = 0) -> Any:
    """Each sum on the way is bounded: of lists, it is a copy."""
    read = make_attrgetter(environment, attribute) if attribute is not None else None
    for value in values:
        start = environment.call_binop(None, "+", start, read(value) if read else value)  # type: ignore[attr-defined]
    return start


def _replace(value: Any, old: Any, new: Any) -> str:
    text, old, new = text_of(value), text_of(old), text_of(new)
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_OUTPUT:
        raise TooMuch("text")
    return text.replace(old, new)


def _join(values: Iterable[Any], separator: Any = "") -> str:
    parts = [text_of(value) for value in values]
    between = text_of(separator)
    if sum(map(len, parts)) + len(between) * len(parts) > MAX_OUTPUT:
        raise TooMuch("text")
    return between.join(parts)


def _striptags(value: Any) -> str:
    """Without comments and tags, with single blanks and without entities, as MarkupSafe does it, but in one passage."""
    text = _without(_without(text_of(value), "<!--", "-->"), "<", ">")
    return unescape(" ".join(text.split()))


def _without(text: str, opening: str, closing: str) -> str:
    parts, at = [], 0
    while (begins := text.find(opening, at)) >= 0 and (ends := text.find(closing, begins)) >= 0:
        parts.append(text[at:begins])
        at = ends + len(closing)
    return "".join((*parts, text[at:]))


_OURS: dict[str, tuple[Callable[..., Any], int]] = {
    "round": (_round, 0),
    "int": (_int, 0),
    "float": (_float, 0),
    "won": (won, 0),
    "number": (number, 0),
    "date": (format_date, 8),
    "josa": (josa, 8),
    "trim": (_trim, 8),
    "replace": (_replace, 2),
    "join": (_join, 1),
    "striptags": (_striptags, 1),
    "sum": (_sum, 1),
}
FILTERS: dict[str, tuple[Callable[..., Any], int]] = {
    **{name: (JINJA_FILTERS[name], letters) for letters, names in _JINJA.items() for name in names},
    **_OURS,
}
"""By name, as templates call them; with each, how many letters of what it is given cost a unit of work, which is what
about a quarter of a microsecond is good for. 0: its time does not depend on what it is given."""

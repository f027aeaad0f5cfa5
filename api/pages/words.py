"""The console's words in both languages (``web/locale``), and how numbers and instants are written."""

import json
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

from markupsafe import Markup, escape
from starlette.requests import Request

from orchestrator.core.channels.contacts import contact_title
from orchestrator.core.channels.registry import CHANNELS, channel_title
from orchestrator.core.formatting import span
from orchestrator.core.text import LOCALES, Locale
from orchestrator.core.timing import zone
from web import FOLDER

COOKIE = "sojourn_language"

Form = Literal["minute", "second", "day", "weekday", "time", "recent"]
"""How exactly an instant is written; ``recent``: without the year, to the second."""
_FORMS: dict[Locale, dict[Form, str]] = {
    "ko": {
        "minute": "{at:%Y.%m.%d %H:%M}",
        "second": "{at:%Y.%m.%d %H:%M:%S}",
        "day": "{at:%Y.%m.%d}",
        "weekday": "{at:%Y.%m.%d} ({weekday})",
        "time": "{at:%H:%M}",
        "recent": "{at:%m.%d %H:%M:%S}",
    },
    "en": {
        "minute": "{month} {at.day}, {at.year} {at:%H:%M}",
        "second": "{month} {at.day}, {at.year} {at:%H:%M:%S}",
        "day": "{month} {at.day}, {at.year}",
        "weekday": "{weekday}, {month} {at.day}, {at.year}",
        "time": "{at:%H:%M}",
        "recent": "{month} {at.day} {at:%H:%M:%S}",
    },
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS: dict[Locale, str | tuple[str, ...]] = {
    "ko": "월화수목금토일",
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


@lru_cache(maxsize=2)
def load_words(locale: Locale) -> dict[str, str]:
    """All words of a language by key."""
    words: dict[str, str] = json.loads((FOLDER / "locale" / f"{locale}.json").read_text(encoding="utf-8"))
    return words


def choose_locale(request: Request) -> Locale:
    """What the reader chose, else the first of their browser's languages that we speak, else English."""
    chosen = request.cookies.get(COOKIE, "")
    wishes = [chosen, *_accepted(request.headers.get("accept-language", ""))]
    for wish in wishes:
        for locale in LOCALES:
            if wish.lower().split("-")[0] == locale:
                return locale
    return "en"


def _accepted(header: str) -> list[str]:
    ranked: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        language, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((float(quality or 1), language))
        except ValueError:
            continue
    return [language for quality, language in sorted(ranked, key=lambda one: -one[0]) if quality > 0]


class Words:
    """The words of one reader: ``words("nav.runs")``, ``words("time.ahead", length="3 days")``."""

    def __init__(self, locale: Locale, where: str) -> None:
        self.locale: Locale = locale
        self.zone = zone(where)
        self._words = load_words(locale)

    def __call__(self, key: str, **parameters: object) -> str:
        """The words of a key. An unknown key is a mistake of ours: KeyError."""
        return self._words[key].format(**parameters) if parameters else self._words[key]

    def of(self, family: str, value: object) -> str:
        """The words for a value of a closed set, such as a status; one that is not known is shown as it is."""
        return self._words.get(f"{family}.{value}", str(value))

    def channel(self, name: str) -> str:
        """What a channel is called; its name where there is no such channel any more."""
        return channel_title(name).to(self.locale)

    def channel_to_customers(self, name: str) -> str:
        """What customers call it."""
        return (CHANNELS[name].to_customers if name in CHANNELS else channel_title(name)).to(self.locale)

    def contact(self, kind: str) -> str:
        """What a kind of contact is called."""
        return contact_title(kind).to(self.locale)

    def number(self, value: float | None) -> str:
        """In groups of three; up to two decimals where there are any."""
        if value is None:
            return "–"
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"

    def local(self, at: datetime | None, form: Form = "minute") -> str:
        """In the workspace's zone, as the language writes it."""
        if at is None:
            return ""
        here = at.astimezone(self.zone)
        named = {"month": _MONTHS[here.month - 1], "weekday": _WEEKDAYS[self.locale][here.weekday()]}
        return _FORMS[self.locale][form].format(at=here, **named)

    def instant(self, at: datetime | None, form: Form = "minute") -> Markup:
        """An instant as HTML; the exact one, with its zone, on hover."""
        if at is None:
            return Markup("–")
        exact = f"{self.local(at, 'second')} {self.zone.key}"
        iso = at.astimezone(UTC).isoformat()
        return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, exact, self.local(at, form))

    def away(self, at: datetime, now: datetime) -> str:
        """How far ahead or back an instant lies: "in 3 days", "3일 뒤"."""
        distance = abs(at - now)
        if distance < timedelta(minutes=1):
            return self("time.now")
        length = span(_coarse(distance)).to(self.locale)
        return self("time.ahead", length=length) if at > now else self("time.ago", length=length)

    def due(self, at: datetime, now: datetime) -> str:
        """How far off a deadline is; one that has passed is being acted on."""
        return self.away(at, now) if at > now else self("time.due")

    def emphasised(self, line: str) -> Markup:
        """One line in words; what stands between asterisks is a name."""
        parts = str(escape(line)).split("*")
        if len(parts) % 2 == 0:
            return Markup("*".join(parts))  # noqa: S704 - escaped above
        return Markup("".join(f"<em>{part}</em>" if n % 2 else part for n, part in enumerate(parts)))  # noqa: S704


def _coarse(length: timedelta) -> timedelta:
    """Days for what is days away, hours for hours."""
    for unit in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)):
        if length >= unit:
            return length // unit * unit
    return length


def compact(value: Any, most: int = 60) -> str:
    """A JSON value in one short line."""
    line = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return line if len(line) <= most else f"{line[: most - 1]}…"

"""The console's words, and how numbers and instants are written, in the language of whoever reads."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from markupsafe import Markup, escape
from starlette.requests import Request

from orchestrator.core.channels.contacts import contact_title
from orchestrator.core.channels.registry import CHANNELS, channel_title
from orchestrator.core.formatting import span
from orchestrator.core.locale import SOURCE, formatting
from orchestrator.core.locale.catalogue import load
from orchestrator.core.locale.particles import with_particles
from orchestrator.core.text import LOCALES, Locale, closest_locale
from orchestrator.core.timing import zone

COOKIE = "sojourn_language"

Form = Literal["minute", "second", "day", "weekday", "time", "recent"]
"""How exactly an instant is written, by the catalogue's patterns; ``recent``: without the year, to the second."""


def choose_locale(request: Request) -> Locale:
    """What the reader chose, else the first of their browser's languages that we speak, else English."""
    chosen = request.cookies.get(COOKIE, "")
    wishes = [chosen, *_accepted(request.headers.get("accept-language", ""))]
    return next((found for wish in wishes if (found := closest_locale(wish)) is not None), SOURCE)


def _accepted(header: str) -> list[str]:
    ranked: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        language, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((float(quality or 1), language))
        except ValueError:
            continue
    return [language for quality, language in sorted(ranked, key=lambda one: -one[0]) if quality > 0]


def languages() -> list[tuple[Locale, str]]:
    """The languages to choose from, each by its own name; English, which most people find anywhere, comes last."""
    return [(locale, load(locale).name) for locale in (*LOCALES[1:], LOCALES[0])]


class Words:
    """The words of one reader: ``words("nav.runs")``, ``words("time.ahead", length="3 days")``."""

    def __init__(self, locale: Locale, time_zone: str) -> None:
        self.locale: Locale = locale
        self.zone = zone(time_zone)
        self._words = load(locale).of_context("console")
        self._plural_form = load(locale).plural_form

    def __call__(self, key: str, **parameters: object) -> str:
        """The words of a key; ``count`` decides between plural forms. An unknown key is a mistake of ours: KeyError."""
        forms, count = self._words[key], parameters.get("count")
        if len(forms) > 1 and isinstance(count, int):
            filled = forms[self._plural_form(count)].format(**{**parameters, "count": self.number(count)})
        else:
            filled = forms[-1].format(**parameters) if parameters else forms[-1]
        return with_particles(filled) if self.locale == "ko" and parameters else filled

    def of(self, family: str, value: object) -> str:
        """The words for a value of a closed set, such as a status; one that is not known is shown as it is."""
        forms = self._words.get(f"{family}.{value}")
        return forms[0] if forms else str(value)

    def maker(self, name: str) -> str:
        """Who made or changed something: a person's name; in words, where it was none."""
        return self.of("maker", name)

    def channel(self, name: str) -> str:
        """What a channel is called; its name where there is no such channel any more."""
        return channel_title(name).to(self.locale)

    def channel_to_customers(self, name: str) -> str:
        """What customers call it."""
        return (CHANNELS[name].to_customers if name in CHANNELS else channel_title(name)).to(self.locale)

    def contact(self, kind: str) -> str:
        """What a kind of contact is called."""
        return contact_title(kind).to(self.locale)

    def language(self, code: str) -> str:
        """What a language of ours calls itself; another by its name in the reader's language."""
        return load(code).name if code in LOCALES else self.called(code)

    def called(self, code: str) -> str:
        """What the reader's language calls another."""
        return formatting.language_name(code, self.locale)

    def country(self, code: str) -> str:
        """What the reader's language calls a country."""
        return formatting.country_name(code, self.locale)

    def number(self, value: float | None) -> str:
        """In groups of three; two decimals where there are any."""
        if value is None:
            return "–"
        return formatting.number(value, self.locale, "#,##0" if float(value).is_integer() else "#,##0.00")

    def local(self, at: datetime | None, form: Form = "minute") -> str:
        """In the workspace's zone, as the language writes it."""
        return "" if at is None else formatting.moment(at.astimezone(self.zone), self.locale, form)

    def day(self, on: date) -> str:
        """A day of the calendar."""
        return formatting.moment(on, self.locale, "day")

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

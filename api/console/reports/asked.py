"""What a page of reports is asked for: filters out of its address, as the fields of its form show them again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, get_args
from urllib.parse import urlencode

from api.pages.view import View
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.lifecycle import STAGE_TITLES
from orchestrator.core.measures.filters import MOST_DAYS, Attribution, Filters
from orchestrator.core.text import Text
from orchestrator.store.segments.documents import list_segments

PERIODS: Mapping[str, int] = {"7d": 7, "30d": 30, "90d": 90, "12m": 365}
"""Days, today the last of them."""
_PLAIN = frozenset({"segment", "stage", "channel", "journey", "version", "currency"})
"""Filters that are one parameter of their own name."""
USUAL = "90d"
OWN = "own"
ATTRIBUTIONS: tuple[str, ...] = get_args(Attribution)
WINDOWS = (1, 3, 7, 14, 30)
"""Days after a message within which an order may be put down to it."""
_NO_DATE = Text("This is not a date. Write it as year-month-day, such as 2026-11-30.")
_BACKWARDS = Text("The first day comes after the last one. Choose an earlier first day.")
_TOO_LONG = Text("A period can be {days:,} days at most. Choose a later first day.", days=MOST_DAYS)
_UNKNOWN: Mapping[str, Text] = {
    "segment": Text("There is no segment with this key. It may have been archived. Choose another."),
    "stage": Text("There is no lifecycle stage with this name. Choose another."),
    "channel": Text("There is no channel with this name. Choose another."),
    "journey": Text("There is no journey with this key. It may have been deleted. Choose another."),
    "currency": Text("A currency has three letters, such as KRW or USD."),
    "version": Text("A version is a whole number, from 1."),
    "attribution": Text("Choose one of the listed attribution methods."),
    "window_days": Text("The attribution window is a number of days from 1 to 90."),
    "period": Text("There is no such period. Choose another, or dates of your own."),
    "attribute": Text("Give both the attribute's name and its value."),
}


@dataclass(frozen=True)
class Asked:
    """The filters of a page.

    Attributes:
        given: The parameters of the address as they were written, for the form.
        period: One of :data:`PERIODS`, or ``own``.
        compare: Whether the period before is shown as well.
        filters: None where something is wrong.
        wrong: What is, by field.
    """

    given: Mapping[str, str]
    period: str
    since: date
    last: date
    compare: bool
    filters: Filters | None
    wrong: Mapping[str, str] = field(default_factory=dict)

    def page_address(self, **more: str) -> str:
        """The query of ``/reports/…`` that asks for the same."""
        days = {"from": self.since.isoformat(), "to": self.last.isoformat()} if self.period == OWN else {}
        kept = {name: value for name, value in self.given.items() if name not in ("period", "from", "to")}
        return urlencode({"period": self.period, **days, **kept, **more})

    def address(self, **more: str) -> str:
        """The query of ``/api/measures/…`` that asks for the same."""
        found = self.filters
        if found is None:
            return ""
        named = {
            "since": found.since,
            "until": found.until,
            "segment": found.segment,
            "stage": found.stage,
            "attribute": f"{found.attribute}={found.attribute_value}" if found.attribute else None,
            "currency": found.currency,
            "journey": found.journey,
            "version": found.version,
            "channel": found.channel,
            "attribution": found.attribution if "attribution" in self.given else None,
            "window_days": found.window_days if "window_days" in self.given else None,
        }
        return urlencode({name: str(value) for name, value in {**named, **more}.items() if value not in (None, "")})


@dataclass(frozen=True)
class Choices:
    """What the fields of a report's form offer: titles in the reader's language by key."""

    segments: Mapping[str, str]
    journeys: Mapping[str, str]
    stages: Mapping[str, str]
    channels: Mapping[str, str]


async def load_choices(view: View) -> Choices:
    """What there is to choose from now."""
    segments = {
        one.key: view.name(one.document.name, one.key)
        for one in await list_segments(view.engine)
        if not one.archived_at
    }
    stages = {stage: view.stage(stage) for stage in STAGE_TITLES}
    channels = {name: view.words.channel(name) for name in CHANNELS}
    return Choices(segments, await view.journey_names(), stages, channels)


def read(view: View, choices: Choices, takes: Iterable[str], usual: str = USUAL) -> Asked:
    """The filters in the address of this page. ``takes``: those that the report knows; others are left aside.
    ``usual``: the period where none is asked for."""
    given = {name: value.strip() for name, value in view.request.query_params.items() if value.strip()}
    wrong: dict[str, Text] = {}
    period, since, last = _period(view, given, usual, wrong)
    values = {name: given.get(name) for name in takes if name in _PLAIN}
    _check(values, choices, wrong)
    values |= _attribute(given, takes, wrong) | _attribution(given, takes, wrong)
    filters = None
    if not wrong:
        kept: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
        if "version" in kept:
            kept["version"] = int(kept["version"])
        if "currency" in kept:
            kept["currency"] = kept["currency"].upper()
        filters = Filters(since, last + timedelta(days=1), view.words.zone.key, **kept)
    said = {name: text.to(view.locale) for name, text in wrong.items()}
    return Asked(given, period, since, last, given.get("compare") == "previous", filters, said)


def _period(view: View, given: Mapping[str, str], usual: str, wrong: dict[str, Text]) -> tuple[str, date, date]:
    today = view.now.astimezone(view.words.zone).date()
    period = given.get("period", OWN if "from" in given or "to" in given else usual)
    if period in PERIODS:
        return period, today - timedelta(days=PERIODS[period] - 1), today
    if period != OWN:
        wrong["period"] = _UNKNOWN["period"]
    last = _day(given, "to", today, wrong)
    since = _day(given, "from", last - timedelta(days=PERIODS[USUAL] - 1), wrong)
    if since > last:
        wrong.setdefault("from", _BACKWARDS)
    elif (last - since).days >= MOST_DAYS:
        wrong.setdefault("from", _TOO_LONG)
    return OWN, since, last


def _day(given: Mapping[str, str], name: str, otherwise: date, wrong: dict[str, Text]) -> date:
    if name not in given:
        return otherwise
    try:
        found = date.fromisoformat(given[name])
    except ValueError:
        wrong[name] = _NO_DATE
        return otherwise
    if not 1990 <= found.year <= 2200:
        wrong[name] = _NO_DATE
        return otherwise
    return found


def _check(values: Mapping[str, str | None], choices: Choices, wrong: dict[str, Text]) -> None:
    known: dict[str, Iterable[str]] = {
        "segment": choices.segments,
        "journey": choices.journeys,
        "stage": choices.stages,
        "channel": choices.channels,
    }
    for name, value in values.items():
        if value is None:
            continue
        bad = (
            (name in known and value not in known[name])
            or (name == "currency" and not (len(value) == 3 and value.isascii() and value.isalpha()))
            or (name == "version" and not (value.isascii() and value.isdecimal() and 0 < int(value[:10]) < 1_000_000))
        )
        if bad:
            wrong[name] = _UNKNOWN[name]


def _attribute(given: Mapping[str, str], takes: Iterable[str], wrong: dict[str, Text]) -> dict[str, str | None]:
    if "attribute" not in takes:
        return {}
    found = {"attribute": given.get("attribute"), "attribute_value": given.get("attribute_value")}
    if (found["attribute"] is None) != (found["attribute_value"] is None):
        wrong["attribute"] = _UNKNOWN["attribute"]
    return found


def _attribution(given: Mapping[str, str], takes: Iterable[str], wrong: dict[str, Text]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "attribution" in takes and "attribution" in given:
        found["attribution"] = given["attribution"]
        if given["attribution"] not in ATTRIBUTIONS:
            wrong["attribution"] = _UNKNOWN["attribution"]
    window = given.get("window_days")
    if "window_days" in takes and window is not None:
        if window.isascii() and window.isdecimal() and 0 < int(window[:6]) <= 90:
            found["window_days"] = int(window)
        else:
            wrong["window_days"] = _UNKNOWN["window_days"]
    return found

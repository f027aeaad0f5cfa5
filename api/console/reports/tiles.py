"""The five measures as tiles: value, change, what it is made of, and how it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.console.reports.cells import money
from api.console.reports.results import Result
from api.pages.view import View
from orchestrator.core.locale import formatting

TILES = ("clv", "churn_rate", "repeat_purchase_rate", "conversion_rate", "retention_rate")
_FACTORS = ("mean_order_value", "purchase_frequency", "retention_period")


@dataclass(frozen=True)
class Tile:
    """One measure.

    Attributes:
        name: Its words are ``measure.{name}`` and ``measure.{name}_formula``.
        value: In words; empty where nothing can be said.
        made_of: Its part and its whole, or its factors, in words.
        change: Against the period before, in words; empty where that is not known.
        direction: ``up``, ``down`` or ``same``.
        more: The same in other currencies.
    """

    name: str
    value: str
    made_of: str
    change: str = ""
    direction: str = ""
    more: tuple[str, ...] = ()


_Row = Mapping[str, Any]


def tiles(view: View, result: Result) -> list[Tile]:
    """All five, in their order, out of the report ``measures``."""
    now, before = _by_name(result, result.rows), _by_name(result, result.previous or ())
    return [_tile(view, name, now, before) for name in TILES]


def _by_name(result: Result, rows: Any) -> dict[str, list[_Row]]:
    """Rows of each measure: where there are several currencies, the one with most buyers first."""
    names, found = [one.name for one in result.report.columns], dict[str, list[_Row]]()
    for row in rows:
        told = dict(zip(names, row, strict=True))
        found.setdefault(told["measure"], []).append(told)
    for several in found.values():
        several.sort(key=lambda one: -(one["denominator"] or 0))
    return found


def _tile(view: View, name: str, now: Mapping[str, list[_Row]], before: Mapping[str, list[_Row]]) -> Tile:
    rows = [one for one in now.get(name, ()) if one["value"] is not None]
    if not rows:
        return Tile(name, "", _whole(view, now[name][0]) if now.get(name) else "")
    first = rows[0]
    past = next((one for one in before.get(name, ()) if one["currency"] == first["currency"]), None)
    change, direction = _change(view, first, past)
    made_of = _factors(view, first["currency"], now) if name == "clv" else _whole(view, first)
    return Tile(name, _said(view, first), made_of, change, direction, tuple(_said(view, one) for one in rows[1:3]))


def _said(view: View, row: _Row) -> str:
    match row["unit"]:
        case "share":
            return formatting.share(row["value"], view.locale)
        case "money":
            return money(view, Decimal(str(row["value"])), row["currency"] or "")
    return formatting.number(row["value"], view.locale, "#,##0.##")


def _whole(view: View, row: _Row) -> str:
    part, whole = row["numerator"], row["denominator"]
    if part is None or whole is None:
        return ""
    written = [formatting.number(Decimal(str(one)), view.locale, "#,##0") for one in (part, whole)]
    return view.words("reports.of", part=written[0], whole=written[1])


def _factors(view: View, currency: str, now: Mapping[str, list[_Row]]) -> str:
    found = [next((one for one in now.get(name, ()) if one["currency"] == currency), None) for name in _FACTORS]
    known = [one for one in found if one is not None and one["value"] is not None]
    return " × ".join(_said(view, one) for one in known) if len(known) == len(_FACTORS) else ""


def _change(view: View, now: _Row, past: _Row | None) -> tuple[str, str]:
    """Of a share in points, of anything else in parts of what it was."""
    if past is None or past["value"] is None:
        return "", ""
    difference = now["value"] - past["value"]
    if now["unit"] == "share":
        size = formatting.number(abs(100 * difference), view.locale, "#,##0.#")
        said = view.words("reports.points", number=size)
    elif past["value"]:
        size = said = formatting.share(abs(difference / past["value"]), view.locale)
    else:
        return "", ""
    if not size.strip("0%., "):
        return view.words("reports.same"), "same"
    return said, "up" if difference > 0 else "down"

"""What a report is narrowed by: a period in days of a zone, customers, a journey; and how revenue is attributed."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from orchestrator.core.timing import resolve, zone

DAYS = 90
"""Of a period that nobody chose."""
MOST_DAYS = 3_660
WINDOW_DAYS = 7
"""Within so many days after a message an order is put down to it, where nobody chose."""
Attribution = Literal["last", "first", "linear"]


@dataclass(frozen=True)
class Filters:
    """What is asked of a report.

    Attributes:
        since: First day of the period.
        until: The day after its last.
        zone: Where days and months are counted, an IANA name.
        attribute, attribute_value: Customers whose attribute is this text.
        attribution: To which message an order is put down: the last, the first, or all in equal parts.
        window_days: For how long a message counts.
    """

    since: date
    until: date
    zone: str
    segment: str | None = None
    stage: str | None = None
    attribute: str | None = None
    attribute_value: str | None = None
    currency: str | None = None
    journey: str | None = None
    version: int | None = None
    channel: str | None = None
    attribution: Attribution = "last"
    window_days: int = WINDOW_DAYS

    @property
    def narrows_customers(self) -> bool:
        """Whether only some customers are asked about."""
        return bool(self.segment or self.stage or self.attribute)

    @property
    def previous(self) -> "Filters":
        """The same of as many days before."""
        return replace(self, since=self.since - (self.until - self.since), until=self.since)

    def begins(self) -> datetime:
        """The instant at which the period begins."""
        return resolve(self.since, time(), zone(self.zone))

    def ends(self) -> datetime:
        """The first instant after it."""
        return resolve(self.until, time(), zone(self.zone))

    def parameters(self, now: datetime) -> dict[str, Any]:
        """Every parameter of a report's text."""
        return {
            "since": self.begins(),
            "until": self.ends(),
            "now": now,
            "zone": self.zone,
            "segment": self.segment,
            "stage": self.stage,
            "attribute": self.attribute,
            "attribute_value": self.attribute_value,
            "currency": self.currency,
            "journey": self.journey,
            "version": self.version,
            "channel": self.channel,
            "attribution": self.attribution,
            "window_days": self.window_days,
        }


def default_period(now: datetime, zone_name: str) -> tuple[date, date]:
    """Today and the days before it, in a zone: its first day, and the day after its last."""
    until = now.astimezone(zone(zone_name)).date() + timedelta(days=1)
    return until - timedelta(days=DAYS), until

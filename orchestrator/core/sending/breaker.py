"""When a journey's complaints or hard bounces are too many, so that it is paused before a provider closes the account.

Rates are those of what was sent within a sliding window: of those messages, how many were complained of, or came back
because nobody will ever be reached there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

SETTING = "breaker"
"""Among the workspace's settings."""


@dataclass(frozen=True)
class Bounds:
    """Percentages past which a journey is paused, of at least ``least`` messages in ``hours`` of journey time.

    Mailbox providers ask senders to stay below 0.3 % of complaints (Gmail and Yahoo, sender guidelines of 2024); five
    in a hundred that come back are a list that nobody has cleaned.
    """

    on: bool = True
    complaints: float = 0.3
    bounces: float = 5.0
    least: int = 200
    hours: int = 24

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Bounds":
        """Those of a workspace; what was not chosen is as it is by default."""
        chosen = settings.get(SETTING) or {}
        return cls(**{one.name: chosen[one.name] for one in fields(cls) if one.name in chosen})

    @property
    def sensible(self) -> bool:
        """Whether they are what a person may choose; no number is among those that are none."""
        rates = all(0 < rate <= 100 for rate in (self.complaints, self.bounces))
        return rates and 10 <= self.least <= 1_000_000 and 1 <= self.hours <= 168

    @property
    def window(self) -> timedelta:
        """How far back messages are looked at."""
        return timedelta(hours=self.hours)


@dataclass(frozen=True)
class Feedback:
    """What became of a journey's messages: ``sent`` has those that came back at once as well."""

    journey: str
    sent: int
    complaints: int
    bounces: int


def past_bound(bounds: Bounds, feedback: Feedback) -> dict[str, Any] | None:
    """Why a journey is to be paused, as a pause keeps it; None: it is not."""
    if not bounds.on or feedback.sent < bounds.least:
        return None
    for code, many, bound in (
        ("complaints", feedback.complaints, bounds.complaints),
        ("bounces", feedback.bounces, bounds.bounces),
    ):
        rate = 100 * many / feedback.sent
        if rate > bound:
            shown = {"rate": f"{rate:.2g}%", "bound": f"{bound:g}%", "many": many, "sent": feedback.sent}
            return {"code": code, **shown}
    return None

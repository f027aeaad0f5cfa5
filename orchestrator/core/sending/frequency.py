"""Frequency caps: how many messages a customer gets, across all journeys.

The past is a value, :class:`Counted` for each message that counts; whether one more fits is a pure function of it. Who
keeps the past, and how two workers are kept from filling the same place at once, is the store's business.

A *sliding* cap looks back over the last hour, day or week from each instant. A *calendar* cap counts from the
customer's own midnight (or Monday's), whatever length clock changes give that day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from orchestrator.core.channels.registry import channel_title, channel_titles
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, Text, joined
from orchestrator.core.timing import resolve
from orchestrator.core.values import Duration, MessageClass

Per = Literal["hour", "day", "week"]
WhenFull = Literal["hold", "reroute", "skip"]
LENGTH: dict[Per, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
PER_TEXT: dict[str, Text] = {"hour": Text("Hour"), "day": Text("Day", context="span"), "week": Text("Week")}
SLIDING_TEXT: dict[Per, Text] = {
    "hour": Text("in an hour"),
    "day": Text("in 24 hours"),
    "week": Text("in 7 days"),
}
CALENDAR_TEXT: dict[Per, Text] = {
    "hour": Text("an hour"),
    "day": Text("a day"),
    "week": Text("a week"),
}
WHEN_FULL_TEXT: dict[str, Text] = {
    "hold": Text("Wait until there is room"),
    "reroute": Text("Try the next channel"),
    "skip": Text("Do not send"),
}
LONGEST = timedelta(days=8)
"""No cap looks further back: a calendar week is seven days, and an hour more where a clock is set back."""


class Cap(Frozen):
    """At most ``most`` messages ``per`` hour, day or week. Binds advertising alone; information always passes."""

    most: int = Field(ge=1, le=1000, json_schema_extra=labelled(Text("At most", context="times")))
    per: Per = Field("day", json_schema_extra=labelled(Text("Per"), options=PER_TEXT))
    calendar: bool = Field(
        False,
        description="Counts by the customer's calendar day or week, not over the time just past.",
        json_schema_extra=labelled(Text("By calendar")),
    )
    channels: tuple[str, ...] = Field(
        (),
        description="Only messages on these channels, together; empty: all.",
        json_schema_extra=labelled(Text("Channels"), options=channel_titles()),
    )
    tags: tuple[str, ...] = Field(
        (),
        description="Only messages with one of these tags; empty: all.",
        json_schema_extra=labelled(Text("Tags")),
    )
    counts: tuple[MessageClass, ...] = Field(
        ("advertising",),
        min_length=1,
        description="Which messages of the past take up room.",
        json_schema_extra=labelled(Text("Counted messages")),
    )
    when_full: WhenFull = Field("hold", json_schema_extra=labelled(Text("When it is full"), options=WHEN_FULL_TEXT))
    within: Duration = Field(
        timedelta(days=1),
        description="How long a message may wait for room before it is given up.",
        json_schema_extra=labelled(Text("Wait at most")),
    )

    @model_validator(mode="after")
    def _hours_slide(self) -> "Cap":
        if self.calendar and self.per == "hour":
            raise ValueError("an hour has no calendar: use a sliding hour")
        return self

    def covers(self, channel: str, tags: Iterable[str]) -> bool:
        """Whether it looks at messages like this one."""
        on_channel = not self.channels or channel in self.channels
        return on_channel and (not self.tags or any(tag in self.tags for tag in tags))

    @property
    def text(self) -> Text:
        """In words: "at most 2 in 24 hours on SMS"."""
        span = (CALENDAR_TEXT if self.calendar else SLIDING_TEXT)[self.per]
        titles = [channel_title(name) for name in self.channels]
        words = Text("at most {most} {span}", most=self.most, span=span)
        if titles:
            words = Text("{words} on {channels}", words=words, channels=joined(titles))
        if self.tags:
            words = Text("{words} tagged {tags}", words=words, tags=", ".join(self.tags))
        return words


@dataclass(frozen=True, slots=True)
class Counted:
    """A message that takes up room: gone out, or about to. ``id`` is the send's."""

    id: str
    at: datetime
    channel: str
    message_class: MessageClass
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Full:
    """A cap has no room. ``free_at``: the first instant at which, nothing else being sent, it has."""

    cap: Cap
    by: tuple[str, ...]
    """Ids of the messages that take up the room, oldest first."""
    free_at: datetime


def full_caps(
    caps: Sequence[Cap],
    channel: str,
    tags: Iterable[str],
    past: Sequence[Counted],
    now: datetime,
    tz: ZoneInfo,
) -> list[Full]:
    """Of the caps that bind an advertisement, those without room for it at ``now``; ``tz`` is the customer's."""
    tags = tuple(tags)
    bound = (cap for cap in caps if cap.covers(channel, tags))
    return [full for cap in bound if (full := _full(cap, past, now, tz)) is not None]


def _full(cap: Cap, past: Sequence[Counted], now: datetime, tz: ZoneInfo) -> Full | None:
    since = window_start(cap, now, tz)
    inside = sorted(
        (one.at, one.id)
        for one in past
        if one.message_class in cap.counts
        and cap.covers(one.channel, one.tags)
        and (one.at >= since if cap.calendar else one.at > since)
    )
    if len(inside) < cap.most:
        return None
    # Room comes when so many have left the window that ``most - 1`` are left.
    last_to_leave = inside[len(inside) - cap.most][0]
    return Full(cap, tuple(one for _, one in inside), _leaves(cap, last_to_leave, now, tz))


def window_start(cap: Cap, now: datetime, tz: ZoneInfo) -> datetime:
    """Where the window of ``now`` begins: included in a calendar window, just outside of a sliding one."""
    if not cap.calendar:
        return now - LENGTH[cap.per]
    today = now.astimezone(tz).date()
    first = today if cap.per == "day" else today - timedelta(days=today.weekday())
    return resolve(first, time(0), tz)


def _leaves(cap: Cap, at: datetime, now: datetime, tz: ZoneInfo) -> datetime:
    """When a message of ``at`` is in the window no more. Later than ``now``, also for one stamped in the future."""
    if not cap.calendar:
        return max(at, now - LENGTH[cap.per] + timedelta(microseconds=1)) + LENGTH[cap.per]
    today = max(at, now).astimezone(tz).date()
    days = 1 if cap.per == "day" else 7 - today.weekday()
    return resolve(today + timedelta(days=days), time(0), tz)

"""The rules that a workspace sends by, one for each country, and which of them is a customer's.

They are a tool, not legal advice. A workspace's settings name a policy and lay its own wishes over it::

    {"policy": "auto", "quiet_hours": {…}, "caps": [{"most": 2, "per": "day"}], "countries": {"KR": {"caps": […]}}}

``auto`` takes the law of the customer's country; naming a policy takes that one for everybody.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from functools import cached_property, lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import phonenumbers
from pydantic import Field, model_validator

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.sending.frequency import Cap
from orchestrator.core.text import Frozen, Text
from orchestrator.core.timing import next_time_of_day, within_window
from orchestrator.core.values import Duration, TimeOfDay
from orchestrator.core.zone_settings import KOREAN_ZONES

AUTO = "auto"


class Hours(Frozen):
    """A window of the customer's local day, [start, end), which may cross midnight; ``exempt`` channels ignore it."""

    start: TimeOfDay
    end: TimeOfDay
    exempt: tuple[str, ...] = ()

    def covers(self, local: time) -> bool:
        """Whether a local time of day lies in the window."""
        inside = self.start <= local < self.end
        return inside if self.start <= self.end else local >= self.start or local < self.end

    def open_after(self, now: datetime, tz: ZoneInfo) -> datetime:
        """The first instant after ``now`` that lies outside of the window. Where a whole local day is skipped (Samoa,
        30 December 2011), its morning never comes, and the instant that stands for it still lies in the night."""
        until = next_time_of_day(now, self.end, tz)
        while within_window(until, self.start, self.end, tz):
            until = next_time_of_day(until, self.end, tz)
        return until


NIGHT_EXEMPT = tuple(name for name, channel in CHANNELS.items() if channel.night_exempt)
"""Channels by which advertising may go at night without a consent of its own."""
CLOSED = {
    name: Hours(start=channel.closed[0], end=channel.closed[1]) for name, channel in CHANNELS.items() if channel.closed
}
"""Hours in which a channel's owner takes nothing, whatever the customer has agreed to."""


class Policy(Frozen):
    """One country's rules. The default is Korea's law.

    Sources: Act on Promotion of Information and Communications Network Utilization and Information Protection, Art. 50
    (prior consent, (1), and its exception for goods of the same kind, (1) 1; night-time consent, (3); marking and
    opt-out, (4); confirmation of consent, (8)); its Enforcement Decree, Art. 61 (21:00 to 08:00; e-mail exempt), Art.
    62-3 (every two years) and Annex 6 (the label ``(광고)``, the sender's name and contact, a free way to opt out).
    """

    name: str = "KR"
    consent: bool = Field(True, description="Advertising needs the customer's consent for the channel.")
    same_goods: bool = Field(
        True,
        description="A sale of the same kind of goods in the last six months stands for the consent, where a message "
        "says that it goes to such buyers.",
    )
    reconfirm_after: Duration | None = Field(
        timedelta(days=730), description="How long a consent counts after it was given or last confirmed."
    )
    night: Hours | None = Field(
        Hours(start=time(21), end=time(8), exempt=NIGHT_EXEMPT),
        description="Advertising in these hours needs the customer's night-time consent as well.",
    )
    closed: Mapping[str, Hours] = Field(
        CLOSED, description="Hours in which a channel's owner takes nothing, by channel."
    )
    label: str = Field("(광고)", description="What advertising must begin with; empty: nothing.")
    marked: bool = Field(True, description="Advertising says who sends it and how to opt out, free of charge.")
    contact: bool = Field(True, description="Advertising says how its sender can be reached.")
    quiet_hours: Hours | None = Field(None, description="The workspace's own: no advertising, consent or not.")
    day_only: tuple[str, ...] = Field(
        (), description="Channels whose informational messages keep out of the night and quiet hours too."
    )
    caps: tuple[Cap, ...] = Field((), max_length=20, description="How many advertisements a customer gets.")
    complaints: bool = Field(True, description="No advertising, no request for a review, while a complaint is open.")
    ask_again: Duration = Field(
        timedelta(hours=1), description="How long a message of a paused journey waits before it is decided again."
    )

    @model_validator(mode="after")
    def _opens_at_some_time(self) -> "Policy":
        """Windows that leave no minute of the day open would hold messages for ever."""
        for channel in CHANNELS:
            windows = [self.night, self.quiet_hours, self.closed.get(channel)]
            shut = [hours for hours in windows if hours is not None and channel not in hours.exempt]
            # Time that is open begins where some window ends.
            if shut and all(any(hours.covers(one.end) for hours in shut) for one in shut):
                raise ValueError(f"night, quiet hours and closed hours leave no time for {channel}")
        return self

    @cached_property
    def as_json(self) -> dict[str, Any]:
        """For the ledger."""
        return self.model_dump(mode="json")


KR = Policy()
INTERNATIONAL = Policy(
    name="international", same_goods=False, reconfirm_after=None, night=None, label="", contact=False
)
NO_POLICY = Policy(
    name="none",
    consent=False,
    reconfirm_after=None,
    night=None,
    closed={},
    label="",
    marked=False,
    contact=False,
    complaints=False,
)
NEW_WORKSPACE: Mapping[str, Any] = {
    "quiet_hours": {"start": "21:00:00", "end": "08:00:00"},
    "caps": [{"most": 2, "per": "day", "calendar": True}],
}
"""What a new workspace begins with, as ``sending`` of its settings: nobody is woken, and nobody gets ten in a day. It
may be widened to information (``day_only``, ``counts``), loosened or taken away under Policies."""
POLICIES: Mapping[str, Policy] = {"KR": KR, "international": INTERNATIONAL, "none": NO_POLICY}
"""By the name under which a workspace chooses."""
POLICY_TEXT: Mapping[str, Text] = {
    AUTO: Text("By the customer's country"),
    "KR": Text("Korea"),
    "international": Text("International"),
    "none": Text("No rules"),
}


def country_of(phone: str | None, locale: str | None, zone: str | None) -> str | None:
    """ISO 3166 code of the country whose law protects a customer, as far as is known; any sign of Korea is Korea."""
    language, _, region = (locale or "").replace("_", "-").partition("-")
    region = next((part.upper() for part in region.split("-") if re.fullmatch(r"[A-Za-z]{2}", part)), "")
    calling = _country_of_number(phone)
    if "KR" in (calling, region) or language.lower() == "ko":
        return "KR"
    if calling or region:
        return calling or region
    return "KR" if zone in KOREAN_ZONES else None


@lru_cache(maxsize=4096)
def _country_of_number(phone: str | None) -> str | None:
    if not phone or phone.startswith("+82"):
        return "KR" if phone else None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return None


Rules = Callable[[str | None], Policy]
"""The policy for customers of a country; None: not known."""


def rules_of(chosen: Mapping[str, Any] | None) -> Rules:
    """A workspace's rules, by country; ``chosen`` as :func:`policy_for` takes it."""
    return partial(policy_for, chosen)


def policy_for(chosen: Mapping[str, Any] | None, country: str | None) -> Policy:
    """The policy for customers of a country. ``chosen``: the workspace's setting ``sending``.

    Raises ``ValueError`` (pydantic's included) or ``LookupError`` where the setting makes no sense.
    """
    return _policy(orjson.dumps(dict(chosen or {}), option=orjson.OPT_SORT_KEYS), country)


@lru_cache(maxsize=512)
def _policy(chosen: bytes, country: str | None) -> Policy:
    wishes: dict[str, Any] = orjson.loads(chosen)
    countries: Mapping[str, Mapping[str, Any]] = wishes.pop("countries", None) or {}
    name = wishes.pop("policy", None) or AUTO
    compliant = "KR" if country == "KR" else "international"
    ground = POLICIES[compliant if name == AUTO else name]
    laid_over = {**wishes, **(countries.get(country or "") or {})}
    return Policy.model_validate({**ground.model_dump(), **laid_over}) if laid_over else ground


def unknown_channels(policy: Policy) -> tuple[str, ...]:
    """Channels that a policy names and that do not exist, for whoever saves it."""
    named = {*policy.closed, *policy.day_only, *(channel for cap in policy.caps for channel in cap.channels)}
    return tuple(sorted(named - set(CHANNELS)))

"""What a caller asks of a report, read from the address: a period in days, customers, a journey."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.lists import resources_of
from api.http.problems import ApiProblem
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.lifecycle import STAGE_TITLES
from orchestrator.core.measures.filters import MOST_DAYS, WINDOW_DAYS, Attribution, Filters, default_period
from orchestrator.core.text import Text
from orchestrator.core.timing import known_zones
from orchestrator.store.journeys.live_counts import load_journey
from orchestrator.store.segments.documents import load_segment
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

_NO_DAY = Text("must be a date, such as 2026-03-01")
_NO_ZONE = Text("must be a time zone, such as Europe/Berlin")
_PERIOD = Text("must come after “since”, and at most {days} days after it", days=MOST_DAYS)
_UNKNOWN = Text("names nothing that there is")
_NO_ATTRIBUTE = Text("must be a name and a value, such as city=Seoul")


@dataclass(frozen=True)
class Asked:
    """What is asked: filters, whether the period before is wanted too, journey time, whether it is counted now."""

    filters: Filters
    compare: bool
    now: datetime
    fresh: bool


def _refuse(field: str, reason: Text) -> ApiProblem:
    return ApiProblem("report_filter", field, reason=reason)


def _day(field: str, given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise _refuse(field, _NO_DAY) from None


def _period(since: str | None, until: str | None, now: datetime, zone_name: str) -> tuple[date, date]:
    first, after = default_period(now, zone_name)
    length = after - first
    after = _day("until", until) if until else after
    first = _day("since", since) if since else date.fromordinal(max(1, after.toordinal() - length.days))
    if not timedelta() < after - first <= timedelta(days=MOST_DAYS) or first.year < 1971 or after.year > 9000:
        raise _refuse("until", _PERIOD)
    return first, after


async def _known(engine: AsyncEngine, segment: str | None, journey: str | None) -> None:
    if segment is not None and await load_segment(engine, segment) is None:
        raise _refuse("segment", _UNKNOWN)
    if journey is not None and await load_journey(engine, journey) is None:
        raise _refuse("journey", _UNKNOWN)


async def read_asked(
    request: Request,
    since: Annotated[
        str | None, Query(max_length=40, description="First day. Default: 90 days, today included.")
    ] = None,
    until: Annotated[str | None, Query(max_length=40, description="The day after the last. Default: tomorrow.")] = None,
    zone: Annotated[
        str | None, Query(max_length=80, description="IANA zone of days. Default: the workspace's.")
    ] = None,
    segment: Annotated[str | None, Query(max_length=63, description="Only customers in it now.")] = None,
    stage: Annotated[str | None, Query(max_length=63, description="Only customers in this stage now.")] = None,
    attribute: Annotated[str | None, Query(max_length=400, description="Only customers with it: `city=Seoul`.")] = None,
    currency: Annotated[str | None, Query(pattern=r"^[A-Z]{3}$", description="Only orders and goals in it.")] = None,
    journey: Annotated[str | None, Query(max_length=63, description="A journey's key.")] = None,
    version: Annotated[int | None, Query(ge=1, le=1_000_000, description="Of the journey.")] = None,
    channel: Annotated[str | None, Query(max_length=63)] = None,
    attribution: Annotated[
        Attribution, Query(description="To which message an order is put down: the last, the first, or all equally.")
    ] = "last",
    window_days: Annotated[int, Query(ge=1, le=90, description="For how long a message counts.")] = WINDOW_DAYS,
    compare: Annotated[Literal["previous"] | None, Query(description="Count the period before as well.")] = None,
    fresh: Annotated[bool, Query(description="Count now, also where an answer is a minute old or less.")] = False,
) -> Asked:
    """The filters, each known to mean something. Raises ``report_filter``."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    now, zone_name = clock_of(workspace).now(), zone or zone_of(workspace, resources.settings)
    if zone_name not in known_zones():
        raise _refuse("zone", _NO_ZONE)
    first, after = _period(since, until, now, zone_name)
    name, given, value = (attribute or "").partition("=")
    if attribute is not None and not (name and given):
        raise _refuse("attribute", _NO_ATTRIBUTE)
    if stage is not None and stage not in STAGE_TITLES:
        raise _refuse("stage", _UNKNOWN)
    if channel is not None and channel not in CHANNELS:
        raise _refuse("channel", _UNKNOWN)
    await _known(resources.engine, segment, journey)
    filters = Filters(
        since=first,
        until=after,
        zone=zone_name,
        segment=segment,
        stage=stage,
        attribute=name or None,
        attribute_value=value if name else None,
        currency=currency,
        journey=journey,
        version=version,
        channel=channel,
        attribution=attribution,
        window_days=window_days,
    )
    return Asked(filters, compare == "previous", now, fresh)


AskedOf = Annotated[Asked, Depends(read_asked)]

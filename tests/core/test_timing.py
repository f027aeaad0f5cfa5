"""Zones, clock changes, yearly dates, and the accelerated clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.timing import Clock, next_anniversary, next_time_of_day, resolve, within_window, zone
from tests.examples import examples

SEOUL, BERLIN, NEW_YORK = zone("Asia/Seoul"), zone("Europe/Berlin"), zone("America/New_York")
LORD_HOWE, APIA, SAO_PAULO = zone("Australia/Lord_Howe"), zone("Pacific/Apia"), zone("America/Sao_Paulo")
ZONES = (SEOUL, BERLIN, NEW_YORK, LORD_HOWE, APIA, SAO_PAULO)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "tz", "instant"),
    [
        ("2026-03-01", "10:00", SEOUL, "2026-03-01T01:00"),
        ("2026-03-29", "02:30", BERLIN, "2026-03-29T01:00"),  # skipped: 02:00 is 03:00
        ("2026-03-29", "02:00", BERLIN, "2026-03-29T01:00"),
        ("2026-03-29", "03:00", BERLIN, "2026-03-29T01:00"),
        ("2026-03-29", "01:59:59", BERLIN, "2026-03-29T00:59:59"),
        ("2026-10-25", "02:30", BERLIN, "2026-10-25T00:30"),  # repeated: the first
        ("2026-03-08", "02:30", NEW_YORK, "2026-03-08T07:00"),
        ("2026-10-04", "02:15", LORD_HOWE, "2026-10-03T15:30"),  # a gap of half an hour
        ("2018-11-04", "00:00", SAO_PAULO, "2018-11-04T03:00"),  # a day that began at one o'clock
        ("2011-12-30", "10:00", APIA, "2011-12-30T10:00"),  # a day that was left out
    ],
)
def test_a_local_time_is_the_instant_that_people_would_expect(day: str, at: str, tz: ZoneInfo, instant: str) -> None:
    assert resolve(date.fromisoformat(day), time.fromisoformat(at), tz) == utc(instant)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.dates(date(1970, 1, 1), date(2037, 1, 1)),
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(ZONES),
)
def test_a_local_time_is_itself_or_the_first_valid_one_after_it(day: date, at: time, tz: ZoneInfo) -> None:
    instant = resolve(day, at, tz)
    wanted, local = datetime.combine(day, at), instant.astimezone(tz).replace(tzinfo=None)
    assert local >= wanted
    if local > wanted:  # skipped: just before the instant, the clock showed less than what was wanted
        before = (instant - timedelta(seconds=1)).astimezone(tz).replace(tzinfo=None)
        assert before < wanted


@pytest.mark.parametrize(
    ("now", "at", "tz", "days", "instant"),
    [
        ("2026-03-01T00:00", "10:00", SEOUL, None, "2026-03-01T01:00"),
        ("2026-03-01T01:00", "10:00", SEOUL, None, "2026-03-02T01:00"),  # strictly after
        ("2026-03-01T15:30", "00:00", SEOUL, None, "2026-03-02T15:00"),
        ("2026-03-28T12:00", "02:30", BERLIN, None, "2026-03-29T01:00"),
        ("2026-10-25T00:45", "02:30", BERLIN, None, "2026-10-26T01:30"),  # not the repeated one
        ("2026-03-01T00:00", "10:00", SEOUL, {0}, "2026-03-02T01:00"),  # the 1st is a Sunday
        ("2026-03-01T00:00", "10:00", SEOUL, {6}, "2026-03-01T01:00"),
        ("2026-03-01T23:00", "10:00", SEOUL, {0}, "2026-03-02T01:00"),  # there it is Monday already
    ],
)
def test_the_next_time_of_day(now: str, at: str, tz: ZoneInfo, days: set[int] | None, instant: str) -> None:
    weekdays = frozenset(days) if days else None
    assert next_time_of_day(utc(now), time.fromisoformat(at), tz, weekdays) == utc(instant)


@pytest.mark.parametrize(
    ("now", "of", "offset", "instant"),
    [
        ("2026-03-01T00:00", "1990-03-01", 0, "2026-03-01T01:00"),
        ("2026-03-01T01:00", "1990-03-01", 0, "2027-03-01T01:00"),
        ("2026-01-01T00:00", "2000-02-29", 0, "2026-02-28T01:00"),
        ("2028-01-01T00:00", "2000-02-29", 0, "2028-02-29T01:00"),
        ("2026-01-01T00:00", "2000-02-29", 1, "2026-03-01T01:00"),
        ("2026-12-30T00:00", "1990-01-01", -7, "2027-12-25T01:00"),
        ("2026-12-20T00:00", "1990-01-01", -7, "2026-12-25T01:00"),
        ("2026-01-05T00:00", "1990-12-30", 7, "2026-01-06T01:00"),
        ("2026-01-01T00:00", "1990-06-01", 3650, "2026-05-30T01:00"),  # ten years after: the one of 2016 comes next
        ("2026-01-01T00:00", "2100-06-01", 0, "2026-06-01T01:00"),
    ],
)
def test_the_next_of_a_yearly_date(now: str, of: str, offset: int, instant: str) -> None:
    found = next_anniversary(utc(now), date.fromisoformat(of), time(10), SEOUL, timedelta(days=offset))
    assert found == utc(instant)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.timedeltas(timedelta(0), timedelta(days=33_000)),
    st.dates(date(1900, 1, 1), date(2099, 1, 1)),
    st.integers(-366, 3660),
)
def test_the_next_of_a_yearly_date_is_at_most_a_year_ahead(now: timedelta, of: date, offset: int) -> None:
    at = utc("2000-01-01T00:00") + now
    found = next_anniversary(at, of, time(10), SEOUL, timedelta(days=offset))
    assert timedelta(0) < found - at <= timedelta(days=366, hours=1)


@pytest.mark.parametrize("name", [None, "", "Nowhere/Land", "Asia", "../etc/passwd", "a" * 300, "Seoul\0"])
def test_an_unknown_zone_is_the_other_one(name: str | None) -> None:
    assert zone(name) == SEOUL
    assert zone(name, "Europe/Berlin") == BERLIN


@pytest.mark.parametrize(
    ("now", "start", "end", "inside"),
    [
        ("2026-03-01T12:00", "21:00", "08:00", True),  # 21:00 there
        ("2026-03-01T11:59", "21:00", "08:00", False),
        ("2026-03-01T22:59", "21:00", "08:00", True),
        ("2026-03-01T23:00", "21:00", "08:00", False),  # 08:00: the end is outside
        ("2026-03-01T01:00", "10:00", "12:00", True),
        ("2026-03-01T03:00", "10:00", "12:00", False),
        ("2026-03-01T03:00", "10:00", "10:00", False),  # an empty window
    ],
)
def test_a_window_of_the_day_may_cross_midnight(now: str, start: str, end: str, inside: bool) -> None:
    assert within_window(utc(now), time.fromisoformat(start), time.fromisoformat(end), SEOUL) is inside


def test_journey_time_is_real_time_by_default() -> None:
    now = utc("2026-05-05T05:05")
    assert Clock().at(now) == now
    assert Clock().wait(timedelta(hours=1)) == timedelta(hours=1)


def test_an_accelerated_clock_passes_a_day_in_some_seconds() -> None:
    began = utc("2026-05-05T00:00")
    clock = Clock(10, began, began)
    assert clock.at(began + timedelta(seconds=10)) == began + timedelta(days=1)
    assert clock.wait(timedelta(days=90)) == timedelta(minutes=15)
    assert clock.at(began - timedelta(days=1)) == began - timedelta(days=1)  # before it began, time was real


@settings(max_examples=examples(50), deadline=None)
@given(
    st.floats(0.5, 86_400),
    st.timedeltas(timedelta(0), timedelta(days=3)),
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_an_accelerated_clock_keeps_the_order_of_things(day: float, one: timedelta, other: timedelta) -> None:
    began = utc("2026-05-05T00:00")
    clock = Clock(day, began, began)
    first, second = sorted((began + one, began + other))
    assert clock.at(first) <= clock.at(second)

"""Durations, times of day and dates as people write them: one meaning, or refused with words; and never slowly."""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

import pytest
from hypothesis import example
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from orchestrator.core.conditions.model import Condition
from orchestrator.core.journey.schema_errors import worded
from orchestrator.core.steps.delay import UntilAttribute
from orchestrator.core.templating.engine import compile_template, render
from orchestrator.core.timing import known_zones, local_day, zone
from orchestrator.core.values import Day, Duration, Instant, TimeOfDay

DAY: TypeAdapter[date] = TypeAdapter(Day)
INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
TIME: TypeAdapter[clock] = TypeAdapter(TimeOfDay)


def refused(adapter: TypeAdapter[Any], given: object) -> str:
    """The words of the problem, in English."""
    began = time.thread_time()
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(given)
    assert time.thread_time() - began < 1
    code, parameters = worded(dict(caught.value.errors()[0]), "at", None)
    assert code == "invalid_value"
    message = parameters["message"]
    assert message.to("ko") != message.to("en")
    return str(message.to("en"))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("7d", timedelta(days=7)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        (" 2 d ", timedelta(days=2)),
        ("P7D", timedelta(days=7)),
        ("PT1H30M", timedelta(hours=1, minutes=30)),
        ("PT5M", timedelta(minutes=5)),
        ("P2W", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_what_it_says(given: str, meant: timedelta) -> None:
    assert DURATION.validate_python(given) == meant


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("P1M", "days"),
        ("P1Y", "days"),
        ("P1Y2M", "days"),
        ("P1M5D", "days"),
        ("p0.5y", "days"),
        ("1d1d", "twice"),
        ("1h 2h", "twice"),
        ("9" * 16_000 + "d", "at most"),
        ("P" + "9" * 16_000 + "D", "at most"),
        ("1d" * 8_000, "at most"),
        ("10:00", "duration such as"),
        (10, "duration such as"),
        (True, "duration such as"),
        *((text, "duration such as") for text in ("１d", "٣d", "²d", "1d\u200b", "1mo", "1y", "10", "", "1．5d")),
    ],
)
def test_a_duration_that_says_two_things_or_none_is_refused(given: str, word: str) -> None:
    assert word in refused(DURATION, given)


@drawn(st.timedeltas(timedelta(0), timedelta(days=100_000)))
@example(timedelta(days=365))
@example(timedelta(days=731, hours=2))
def test_a_duration_as_we_write_it_is_read_by_whoever_reads(value: timedelta) -> None:
    written = DURATION.dump_python(value, mode="json")
    assert DURATION.validate_python(written) == DURATION.validate_json(DURATION.dump_json(value)) == value


@drawn(st.times())
def test_a_time_of_day_as_we_write_it_is_read_by_whoever_reads(value: clock) -> None:
    assert TIME.validate_python(TIME.dump_python(value, mode="json")) == value


def test_what_an_older_plan_holds_is_read_as_it_was_written() -> None:
    for written, days in (("P1Y", 365), ("P1Y35D", 400), ("P30D", 30)):
        assert DURATION.validate_json(f'"{written}"') == timedelta(days=days)
    assert TIME.validate_json('"10:00:00Z"').hour == 10


@pytest.mark.parametrize("given", ["10:00", "09:30:15", clock(10)])
def test_a_time_of_day_is_read(given: object) -> None:
    assert TIME.validate_python(given).tzinfo is None


@pytest.mark.parametrize(
    "given", [10, 10.5, True, "10", "10:00Z", "10:00+09:00", clock(10, tzinfo=UTC), "1000000000:00"]
)
def test_a_time_of_day_with_a_zone_or_without_a_minute_is_refused(given: object) -> None:
    assert "10:00" in refused(TIME, given)


@pytest.mark.parametrize("form", ["flat", "nested"])
def test_a_condition_of_thousands_of_parts_is_refused(form: str) -> None:
    leaf = {"kind": "attribute", "name": "a", "value": 1}
    many = {"kind": "any", "of": [leaf] * 2_000}
    if form == "nested":
        many = {"kind": "all", "of": [{"kind": "any", "of": [leaf] * 60}] * 10}
    assert "at most" in refused(TypeAdapter(Condition), many)


@pytest.mark.parametrize("instant", ["2026-03-01T20:05:00Z", "2026-03-02T05:05:00+09:00", "2026-03-01T15:00:00+00:00"])
@pytest.mark.parametrize("name", ["Asia/Seoul", "America/New_York", "Pacific/Kiritimati"])
def test_an_instant_is_the_same_day_to_a_delay_and_to_a_message(instant: str, name: str) -> None:
    tz = zone(name)
    day = local_day(instant, tz)
    said = render(compile_template("{{ at|date('%Y-%m-%d') }}"), {"at": instant}, tz=tz).text
    wait = UntilAttribute(attribute="at", at=clock(10))
    answers = {asked: name if asked.kind == "zone" else instant for asked in wait.facts()}
    until = wait.until(datetime(2026, 1, 1, tzinfo=UTC), answers)
    assert until is not None
    assert day is not None
    assert said == day.isoformat() == until.astimezone(tz).date().isoformat()


def test_a_date_is_that_day_everywhere() -> None:
    for given in ("2026-03-01", "2026-03-01 (Sun)", date(2026, 3, 1)):
        assert local_day(given, zone("America/New_York")) == date(2026, 3, 1)


def test_the_zone_of_the_machine_is_none() -> None:
    assert not known_zones() & {"localtime", "posixrules", "Factory"}
    assert zone("localtime").key == "Asia/Seoul"


@pytest.mark.parametrize(
    "given",
    [
        *(0, 20260301, 86_400, 1.5, True, None, datetime(2026, 3, 1, tzinfo=UTC)),
        *(
            "2026-03-01T00:00:00Z",
            "2026-03-01T10:00:00+09:00",
            "2026-3-1",
            "20260301",
            "2026-02-30",
            "２０２６-03-01",
            "٢٠٢٦-03-01",
        ),
        *("2026-03-01\u200b", "2026－03－01", "1.3.2026", ""),
    ],
)
def test_a_date_is_one_of_the_calendar(given: object) -> None:
    assert "such as 2026-03-01" in refused(DAY, given)
    assert DAY.validate_python("2026-03-01") == DAY.validate_json('"2026-03-01T00:00:00Z"') == date(2026, 3, 1)


@pytest.mark.parametrize(
    "given", [0, 1_772_000_000, 1.5, True, None, "2026-03-01", "2026-03-01T10:00", "２０２６-03-01T10:00Z", "", "now"]
)
def test_an_instant_has_its_zone(given: object) -> None:
    assert "date and time with its time zone" in refused(INSTANT, given)

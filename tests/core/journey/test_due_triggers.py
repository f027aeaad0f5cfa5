"""What is due on which day, in which zone: dates of customers, and schedules."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.due_triggers import (
    DateTrigger,
    DueTrigger,
    ScheduleTrigger,
    anybody_due,
    due_between,
    due_message,
    due_properties,
)
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.routing import Routes
from tests.core.run.driver import straight, wait

SEOUL, UTC_ZONE, HOUSTON = ZoneInfo("Asia/Seoul"), ZoneInfo("UTC"), ZoneInfo("America/Chicago")
FIRST, LAST = date(2025, 1, 1), date(2032, 12, 31)


def birthday(**more: Any) -> DateTrigger:
    return DateTrigger.model_validate({"attribute": "birthday", "yearly": True, **more})


def schedule(on: str, **more: Any) -> ScheduleTrigger:
    return ScheduleTrigger.model_validate({"on": on, **more})


def days(trigger: DateTrigger, value: Any, first: date = FIRST, last: date = LAST) -> list[str]:
    return [day.isoformat() for day in trigger.days(value, SEOUL, first, last)]


def test_a_birthday_comes_each_year() -> None:
    assert days(birthday(), "1990-03-05", last=date(2026, 12, 31)) == ["2025-03-05", "2026-03-05"]
    assert days(birthday(offset_days=-3), "1990-03-02", last=date(2025, 12, 31)) == ["2025-02-27"]
    assert days(birthday(offset_days=1), "1990-12-31", last=date(2026, 6, 1)) == ["2025-01-01", "2026-01-01"]


def test_29_february_is_the_28th_in_other_years() -> None:
    assert days(birthday(), "1992-02-29", last=date(2028, 12, 31)) == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]
    assert days(birthday(), "1991-02-28", date(2028, 1, 1), date(2028, 12, 31)) == ["2028-02-28"]


def test_a_date_that_is_not_yearly_comes_once_and_none_before_its_year() -> None:
    assert days(DateTrigger(attribute="renews_on", offset_days=-7), "2026-01-31") == ["2026-01-24"]
    assert days(birthday(), "2027-05-01") == [f"{year}-05-01" for year in range(2027, 2033)]


@pytest.mark.parametrize("value", [None, "", "soon", 20260301, {"on": "2026-03-01"}, True, "2026-02-30"])
def test_what_is_no_date_is_never_due(value: Any) -> None:
    assert days(birthday(), value) == []


def test_an_instant_falls_on_the_day_that_it_is_where_the_customer_is() -> None:
    late = "1990-03-04T20:00:00Z"  # 5 March in Seoul
    assert days(birthday(), late, last=date(2025, 12, 31)) == ["2025-03-05"]


def due(trigger: DueTrigger, tz: ZoneInfo, after: datetime, until: datetime, value: Any = None) -> list[datetime]:
    return [one.at for one in due_between(trigger, value, tz, SEOUL, after, until)]


def test_it_is_due_at_the_customers_own_time_once() -> None:
    trigger = birthday(at="09:00")
    at = datetime(2026, 3, 5, 0, tzinfo=UTC)  # 09:00 in Seoul
    minute = timedelta(minutes=1)
    assert due(trigger, SEOUL, at - minute, at, "1990-03-05") == [at]
    assert due(trigger, SEOUL, at, at + minute, "1990-03-05") == []
    assert due(trigger, HOUSTON, at - minute, at + minute, "1990-03-05") == []
    assert due(trigger, HOUSTON, at, at + timedelta(days=1), "1990-03-05") == [datetime(2026, 3, 5, 15, tzinfo=UTC)]


def test_a_time_that_a_clock_change_skips_is_the_next_that_there_is() -> None:
    day = datetime(2026, 3, 8, tzinfo=UTC)  # in Chicago 02:30 does not exist
    found = due(birthday(at="02:30"), HOUSTON, day, day + timedelta(days=1), "1990-03-08")
    assert found == [datetime(2026, 3, 8, 8, tzinfo=UTC)]


def test_a_schedule_repeats_as_it_says() -> None:
    last = date(2026, 5, 31)
    assert schedule("2026-01-31", repeat="monthly").falls_on(FIRST, last) == tuple(
        map(date.fromisoformat, ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"))
    )
    assert len(schedule("2026-05-01", repeat="daily").falls_on(FIRST, last)) == 31
    assert [day.day for day in schedule("2026-05-04", repeat="weekly").falls_on(FIRST, last)] == [4, 11, 18, 25]
    assert schedule("2026-05-04").falls_on(FIRST, last) == (date(2026, 5, 4),)
    last_friday = schedule("2026-03-01", repeat="rule", rule="RRULE:FREQ=MONTHLY;BYDAY=-1FR")
    assert [day.isoformat() for day in last_friday.falls_on(FIRST, last)] == ["2026-03-27", "2026-04-24", "2026-05-29"]
    twice = schedule("2026-05-04", repeat="rule", rule="freq=daily;count=2")
    assert len(twice.falls_on(FIRST, last)) == 2


@pytest.mark.parametrize(
    "rule", ["", "daily", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=3", "FREQ=DAILY;FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=XX", "A=B"]
)
def test_what_is_no_rule_of_days_is_refused(rule: str) -> None:
    with pytest.raises(ValidationError):
        schedule("2026-03-01", repeat="rule", rule=rule)


def test_a_schedule_is_due_in_each_zone_or_for_everybody_at_once() -> None:
    day = datetime(2026, 3, 1, 12, tzinfo=UTC)
    own = schedule("2026-03-02", at="10:00")
    assert due(own, SEOUL, day, day + timedelta(days=2)) == [datetime(2026, 3, 2, 1, tzinfo=UTC)]
    assert due(own, HOUSTON, day, day + timedelta(days=2)) == [datetime(2026, 3, 2, 16, tzinfo=UTC)]
    all_at_once = schedule("2026-03-02", at="10:00", zone="workspace")
    assert due(all_at_once, HOUSTON, day, day + timedelta(days=2)) == [datetime(2026, 3, 2, 1, tzinfo=UTC)]


def test_looking_is_worth_it_in_zones_where_the_time_of_day_comes_round() -> None:
    at, minute = datetime(2026, 3, 5, 0, tzinfo=UTC), timedelta(minutes=1)
    assert anybody_due(birthday(at="09:00"), SEOUL, SEOUL, at - minute, at)
    assert not anybody_due(birthday(at="09:00"), HOUSTON, SEOUL, at - minute, at)
    assert not anybody_due(schedule("2026-03-02", at="09:00"), SEOUL, SEOUL, at - minute, at)


def plan(*triggers: dict[str, Any]) -> Plan:
    document = {**straight(wait("w", "Viewed")), "entry": {"triggers": list(triggers)}}
    found = compile_journey(document).plan
    assert found is not None
    return found


def test_the_event_of_a_trigger_fires_that_trigger_alone() -> None:
    one = plan({"kind": "date", "attribute": "birthday", "yearly": True})
    [trigger] = one.journey.entry.triggers
    assert isinstance(trigger, DateTrigger)
    day, routes = date(2026, 3, 5), Routes((one,))

    def event(properties: dict[str, Any]) -> CustomerEvent:
        message = due_message(one.key, trigger, "customer", day)
        return CustomerEvent(message, "Entry Due", datetime(2026, 3, 5, tzinfo=UTC), properties)

    told = due_properties(one.key, trigger, day)
    assert routes.triggered(event(told)) == [one]
    assert routes.triggered(event({**told, "journey": "other"})) == []
    assert routes.triggered(event(due_properties(one.key, birthday(offset_days=-3), day))) == []
    assert routes.triggered(CustomerEvent("r", "Journey Requested", datetime(2026, 3, 5, tzinfo=UTC), told)) == []


def test_moved_to_another_time_of_day_it_is_the_same_entry_and_on_another_day_another() -> None:
    day = date(2026, 3, 5)
    ids = {due_message("j", birthday(at=at), "c", day) for at in ("09:00", "10:00")}
    assert len(ids) == 1
    assert due_message("j", birthday(), "c", day + timedelta(days=365)) not in ids
    assert due_message("j", birthday(), "d", day) not in ids


def test_it_is_told_in_words() -> None:
    assert birthday(offset_days=-3).words().to("en") == "3 days before *birthday* at 10:00, every year"
    assert birthday(offset_days=1, yearly=False).words().to("en") == "1 day after *birthday* at 10:00"
    assert schedule("2026-03-02", repeat="weekly").words().to("en") == "every week at 10:00, from 2026-03-02"
    for trigger in (birthday(), birthday(offset_days=-3), schedule("2026-03-02")):
        assert trigger.words().to("ko") != trigger.words().to("en")

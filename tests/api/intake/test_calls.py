"""Reading calls: whose clock to believe, and which words of Segment's specification mean what."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.problem_codes import PROBLEMS
from api.http.problems import ApiProblem
from api.intake.calls import Envelope, read_call, read_occurred_at
from orchestrator.core.text import LOCALES

NAMES = {word for kind in PROBLEMS.values() for word in re.findall(r"{(\w+)}", kind.text.to("en"))} - {
    "field",
    "seconds",
}
"""Whatever the words of some problem need."""

RECEIVED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def occurred(sent_at: str | None = None, **item: Any) -> datetime:
    sent = None if sent_at is None else datetime.fromisoformat(sent_at)
    return read_occurred_at(item, Envelope(RECEIVED, sent))


def test_without_a_time_it_happened_when_it_arrived() -> None:
    assert occurred() == RECEIVED


def test_a_clock_that_is_wrong_is_corrected_by_what_it_said_when_it_sent() -> None:
    # The client's clock is three hours ahead; it says that 30 s passed between the event and the request.
    assert occurred(timestamp="2026-03-01T14:59:30Z", sent_at="2026-03-01T15:00:00Z") == RECEIVED - timedelta(
        seconds=30
    )
    own = occurred(originalTimestamp="2020-01-01T00:00:00Z", sentAt="2020-01-01T00:01:00Z")
    assert own == RECEIVED - timedelta(minutes=1)


def test_nothing_happens_in_the_future() -> None:
    assert occurred(timestamp="2026-03-01T13:00:00Z") == RECEIVED
    assert occurred(timestamp="2026-03-01T15:01:00Z", sent_at="2026-03-01T15:00:00Z") == RECEIVED


def test_what_was_corrected_before_is_not_corrected_again() -> None:
    passed_on = {"timestamp": "2026-02-01T00:00:00Z", "originalTimestamp": "2019-01-01T00:00:00Z"}
    assert occurred(**passed_on, sentAt="2019-01-01T00:00:00Z") == datetime(2026, 2, 1, tzinfo=UTC)


def test_a_sent_at_that_cannot_be_read_corrects_nothing() -> None:
    assert occurred(timestamp="2026-02-01T00:00:00", sentAt="?") == datetime(2026, 2, 1, tzinfo=UTC)


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(9000, 1, 1)),  # noqa: DTZ001 - Hypothesis adds the zone itself
    st.timedeltas(timedelta(0), timedelta(days=1000)),
    st.integers(-12, 14),
)
def test_correction_keeps_the_distance_to_the_sending(original: datetime, age: timedelta, offset: int) -> None:
    here = timezone(timedelta(hours=offset))
    sent = original.replace(tzinfo=UTC).astimezone(here)
    corrected = occurred(sent_at=sent.isoformat(), timestamp=(sent - age).isoformat())
    assert corrected == RECEIVED - age


@pytest.mark.parametrize("call", [{"type": "track", "event": "e"}, {"type": "identify"}, {"type": "page"}])
def test_a_missing_message_id_is_assigned(call: dict[str, Any]) -> None:
    first, second = (read_call({**call, "userId": "u"}, None, Envelope(RECEIVED), []) for _ in range(2))
    assert first.message_id != second.message_id


def test_an_identify_reads_traits_of_its_context_too() -> None:
    call = {"userId": "u", "traits": {"plan": "pro"}, "context": {"traits": {"plan": "free", "email": "a@b.c"}}}
    event = read_call(call, "identify", Envelope(RECEIVED), [])
    assert event.traits is not None
    assert event.traits.attributes == {"plan": "pro"}
    assert event.traits.contact == {"email": "a@b.c"}


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_that_is_the_whole_answer_is_one_of_rfc_9457(code: str) -> None:
    problem = ApiProblem(code, "a.field", seconds=1, **dict.fromkeys(NAMES, "x"))
    problem.more["current"] = {"revision": 2}
    response = problem.response("ko")
    body = json.loads(bytes(response.body))
    assert response.media_type == "application/problem+json"
    assert (body["type"], body["status"]) == (f"urn:sojourn:problem:{code}", response.status_code)
    assert body["detail"] == problem.rendered("ko")["message"]
    assert body["title"]
    assert (body["code"], body["field"], body["current"]) == (code, "a.field", {"revision": 2})
    assert "message" not in body


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_can_be_said_in_both_languages(code: str) -> None:
    words = PROBLEMS[code].text
    parameters = dict.fromkeys(NAMES | {"seconds"}, "x")
    for locale in LOCALES:
        message = ApiProblem(code, "a.field", **parameters).rendered(locale)["message"]
        assert message
        assert "{" not in message
    english, korean = (set(re.findall(r"{(\w+)}", words.to(locale))) for locale in LOCALES)
    assert english == korean

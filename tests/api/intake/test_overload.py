"""Refusals are paced: few are answered at once, many wait for their turn and are asked to come back later."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request

from api.http.problems import ApiProblem
from api.intake.overload import LONGEST_HOLD, LONGEST_RETRY, REFUSALS, Admission


def request() -> Request:
    """A call with a body, which is read to its end although nobody wants it."""
    parts: list[dict[str, object]] = [
        {"type": "http.request"},
        {"type": "http.request", "body": b"{}" * 100, "more_body": True},
    ]

    async def receive() -> dict[str, object]:
        return parts.pop()

    return Request({"type": "http", "method": "POST", "headers": [], "path": "/v1/track"}, receive)


@pytest.fixture
async def full(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Admission]:
    """No room, and nobody waits by the clock."""
    held: list[float] = []

    async def hold(seconds: float) -> None:
        held.append(seconds)

    monkeypatch.setattr("api.intake.overload.asyncio.sleep", hold)
    admission = Admission(most_requests=0)
    admission.held = held  # type: ignore[attr-defined]
    yield admission
    admission.close()


async def refusal(admission: Admission) -> int:
    """Seconds after which the caller is asked to come back."""
    with pytest.raises(ApiProblem) as refused:
        await admission.require_room(request())
    assert refused.value.code == "busy"
    return int(str(refused.value.parameters["seconds"]))


async def test_a_few_are_answered_at_once(full: Admission) -> None:
    assert await refusal(full) == 1
    assert full.held == []  # type: ignore[attr-defined]


def test_of_many_each_waits_for_its_turn() -> None:
    admission = Admission()
    turns = [admission.take_turn(100.0) for _ in range(int(REFUSALS * 60))]
    assert turns[: int(REFUSALS)] == pytest.approx([n / REFUSALS for n in range(int(REFUSALS))])
    assert max(turns) == LONGEST_RETRY
    assert turns == sorted(turns)
    assert admission.take_turn(110.0) == pytest.approx(LONGEST_RETRY - 10, abs=0.1), "the line grows shorter with time"
    assert admission.take_turn(200.0) == 0


async def test_who_waits_is_held_for_seconds_and_asked_to_come_back_later(full: Admission) -> None:
    now = asyncio.get_running_loop().time()
    for _ in range(int(REFUSALS * 20)):
        full.take_turn(now)
    assert 15 < await refusal(full) <= 21
    assert full.held == [LONGEST_HOLD]  # type: ignore[attr-defined]


async def test_whoever_finds_room_waits_for_nothing() -> None:
    admission = Admission(most_requests=1)
    await admission.require_room(request())
    with admission.under_way(), admission.holding(10):
        assert (admission.requests, admission.bytes) == (1, 10)
    assert (admission.requests, admission.bytes) == (0, 0)

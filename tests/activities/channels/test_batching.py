"""Deliveries that come together travel together, and each gets what became of its own message."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from activities.channels.batching import Batching
from activities.channels.contract import (
    Ambiguous,
    Callback,
    CallRefused,
    Capabilities,
    DefinitionError,
    DeliveryError,
    OutgoingMessage,
    Receipt,
    Result,
    Temporary,
    Unreachable,
)
from activities.channels.providers.outbox import Outbox
from tests.activities.channels.providers.provider_suite import message_for
from tests.waiting import forever


@dataclass
class Many:
    """A provider of many. ``answer`` decides what comes of a call; None: all are taken."""

    most: int = 100
    calls: list[list[UUID]] = field(default_factory=list)
    answer: Any = None
    name: str = "many"
    closed: bool = False

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"email"}), html=True, most_at_once=self.most)

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        raise AssertionError("nobody calls this")

    async def send_many(self, messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        self.calls.append([key for _, key in messages])
        if self.answer is not None:
            answered: list[Result] = await self.answer(messages)
            return answered
        return [Receipt(str(key), datetime.now(UTC)) for _, key in messages]

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        raise ValueError

    async def close(self) -> None:
        self.closed = True


async def together(batching: Batching, count: int) -> list[Any]:
    message = message_for(batching)
    sends = (batching.send(message, UUID(int=n)) for n in range(count))
    return await asyncio.gather(*sends, return_exceptions=True)


async def test_what_comes_together_goes_in_one_call() -> None:
    many = Many()
    results = await together(Batching(many), 30)
    assert [receipt.provider_message_id for receipt in results] == [str(UUID(int=n)) for n in range(30)]
    assert len(many.calls) == 1


async def test_a_call_is_never_larger_than_the_provider_takes() -> None:
    many = Many(most=7)
    assert all(isinstance(one, Receipt) for one in await together(Batching(many), 30))
    assert [len(call) for call in many.calls] == [7, 7, 7, 7, 2]


async def test_what_comes_later_goes_in_a_call_of_its_own() -> None:
    many, message = Many(), message_for(Many())
    batching = Batching(many, gather=0.001)
    for _ in range(3):
        await batching.send(message, uuid4())
    assert [len(call) for call in many.calls] == [1, 1, 1]


async def test_each_gets_its_own_result() -> None:
    async def mixed(messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        kinds: list[Any] = [Receipt("r", datetime.now(UTC)), Unreachable("u"), DefinitionError("d"), Ambiguous("a")]
        return [kinds[key.int % 4] for _, key in messages]

    results = await together(Batching(Many(answer=mixed)), 8)
    assert [type(result) for result in results] == [Receipt, Unreachable, DefinitionError, Ambiguous] * 2


@pytest.mark.parametrize(
    ("problem", "meaning"),
    [
        (Temporary("busy", timedelta(seconds=7)), Temporary),
        (Unreachable("u"), Unreachable),
        (Ambiguous("a"), Ambiguous),
        (ZeroDivisionError(), Ambiguous),
        (KeyError("x"), Ambiguous),
    ],
)
async def test_a_fault_of_the_whole_call_is_everybodys(problem: Exception, meaning: type[DeliveryError]) -> None:
    async def fails(_: Any) -> list[Result]:
        raise problem

    results = await together(Batching(Many(answer=fails)), 4)
    assert [type(result) for result in results] == [meaning] * 4
    assert len({id(result) for result in results}) == 4
    if isinstance(problem, Temporary):
        assert {result.after for result in results} == {problem.after}


async def test_silence_after_the_hand_over_is_ambiguous_for_each() -> None:
    async def silent(_: Any) -> list[Result]:
        await forever()
        return []

    results = await together(Batching(Many(answer=silent), timeout=0.05), 3)
    assert [type(result) for result in results] == [Ambiguous] * 3


async def test_an_answer_that_does_not_tell_messages_apart_is_ambiguous() -> None:
    async def short(_: Any) -> list[Result]:
        return [Receipt("r", datetime.now(UTC))]

    assert [type(result) for result in await together(Batching(Many(answer=short)), 3)] == [Ambiguous] * 3


async def test_of_a_refused_call_the_one_at_fault_is_found() -> None:
    bad = UUID(int=5)

    async def refuses(messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        if any(key == bad for _, key in messages):
            raise CallRefused("wrong")
        return [Receipt(str(key), datetime.now(UTC)) for _, key in messages]

    many = Many(answer=refuses)
    results = await together(Batching(many), 16)
    assert [n for n, result in enumerate(results) if type(result) is DefinitionError] == [5]
    assert len(many.calls) == 9


async def test_who_is_cancelled_before_the_call_takes_their_message_back() -> None:
    many = Many()
    batching = Batching(many, gather=0.02)
    message = message_for(many)
    one, other = (asyncio.create_task(batching.send(message, UUID(int=n))) for n in range(2))
    await asyncio.sleep(0)
    one.cancel()
    assert isinstance(await other, Receipt)
    assert many.calls == [[UUID(int=1)]]


async def test_who_is_cancelled_during_the_call_does_not_end_it_for_others() -> None:
    heard, go_on = asyncio.Event(), asyncio.Event()

    async def slow(messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        heard.set()
        await go_on.wait()
        return [Receipt(str(key), datetime.now(UTC)) for _, key in messages]

    batching = Batching(Many(answer=slow))
    message = message_for(batching)
    one, other = (asyncio.create_task(batching.send(message, UUID(int=n))) for n in range(2))
    await heard.wait()
    one.cancel()
    go_on.set()
    assert (await other).provider_message_id == str(UUID(int=1))
    assert one.cancelled()


async def test_what_the_provider_cannot_do_is_refused_before_it_waits() -> None:
    many = Many()
    with pytest.raises(DefinitionError):
        await Batching(many).send(message_for(many, body=""), uuid4())
    assert many.calls == []


async def test_closing_lets_calls_end() -> None:
    many = Many()
    batching = Batching(many, gather=60)
    task = asyncio.create_task(batching.send(message_for(many), uuid4()))
    await asyncio.sleep(0)
    await batching.close()
    assert isinstance(await task, Receipt)
    assert many.closed


def test_one_at_a_time_is_not_collected() -> None:
    with pytest.raises(TypeError):
        Batching(Outbox.__new__(Outbox))

"""Turns at a provider, over all workers, in a real Valkey. Instants are the server's; distances are what is held."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest
from redis.asyncio import Redis

from orchestrator.store.channels.rate import AT_ONCE, ChannelRate, Turn
from orchestrator.store.sending.frequency import counting_redis

PATIENT = timedelta(hours=1)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = counting_redis(redis_url)
    yield client
    await client.aclose()


async def test_a_second_s_worth_goes_at_once_and_the_rest_at_the_rate(redis: Redis) -> None:
    """Two workers; at 10 a second, what took longer between the calls is at most added to nobody's wait."""
    workers = ChannelRate(redis), ChannelRate(redis)
    turns = [await workers[n % 2].take("solapi", 10, PATIENT) for n in range(30)]
    assert all(turn.taken for turn in turns)
    assert turns[:10] == [AT_ONCE] * 10
    assert timedelta(0) < turns[-1].wait <= timedelta(seconds=2)


async def test_providers_do_not_wait_for_each_other(redis: Redis) -> None:
    rate = ChannelRate(redis)
    for _ in range(3):
        await rate.take("nhn", 1, PATIENT)
    assert await rate.take("solapi", 1, PATIENT) == AT_ONCE


async def test_who_will_not_wait_takes_no_turn_and_is_told_one_apart_from_the_others(redis: Redis) -> None:
    rate = ChannelRate(redis)
    await rate.take("fcm", 0.1, PATIENT)
    await rate.take("fcm", 0.1, PATIENT)
    away = [await rate.take("fcm", 0.1, timedelta(0)) for _ in range(4)]
    assert not any(turn.taken for turn in away)
    apart = [after.wait - before.wait for before, after in pairwise(away)]
    assert all(timedelta(seconds=5) < distance <= timedelta(seconds=10) for distance in apart)
    last: Turn = await rate.take("fcm", 0.1, PATIENT)
    assert last.taken
    assert last.wait <= timedelta(seconds=20)


async def test_with_redis_away_everybody_goes() -> None:
    client = counting_redis("redis://127.0.0.1:1/0")
    assert await ChannelRate(client).take("smtp", 1, PATIENT) == AT_ONCE
    await client.aclose()


@pytest.mark.parametrize("per_second", [0.2, 3, 100_000])
async def test_any_rate_lets_the_first_through(redis: Redis, per_second: float) -> None:
    assert await ChannelRate(redis).take("smtp", per_second, timedelta(0)) == AT_ONCE

"""Counts of frequency caps in a real Valkey: atomic, and never believed once the server may have lost some."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from orchestrator.core.sending.frequency import Counted
from orchestrator.stack import Valkey
from orchestrator.stack.account import make_data_dir
from orchestrator.store.sending.frequency import Counts, CountsUnavailable, Frequency, NotFilled, counting_redis
from tests.waiting import let_pass

NOON = datetime(2026, 3, 2, 3, 0, 0, 123456, tzinfo=UTC)
CUSTOMER = UUID("11111111-1111-4111-8111-111111111111")


def send(*tags: str, at: datetime = NOON) -> Counted:
    return Counted(str(uuid4()), at, "sms", "advertising", tags)


@pytest.fixture
async def frequency(redis_url: str) -> AsyncIterator[Frequency]:
    redis = counting_redis(redis_url)
    yield Frequency(redis)
    await redis.aclose()


async def filled(frequency: Frequency, *counted: Counted, basis: str = "rules") -> Counts:
    found = await frequency.read(CUSTOMER, basis)
    if isinstance(found, NotFilled):
        await frequency.fill(CUSTOMER, basis, found.mark, counted)
        found = await frequency.read(CUSTOMER, basis)
    assert isinstance(found, Counts)
    return found


async def test_what_the_ledger_says_is_what_counts(frequency: Frequency) -> None:
    one, other = send("오늘|의", "sale"), send()
    counts = await filled(frequency, one, other)
    assert set(counts.counted) == {one, other}


async def test_a_place_is_given_once_for_each_version(frequency: Frequency) -> None:
    before = await filled(frequency)
    mine, yours = send(), send()
    assert await frequency.reserve(CUSTOMER, before.version, mine)
    assert not await frequency.reserve(CUSTOMER, before.version, yours)
    now = await filled(frequency)
    assert now.counted == (mine,)
    assert await frequency.reserve(CUSTOMER, now.version, yours, forget=[mine.id])
    assert (await filled(frequency)).counted == (yours,)


async def test_a_send_that_surely_did_not_go_out_gives_its_place_back(frequency: Frequency) -> None:
    mine = send()
    assert await frequency.reserve(CUSTOMER, (await filled(frequency)).version, mine)
    assert await frequency.confirm(CUSTOMER, mine.id)
    await frequency.release(CUSTOMER, mine.id)
    assert (await filled(frequency)).counted == ()
    assert not await frequency.confirm(CUSTOMER, mine.id)


async def test_a_reservation_without_a_claim_counts_for_a_while_only(
    frequency: Frequency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.store.sending.frequency.LEASE", timedelta(seconds=-1))
    left, confirmed = send(), send()
    assert await frequency.reserve(CUSTOMER, (await filled(frequency)).version, confirmed)
    assert await frequency.confirm(CUSTOMER, confirmed.id)
    counts = await filled(frequency)
    assert await frequency.reserve(CUSTOMER, counts.version, left)
    after = await filled(frequency)
    assert after.counted == (confirmed,)
    assert after.version != counts.version
    assert not await frequency.confirm(CUSTOMER, left.id)


async def test_what_is_counted_stays_so_when_it_is_reserved_again(
    frequency: Frequency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another channel of the same send; or another process, which will find it claimed."""
    monkeypatch.setattr("orchestrator.store.sending.frequency.LEASE", timedelta(seconds=-1))
    mine = send()
    assert await frequency.reserve(CUSTOMER, (await filled(frequency)).version, mine)
    assert await frequency.confirm(CUSTOMER, mine.id)
    by_mail = replace(mine, channel="email")
    assert await frequency.reserve(CUSTOMER, (await filled(frequency)).version, by_mail)
    assert (await filled(frequency)).counted == (by_mail,)


async def test_other_rules_are_filled_anew_and_forget_no_reservation(frequency: Frequency) -> None:
    reserved, older = send(), send(at=NOON - timedelta(days=9))
    assert await frequency.reserve(CUSTOMER, (await filled(frequency)).version, reserved)
    counts = await filled(frequency, older, basis="longer rules")
    assert set(counts.counted) == {reserved, older}


# --- Redis is lost ---------------------------------------------------------------------------------------------------


async def test_a_lost_reservation_is_noticed(frequency: Frequency) -> None:
    mine = send()
    assert await frequency.reserve(CUSTOMER, (await filled(frequency)).version, mine)
    await frequency._redis.flushall()
    assert not await frequency.confirm(CUSTOMER, mine.id)


async def test_versions_of_two_lives_are_never_the_same(frequency: Frequency) -> None:
    before = await filled(frequency)
    await frequency._redis.flushall()
    after = await filled(frequency)
    assert before.version != after.version
    assert not await frequency.reserve(CUSTOMER, before.version, send())


async def test_who_read_the_ledger_before_a_loss_does_not_fill(frequency: Frequency) -> None:
    """While he reads, somebody fills, sends and is counted; then Redis forgets, and he knows nothing of that."""
    late = await frequency.read(CUSTOMER, "rules")
    assert isinstance(late, NotFilled)
    mine = send()
    assert await frequency.reserve(CUSTOMER, (await filled(frequency)).version, mine)
    await frequency._redis.flushall()
    await frequency.fill(CUSTOMER, "rules", late.mark, [])
    assert isinstance(await frequency.read(CUSTOMER, "rules"), NotFilled)


async def test_who_read_the_ledger_before_a_release_does_not_fill(frequency: Frequency) -> None:
    late = await frequency.read(CUSTOMER, "rules")
    assert isinstance(late, NotFilled)
    gone = send()
    await frequency.release(CUSTOMER, gone.id)
    await frequency.fill(CUSTOMER, "rules", late.mark, [gone])
    assert isinstance(await frequency.read(CUSTOMER, "rules"), NotFilled)


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A server that may be killed, and that keeps what it knows on disk."""
    make_data_dir(tmp_path / "data")
    server = Valkey(tmp_path / "data", durable=True)
    server.start()
    server.wait()
    yield server
    server.process.kill()


async def test_a_restarted_server_is_not_believed_even_where_it_remembers(own_valkey: Valkey) -> None:
    """It may remember all but the last moment, which is the one that matters."""
    redis = counting_redis(own_valkey.url)
    frequency = Frequency(redis)
    mine = send()
    assert await frequency.reserve(CUSTOMER, (await filled(frequency)).version, mine)
    own_valkey.process.kill()
    with pytest.raises(CountsUnavailable):
        await frequency.read(CUSTOMER, "rules")
    own_valkey.start()
    own_valkey.wait()
    assert isinstance(await frequency.read(CUSTOMER, "rules"), NotFilled)
    assert (await filled(frequency)).counted == (mine,)
    assert await frequency.confirm(CUSTOMER, mine.id)
    await redis.aclose()


async def test_a_restarted_empty_server_is_filled_from_the_ledger(own_valkey: Valkey) -> None:
    redis = counting_redis(own_valkey.url)
    frequency = Frequency(redis)
    await filled(frequency, send())
    own_valkey.process.kill()
    shutil.rmtree(own_valkey._folder / "appendonlydir")
    own_valkey.start()
    own_valkey.wait()
    sent = send()
    assert (await filled(frequency, sent)).counted == (sent,)
    await redis.aclose()


# --- all at once -----------------------------------------------------------------------------------------------------


class Ledger:
    """Stands in for the database's: what was written is seen by whoever reads afterwards."""

    def __init__(self) -> None:
        self.counted: dict[str, Counted] = {}
        self.called: list[str] = []


async def one_delivery(frequency: Frequency, ledger: Ledger, chance: random.Random, most: int) -> None:
    """The protocol of ``activities.sending.deliver``, with moments in between."""
    mine = send()

    async def moment(most: float = 0.003) -> None:
        await let_pass(chance.random() * most, "another order each time")

    async def taken() -> bool:
        while True:
            found = await frequency.read(CUSTOMER, "rules")
            await moment()
            if isinstance(found, NotFilled):
                known = list(ledger.counted.values())
                await moment()
                await frequency.fill(CUSTOMER, "rules", found.mark, known)
            elif len([one for one in found.counted if one.id != mine.id]) >= most:
                return False
            elif await frequency.reserve(CUSTOMER, found.version, mine):
                return True

    await moment(0.05)
    while await taken():
        await moment(0.03)
        ledger.counted[mine.id] = mine
        await moment()
        if await frequency.confirm(CUSTOMER, mine.id):
            await moment()
            ledger.called.append(mine.id)
            return
    if ledger.counted.pop(mine.id, None):
        await frequency.release(CUSTOMER, mine.id)


@pytest.mark.parametrize("seed", range(12))
async def test_of_many_at_once_no_more_than_the_cap_are_sent_while_redis_is_lost_again_and_again(
    frequency: Frequency, seed: int
) -> None:
    chance, ledger = random.Random(seed), Ledger()

    async def disasters() -> None:
        for _ in range(8):
            await let_pass(chance.random() * 0.02, "at any moment")
            await frequency._redis.flushall()

    await asyncio.gather(disasters(), *(one_delivery(frequency, ledger, chance, 2) for _ in range(25)))
    assert len(ledger.called) <= 2
    # In a loss some may give way to each other, and are held; whoever comes afterwards finds nothing taken for nothing.
    for _ in range(3):
        await one_delivery(frequency, ledger, chance, 2)
    assert len(ledger.called) == 2

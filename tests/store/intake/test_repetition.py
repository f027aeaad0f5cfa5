"""What libraries repeat is stored once, and remembered only when it is committed, for every process alike."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import pytest

from orchestrator.core.customers.traits import Traits
from orchestrator.store.intake.incoming import Incoming, Outcome, ReportedDevice
from orchestrator.store.intake.writer import IntakeUnavailable, IntakeWriter

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
TOKEN = ReportedDevice("push_token", "t" * 40)


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[IntakeWriter]:
    async with _writing(database_url) as one:
        yield one


@pytest.fixture
async def another(database_url: str) -> AsyncIterator[IntakeWriter]:
    """That of a second API process."""
    async with _writing(database_url) as one:
        yield one


class _writing:  # noqa: N801 - read as a verb
    def __init__(self, database_url: str) -> None:
        self.writer = IntakeWriter(database_url)

    async def __aenter__(self) -> IntakeWriter:
        await self.writer.start()
        return self.writer

    async def __aexit__(self, *_: object) -> None:
        await self.writer.close()


_count = iter(range(10_000))


def told(city: str, at: int = 0, *, user: str = "mina", visitor: str | None = None, passing: bool = True) -> Incoming:
    """Traits in passing; or an identify."""
    moment = NOW + timedelta(seconds=at)
    traits = {"city": city}
    return Incoming(
        message_id=f"m{next(_count)}",
        kind="identify",
        name="Customer Updated",
        user_id=user,
        anonymous_id=visitor,
        properties=traits,
        properties_json=orjson.dumps(traits),
        context_json=b"{}",
        occurred_at=moment,
        received_at=moment,
        traits=Traits(moment, attributes=dict(traits)),
        repeated=passing,
    )


def seen(user: str, at: int = 0, device: ReportedDevice = TOKEN) -> Incoming:
    moment = NOW + timedelta(seconds=at)
    return Incoming(
        message_id=f"m{next(_count)}",
        kind="track",
        name="Viewed",
        user_id=user,
        anonymous_id=None,
        properties={},
        properties_json=b"{}",
        context_json=b"{}",
        occurred_at=moment,
        received_at=moment,
        device=device,
    )


async def outcomes(writer: IntakeWriter, *events: Incoming) -> list[Outcome]:
    return [(await writer.store([event]))[0] for event in events]


async def city(rows: Any) -> str:
    [row] = await rows("select attributes from customers where external_id = 'mina'")
    return str(row[0]["city"])


async def test_a_repetition_is_not_stored_by_whichever_process(writer: IntakeWriter, another: IntakeWriter) -> None:
    assert await outcomes(writer, told("Seoul"), told("Seoul", 1)) == ["stored", "duplicate"]
    assert await outcomes(another, told("Seoul", 2), told("Busan", 3), told("Busan", 4)) == [
        "duplicate",
        "stored",
        "duplicate",
    ]


async def test_who_changes_back_is_believed_by_every_process(
    writer: IntakeWriter, another: IntakeWriter, rows: Any
) -> None:
    """A process that remembered by itself would take the first value for a repetition."""
    await outcomes(writer, told("Seoul", 0))
    await outcomes(another, told("Busan", 1))
    assert await outcomes(writer, told("Seoul", 2)) == ["stored"]
    assert await city(rows) == "Seoul"


async def test_an_identify_in_between_counts_too(writer: IntakeWriter, another: IntakeWriter, rows: Any) -> None:
    await outcomes(writer, told("Seoul", 0))
    await outcomes(another, told("Busan", 1, passing=False))
    assert await outcomes(writer, told("Busan", 2), told("Seoul", 3)) == ["duplicate", "stored"]
    assert await city(rows) == "Seoul"


async def test_what_arrives_late_does_not_hide_what_comes_after(writer: IntakeWriter, rows: Any) -> None:
    await outcomes(writer, told("Seoul", 10), told("Busan", 8))
    assert await outcomes(writer, told("Busan", 12)) == ["stored"]
    assert await city(rows) == "Busan"


async def test_a_shared_device_is_told_of_by_both(writer: IntakeWriter, rows: Any) -> None:
    """With a visitor's id that another has used since, the same words join that visitor again."""
    first = [told("Seoul", 0, visitor="tablet"), told("Busan", 1, user="jun", visitor="tablet")]
    await outcomes(writer, *first)
    assert await outcomes(writer, told("Seoul", 2, visitor="tablet")) == ["stored"]
    [row] = await rows(
        "select external_id from identities join customers on customers.id = customer_id where value = 'tablet'"
    )
    assert row[0] == "mina"


async def test_in_one_batch_too(writer: IntakeWriter) -> None:
    events = [told(name, n) for n, name in enumerate(("Seoul", "Seoul", "Busan", "Seoul", "Seoul"))]
    assert await writer.store(events) == ["stored", "duplicate", "stored", "stored", "duplicate"]


@pytest.mark.parametrize("what", ["traits", "device"])
async def test_what_was_not_stored_is_not_remembered(
    writer: IntakeWriter, rows: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """After a 503 the library sends again, and what it says is still news."""

    async def fails(*_: object) -> None:
        raise psycopg.OperationalError("gone before the commit")

    def event(n: int) -> Incoming:
        return told("Seoul", n) if what == "traits" else seen("mina", n)

    monkeypatch.setattr("orchestrator.store.intake.writer._PATIENCE", 0.3)
    with monkeypatch.context() as patch:
        patch.setattr(psycopg.AsyncConnection, "commit", fails)
        with pytest.raises(IntakeUnavailable):
            await writer.store([event(0)])
    assert await outcomes(writer, event(1)) == ["stored"]
    if what == "traits":
        assert await city(rows) == "Seoul"
    else:
        assert len(await rows("select 1 from devices where dropped_at is null")) == 1


async def test_a_device_is_written_down_now_and_then(writer: IntakeWriter, another: IntakeWriter, rows: Any) -> None:
    async def at() -> datetime:
        [row] = await rows("select seen_at from devices")
        found: datetime = row[0]
        return found

    await outcomes(writer, seen("mina", 0))
    await outcomes(another, seen("mina", 60))
    assert await at() == NOW
    await outcomes(another, seen("mina", 601))
    assert await at() == NOW + timedelta(seconds=601)


async def test_a_device_that_changes_hands_or_comes_back_is_news(
    writer: IntakeWriter, another: IntakeWriter, rows: Any
) -> None:
    async def owner() -> str | None:
        found = await rows(
            "select external_id from devices join customers on customers.id = customer_id where dropped_at is null"
        )
        return str(found[0][0]) if found else None

    await outcomes(writer, seen("mina", 0))
    await outcomes(another, seen("jun", 1))
    assert await owner() == "jun"
    await outcomes(writer, seen("mina", 2))
    assert await owner() == "mina"
    await rows("update devices set dropped_at = now()")
    await outcomes(another, seen("mina", 3))
    assert await owner() == "mina"
    await writer.store([seen("mina", 4), seen("jun", 5), seen("mina", 6)])
    assert await owner() == "mina"

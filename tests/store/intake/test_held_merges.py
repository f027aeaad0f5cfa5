"""A merge that looks wrong waits for a human; settling much keeps nobody waiting; a crowded device stays."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from orchestrator.core.customers.traits import Traits
from orchestrator.store.database import create_engine
from orchestrator.store.intake import merge
from orchestrator.store.intake.held_merges import count_held, list_held
from orchestrator.store.intake.incoming import Incoming
from orchestrator.store.intake.merge_decisions import decide_merge
from orchestrator.store.intake.writer import IntakeWriter
from tests.store.intake.intake_shop import NOON, identify, incoming

OWNERS = """
select identities.value, coalesce(customers.external_id, '-') from identities
join customers on customers.id = customer_id where kind = 'anonymous' order by 1
"""


def says(email: str, user: str | None = None, visitor: str | None = None, *, minute: int = 0) -> Incoming:
    """An identify with an e-mail address."""
    event = identify(user, visitor, minute=minute, email=email)
    event.traits = Traits(NOON + timedelta(minutes=minute), {"email": email})
    return event


async def three_strangers(writer: IntakeWriter, last: int = 2) -> None:
    """Under one id that all of them carry, as a shop's own mistake would have it."""
    for number, visitor in enumerate("abc"):
        await writer.store([incoming(visitor=visitor)])
        minute = last if number == 2 else number
        await writer.store([says(f"{visitor}@example.com", "kiosk", visitor, minute=minute)])


async def test_a_third_address_within_a_day_is_held_and_nobody_is_lost(
    writer: IntakeWriter, database_url: str, rows: Any
) -> None:
    await three_strangers(writer)
    assert await rows(OWNERS) == [("a", "kiosk"), ("b", "kiosk"), ("c", "-")]
    await writer.store([incoming(visitor="c"), incoming("kiosk", "c"), says("c@example.com", "kiosk", "c", minute=3)])
    assert await rows(OWNERS) == [("a", "kiosk"), ("b", "kiosk"), ("c", "-")], "held once, and kept apart by every call"
    engine = create_engine(database_url)
    page = await list_held(engine, still_open=True, before=None)
    [held] = page.rows
    assert held.target_called == "kiosk"
    assert held.detail["emails"] == ["a@example.com", "b@example.com", "c@example.com"]
    assert await count_held(engine) == 1
    assert await decide_merge(database_url, held.id, "apart", "mina", NOON) == "apart"
    assert await count_held(engine) == 0
    other = IntakeWriter(database_url)
    await other.start()
    await other.store([says("c@example.com", "kiosk", "c", minute=4)])
    assert await rows(OWNERS) == [("a", "kiosk"), ("b", "kiosk"), ("c", "-")], "another process knows it too"
    assert await decide_merge(database_url, held.id, "merged", "mina", NOON) == "merged"
    assert await decide_merge(database_url, held.id, "apart", "mina", NOON) == "merged", "cannot be taken back"
    assert await rows(OWNERS) == [("a", "kiosk"), ("b", "kiosk"), ("c", "kiosk")]
    for one in (writer, other):
        await one.store([incoming(visitor="c")])
    assert await rows("select count(distinct customer_id) from events") == [(1,)]
    [decided] = (await list_held(engine, still_open=False, before=None)).rows
    assert (decided.decision, decided.decided_by) == ("merged", "mina")
    assert await decide_merge(database_url, uuid4(), "merged", "mina", NOON) is None
    await other.close()
    await engine.dispose()


async def test_addresses_of_other_days_and_repeated_ones_hold_nothing(writer: IntakeWriter, rows: Any) -> None:
    await three_strangers(writer, last=3 * 24 * 60)
    for visitor in "de":
        await writer.store([incoming(visitor=visitor)])
        await writer.store([says("C@Example.com", "kiosk", visitor, minute=3 * 24 * 60 + 1)])
    assert {owner for _, owner in await rows(OWNERS)} == {"kiosk"}


async def test_addresses_that_come_together_are_seen_together(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([incoming(visitor=visitor) for visitor in "abc"] + [incoming("kiosk")])
    await writer.store([says(f"{visitor}@example.com", "kiosk", visitor) for visitor in "abc"])
    assert "-" in {owner for _, owner in await rows(OWNERS)}
    assert await rows("select count(*) >= 1 from held_merges") == [(True,)]


async def test_three_people_on_one_device_are_no_reason_to_doubt_the_first(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([incoming("u1"), incoming(visitor="tablet")])
    await writer.store([says(f"u{number}@example.com", f"u{number}", "tablet") for number in (1, 2, 3)])
    assert await rows("select count(*) from held_merges") == [(0,)]
    assert await rows(OWNERS) == [("tablet", "u3")]


async def test_many_merges_are_many_transactions_and_a_neighbour_goes_between(
    writer: IntakeWriter, rows: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(merge, "SETTLE_FOR", 0.0)  # one merge a transaction
    await writer.store([incoming(visitor=f"v{number}") for number in range(12)])
    await writer.store([incoming("kim")])
    crowd = asyncio.create_task(writer.store([identify("kim", f"v{number}") for number in range(12)]))
    neighbour = asyncio.create_task(writer.store([incoming("lee")]))
    await neighbour
    assert not crowd.done(), "the neighbour did not wait for all twelve"
    assert await crowd == ["stored"] * 12
    assert await rows("select count(*) from customers where merged_into is null") == [(2,)]
    assert await rows(
        "select count(*) from events join customers c on c.id = customer_id where external_id = 'kim'"
    ) == [(25,)]


async def test_a_device_that_changes_hands_all_the_time_stays_where_it_is(writer: IntakeWriter, rows: Any) -> None:
    users = [f"u{number:02}" for number in range(40)]
    for some in (users[:15], users[15:30], users[30:]):
        assert await writer.store([identify(user, "tablet") for user in some]) == ["stored"] * len(some)
    assert await rows("select value, taken_over from identities where kind = 'anonymous'") == [("tablet", 20)]
    [(_, owner)] = await rows(OWNERS)
    await writer.store([incoming("u39", "tablet"), identify("u00", "tablet")])
    assert await rows(OWNERS) == [("tablet", owner)]
    counted = "select external_id, count(*) from events join customers on customers.id = customer_id group by 1"
    assert dict(await rows(counted)) == {**dict.fromkeys(users, 1), "u39": 2, "u00": 2}, "every event is its user's"


async def test_a_shared_device_may_change_hands_again_the_next_day(writer: IntakeWriter, rows: Any) -> None:
    await writer.store([identify("a", "tablet"), identify("b", "tablet")])
    await rows(
        "update identities set taken_over = 20, taken_since = now() - interval '25 hours' where kind = 'anonymous'"
    )
    await writer.store([identify("c", "desk"), identify("d", "desk")])  # what was remembered is forgotten
    await writer.store([identify("a", "tablet")])
    assert await rows("select taken_over from identities where value = 'tablet'") == [(1,)]
    assert await rows(OWNERS) == [("desk", "d"), ("tablet", "a")]

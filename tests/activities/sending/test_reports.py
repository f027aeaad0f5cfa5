"""What providers tell later: the ledger, the customer's own events, consents and devices."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from activities.channels.contract import Ambiguous, Callback, CallbackKind
from activities.sending.reports import Reports
from orchestrator.store.customers.consents import change_consents
from orchestrator.store.tables.events import StoredEvent
from tests.activities.later_shop import KEY, LaterShop, told
from tests.activities.shop import CUSTOMER, NOON, NUDGE, Shop


def _silent(_: Any) -> None:
    raise Ambiguous("no answer")


async def _events(shop: Shop) -> list[StoredEvent]:
    async with shop.sessions() as session:
        kind = StoredEvent.kind == "system"
        return list((await session.execute(select(StoredEvent).where(kind))).scalars())  # type: ignore[arg-type]


async def _sent(shop: Shop, *, silent: bool = False, **settings: Any) -> LaterShop:
    await shop.open(**{"class": "informational", **settings})
    later = LaterShop(shop)
    later.teller.behave = _silent if silent else None
    await later.delivery().carry_out(NUDGE, NOON)
    return later


@pytest.mark.parametrize(
    ("what", "silent", "status", "reason", "delivery", "counted"),
    [
        ("accepted", False, "sent", "", None, True),
        ("accepted", True, "sent", "", None, True),
        ("delivered", False, "sent", "", "delivered", True),
        ("delivered", True, "sent", "", "delivered", True),
        ("unreachable", False, "sent", "", "unreachable", False),
        ("unreachable", True, "failed", "unreachable", "unreachable", False),
        ("failed", False, "sent", "", "failed", False),
        ("failed", True, "failed", "not_delivered", "failed", False),
        ("opened", True, "sent", "", "delivered", True),
    ],
)
async def test_the_ledger_says_what_is_known(
    shop: Shop, what: CallbackKind, silent: bool, status: str, reason: str, delivery: str | None, counted: bool
) -> None:
    later = await _sent(shop, silent=silent)
    before = await later.first_row()
    assert before.status == ("unknown" if silent else "sent")
    assert await later.reports.take("teller", told(KEY, what)) == "taken"
    row = await later.first_row()
    assert (row.status, row.reason, row.delivery) == (status, reason, delivery)
    assert (row.counted_at is not None) == counted
    assert (row.delivered_at is not None) == (delivery == "delivered")
    assert (row.opened_at is not None) == (what == "opened")
    assert row.provider_message_id == (f"t-{KEY}" if not silent or row.delivery or what == "accepted" else None)


async def test_what_is_told_twice_happens_once(shop: Shop) -> None:
    later = await _sent(shop)
    outcomes = [await later.reports.take("teller", told(KEY, "delivered")) for _ in range(3)]
    assert outcomes == ["taken", "seen", "seen"]
    [event] = await _events(shop)
    assert event.name == "Message Delivered"
    assert event.properties["message"] == str(KEY)
    assert event.properties["journey"] == "cart"


async def test_what_has_arrived_has_arrived(shop: Shop) -> None:
    later = await _sent(shop, fallback=["email"])
    await later.reports.take("teller", told(KEY, "delivered"))
    await later.reports.take("teller", told(KEY, "unreachable"))
    row = await later.first_row()
    assert (row.status, row.delivery) == ("sent", "delivered")
    assert [event.name for event in await _events(shop)] == ["Message Delivered"]
    assert (await later.round()).fell_back == 0


async def test_a_bounce_is_an_event_with_the_providers_code(shop: Shop) -> None:
    later = await _sent(shop)
    await later.reports.take("teller", told(KEY, "failed"))
    await later.reports.take("teller", told(KEY, "unreachable"))
    [event] = await _events(shop)
    assert (event.name, event.properties["reason"]) == ("Message Bounced", "teller 7")
    assert (await later.first_row()).inputs["delivery"] == {"detail": "teller 7", "code": "7"}


async def test_a_report_of_a_message_that_is_not_ours_changes_nothing(shop: Shop) -> None:
    later = await _sent(shop)
    other = replace(told(KEY, "delivered"), key=CUSTOMER, provider_message_id="x")
    assert await later.reports.take("teller", other) == "unknown"
    assert await later.reports.take("another", told(KEY, "delivered")) == "unknown"
    assert (await later.first_row()).delivery is None
    # It was not remembered: should it come when we know it, it counts.
    assert await later.reports.take("teller", told(KEY, "delivered")) == "taken"


async def test_without_our_key_the_providers_number_tells_which(shop: Shop) -> None:
    later = await _sent(shop)
    assert await later.reports.take("teller", replace(told(KEY, "delivered"), key=None)) == "taken"
    assert (await later.first_row()).delivery == "delivered"


async def test_who_opts_out_with_the_provider_has_withdrawn(shop: Shop) -> None:
    later = await _sent(shop)
    await later.reports.take("teller", told(KEY, "unsubscribed"))
    async with shop.engine.connect() as db:
        consents = await db.scalar(text("select consents from customers"))
        logged = (await db.execute(text("select name, granted, source, evidence from consent_log order by name"))).all()
    assert (consents["sms"], consents["sms:night"], consents["email"]) == (False, False, True)
    assert [(row.name, row.granted, row.source) for row in logged] == [
        ("sms", False, "provider"),
        ("sms:night", False, "provider"),
    ]
    assert logged[0].evidence["message"] == str(KEY)
    assert {event.name for event in await _events(shop)} == {"Unsubscribed", "Consent Changed"}


async def test_a_number_that_is_nobodys_any_more_gets_no_advertising_until_they_agree_again(shop: Shop) -> None:
    later = await _sent(shop)
    await later.reports.take("teller", told(KEY, "unreachable", lasting=True))
    async with shop.engine.begin() as db:
        await change_consents(db, CUSTOMER, {"sms": True}, source="import", evidence={}, at=datetime.now(UTC))
        assert (await db.scalar(text("select consents -> 'sms' from customers"))) is False
        evidence = await db.scalar(text("select evidence from consent_log where name = 'sms' and act"))
    assert evidence == {"provider": "teller", "message": str(KEY), "report": f"{KEY}:unreachable", "bounce": "teller 7"}


async def test_an_opt_out_that_is_told_late_counts_from_when_it_was_made(shop: Shop) -> None:
    """Whoever agreed again in the meantime has agreed."""
    later = await _sent(shop)
    now = datetime.now(UTC)
    async with shop.engine.begin() as db:
        given: dict[str, Any] = {"source": "preferences", "evidence": {}, "confirm": True}
        await change_consents(db, CUSTOMER, {"sms": True}, at=now - timedelta(minutes=5), **given)
    call = Callback("", "unsubscribed", now - timedelta(minutes=9), id="h1", address="+821012345678")
    await later.reports.take("teller", call)
    async with shop.engine.begin() as db:
        assert (await db.scalar(text("select consents -> 'sms' from customers"))) is True
    await later.reports.take("teller", replace(call, at=now - timedelta(minutes=2), id="h2"))
    async with shop.engine.begin() as db:
        assert (await db.scalar(text("select consents -> 'sms' from customers"))) is False


async def test_who_calls_the_free_number_has_withdrawn(shop: Shop) -> None:
    later = await _sent(shop)
    call = Callback("", "unsubscribed", datetime.now(UTC), id="h1", address="+821012345678")
    assert await later.reports.take("teller", call) == "taken"
    assert await later.reports.take("teller", replace(call, address="+821099999999")) == "unknown"
    async with shop.engine.connect() as db:
        consents = await db.scalar(text("select consents from customers"))
        evidence = await db.scalar(text("select evidence::text from consent_log limit 1"))
    assert consents["sms"] is False
    assert "1234" not in evidence


async def test_a_device_where_nobody_is_any_more_is_dropped(shop: Shop) -> None:
    await shop.open(channel="push", **{"class": "informational"})
    async with shop.engine.begin() as db:
        await db.execute(
            text(
                "insert into devices (id, customer_id, kind, address, created_at, seen_at) "
                "values (gen_random_uuid(), :customer, 'push_token', 'token-0123456789', :at, :at)"
            ),
            {"customer": CUSTOMER, "at": NOON},
        )
    later = LaterShop(shop, first="push")
    await later.delivery().carry_out(NUDGE, NOON)
    await later.reports.take("teller", told(KEY, "unreachable", lasting=True))
    async with shop.engine.connect() as db:
        assert await db.scalar(text("select dropped_at from devices")) is not None


async def test_a_report_that_comes_before_the_receipt_is_kept(shop: Shop) -> None:
    await shop.open(**{"class": "informational"})
    later = LaterShop(shop)

    async def told_at_once() -> None:
        assert await Reports(shop.engine).take("teller", told(KEY, "unreachable")) == "taken"

    later.teller.behave = lambda _: told_at_once()
    await later.delivery().carry_out(NUDGE, NOON)
    row = await later.first_row()
    assert (row.status, row.delivery, row.counted_at) == ("sent", "unreachable", None)

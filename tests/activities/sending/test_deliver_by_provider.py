"""From a step to a provider's API and back: set up in the console, sent, reported, and the next channel's turn."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import col

from activities.channels.active_providers import ActiveProviders
from activities.channels.contract import Services
from activities.sending.deliver import Delivery
from activities.sending.reconcile_sends import Reconciliation
from activities.sending.reports import Reports
from orchestrator.core.events.ids import later_send_id, send_id
from orchestrator.settings import Settings
from orchestrator.store.channels.providers import choose_provider, save_setup
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.secret_box import Seal
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.sending import OutboxMessage, SendRecord
from tests.activities.shop import NOON, NUDGE, RUN, Shop
from tests.protocol_servers.solapi import API_KEY, API_SECRET, PF_ID, SENDER, WEBHOOK_SECRET, SolapiServer

KEY = send_id(RUN, "nudge", 1)
SECRET = "x" * 40
MESSAGE = {
    "channel": "kakao_brand",
    "fallback": ["email"],
    "content": {"ko": {"subject": "장바구니", "body": "{{ customer.first_name }}님, 기다리고 있어요"}},
}


@pytest.fixture
async def solapi() -> AsyncIterator[SolapiServer]:
    server = SolapiServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def active_providers(shop: Shop, solapi: SolapiServer, tmp_path: Path) -> AsyncIterator[ActiveProviders]:
    await shop.open(**MESSAGE)
    values = {"api_key": API_KEY, "sender": SENDER, "pf_id": PF_ID, "address": solapi.url}
    secrets = {"api_secret": API_SECRET, "webhook_secret": WEBHOOK_SECRET}
    async with shop.engine.begin() as db:
        await save_setup(db, Seal(SECRET), "solapi", values, secrets, who="kim", now=NOON)
        await choose_provider(db, "kakao_brand", "solapi")
    active_providers = ActiveProviders(Services(Settings(data_dir=tmp_path, secret_key=SecretStr(SECRET)), shop.engine))
    await active_providers.refresh()
    yield active_providers
    await active_providers.close()


async def _row(shop: Shop, key: object = KEY) -> SendRecord:
    async with shop.sessions() as session:
        return (await session.execute(select(SendRecord).where(col(SendRecord.id) == key))).scalar_one()


async def test_a_brand_message_that_does_not_arrive_goes_by_email(
    shop: Shop, solapi: SolapiServer, active_providers: ActiveProviders
) -> None:
    delivery = Delivery(shop.engine, Plans(shop.engine), active_providers)
    assert (await delivery.carry_out(NUDGE, NOON)).outcome == "sent"
    [message] = solapi.messages.values()
    assert message["type"] == "BMS_FREE"
    assert message["customFields"] == {"sojourn": str(KEY)}
    assert message["kakaoOptions"]["adFlag"] is True
    row = await _row(shop)
    assert (row.provider, row.provider_message_id) == ("solapi", message["messageId"])

    provider = active_providers.named("solapi")
    for report in provider.parse_callback(*solapi.report(message["messageId"], "3102")):
        assert await Reports(shop.engine).take("solapi", report) == "taken"
    following_up = Reconciliation(shop.engine, active_providers, delivery)
    done = await following_up.once(datetime.now(UTC) + timedelta(minutes=1))
    assert done.as_json() == {"fell_back": 1}
    async with shop.sessions() as session:
        kept = (await session.execute(select(OutboxMessage))).scalar_one()
    assert (kept.channel, kept.recipient) == ("email", "kim@example.com")
    assert kept.content["subject"].startswith("(광고)")
    later = await _row(shop, later_send_id(RUN, "nudge", 1, "kakao_brand"))
    assert (later.status, later.channel) == ("sent", "email")
    assert len(solapi.messages) == 1


async def test_a_call_that_was_heard_and_not_answered_is_asked_for(
    shop: Shop, solapi: SolapiServer, active_providers: ActiveProviders
) -> None:
    delivery = Delivery(shop.engine, Plans(shop.engine), active_providers)
    solapi.fault = "reset after accept"
    assert (await delivery.carry_out(NUDGE, NOON)).outcome == "unknown"
    assert (await _row(shop)).status == "unknown"
    solapi.fault = ""
    solapi.settle(str(KEY), "4000")
    done = await Reconciliation(shop.engine, active_providers, delivery).once(datetime.now(UTC) + timedelta(minutes=1))
    assert done.settled == 1
    row = await _row(shop)
    assert (row.status, row.delivery) == ("sent", "delivered")
    assert (solapi.sending_calls, len(solapi.messages)) == (1, 1)


async def test_who_opted_out_with_the_provider_has_withdrawn_here_too(
    shop: Shop, solapi: SolapiServer, active_providers: ActiveProviders
) -> None:
    solapi.refused = {"01012345678": "1061"}
    delivery = Delivery(shop.engine, Plans(shop.engine), active_providers)
    assert (await delivery.carry_out(NUDGE, NOON)).outcome == "sent"
    async with shop.sessions() as session:
        consents = (await session.execute(select(Customer.consents))).scalar_one()  # type: ignore[call-overload]
    assert (consents["kakao_brand"], consents["email"]) == (False, True)
    assert (await _row(shop)).channel == "email"

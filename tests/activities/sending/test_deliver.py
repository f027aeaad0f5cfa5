"""The activity ``deliver``: what becomes of a message, and what the ledger says of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.exceptions import ApplicationError

from activities.channels.contract import Ambiguous, DefinitionError, OutgoingMessage, Temporary, Unreachable
from activities.sending.contract import StepWork
from activities.sending.deliver import DeliverInput, DeliverResult, Delivery, delivery_from
from orchestrator.core.events.ids import send_id
from orchestrator.settings import Settings
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.events import StoredEvent
from orchestrator.store.tables.journeys import Journey
from orchestrator.store.tables.runs import Run
from orchestrator.store.tables.sending import OutboxMessage, SendRecord
from orchestrator.store.tables.workspace import Workspace
from tests.activities.shop import CUSTOMER, NIGHT, NOON, NUDGE, OPT_OUT, RUN, SENDER, Shop

HELD_UNTIL = datetime(2026, 3, 2, 23, tzinfo=UTC)


def raising(*errors: Exception | None) -> Any:
    """Fails with these, one for each call; None: takes the message."""
    left = list(errors)

    def behave(_: OutgoingMessage) -> None:
        error = left.pop(0) if left else None
        if error is not None:
            raise error

    return behave


# --- sent ----------------------------------------------------------------------------------------------------------


async def test_a_message_is_sent_once_and_recorded(shop: Shop) -> None:
    await shop.open()
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
    [(message, key)] = shop.provider.calls
    assert key == send_id(RUN, "nudge", 1)
    assert (message.channel, message.recipient, message.locale) == ("sms", "+821012345678", "ko")
    assert message.subject == "", "a title would make a short text message a long one"
    assert message.body == f"(광고)[달빛상점] 지은님, c-1 SAVE10\n{OPT_OUT}"
    assert message.tags == {"customer": str(CUSTOMER), "journey": "cart", "step": "nudge"}
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason, row.channel, row.provider, row.provider_message_id) == (
        *("sent", "", "sms"),
        *("recorder", "p-1"),
    )
    assert (row.attempts, row.created_at, row.sent_at, row.run_id, row.occurrence) == (1, NOON, NOON, RUN, 1)
    assert (row.content["body"], row.content["to"]) == (message.body, "+821012345678")
    assert row.inputs["consents"] == {"sms": True, "sms:night": False}


async def test_delivering_again_calls_nobody(shop: Shop) -> None:
    await shop.open()
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
    assert await shop.delivery().carry_out(NUDGE, NIGHT) == DeliverResult("sent")
    assert len(shop.provider.calls) == 1


async def test_another_visit_to_the_step_is_another_message(shop: Shop) -> None:
    await shop.open()
    delivery = shop.delivery()
    for occurrence in (1, 2):
        await delivery.carry_out(replace(NUDGE, occurrence=occurrence), NOON)
    assert len({key for _, key in shop.provider.calls}) == 2


async def test_variables_and_the_last_event_reach_the_template(shop: Shop) -> None:
    body = "{{ var.coupon }} {{ event.sku }} {{ entry.cart_id }} {{ workspace.sender_name }} {{ customer.email }}"
    await shop.open(**{"class": "informational", "content": {"ko": {"body": body}}})
    async with shop.sessions.begin() as session:
        properties = {"sku": "S-9"}
        session.add(
            StoredEvent(
                message_id="m-2",
                customer_id=CUSTOMER,
                name="X",
                properties=properties,
                occurred_at=NOON,
                received_at=NOON,
            )
        )
    await shop.delivery().carry_out(replace(NUDGE, variables={"coupon": "OWN"}, event="m-2"), NOON)
    assert shop.provider.calls[0][0].body == "OWN S-9 c-1 달빛상점 kim@example.com"


async def test_the_language_is_the_customers(shop: Shop) -> None:
    await shop.open(**{"class": "informational", "content": {"ko": {"body": "가"}, "en": {"body": "a"}}})
    await shop.delivery().carry_out(NUDGE, NOON)
    await shop.change(Customer, locale="en-GB")
    await shop.delivery().carry_out(replace(NUDGE, occurrence=2), NOON)
    assert [message.body for message, _ in shop.provider.calls] == ["가", "a"]


async def test_a_customer_who_turned_out_known_is_reached_where_they_are_known(shop: Shop) -> None:
    await shop.open()
    known = uuid4()
    async with shop.sessions.begin() as session:
        consents = {"sms": True}
        session.add(Customer(id=known, phone="+821099999999", consents=consents, created_at=NOON, updated_at=NOON))
        session.add(Customer(id=uuid4(), created_at=NOON, updated_at=NOON))
        (await session.get_one(Customer, CUSTOMER)).merged_into = known
    await shop.delivery().carry_out(NUDGE, NOON)
    [(message, _)] = shop.provider.calls
    assert (message.recipient, message.tags["customer"]) == ("+821099999999", str(known))


# --- held and skipped ----------------------------------------------------------------------------------------------


async def test_a_held_message_is_recorded_and_decided_again_in_full(shop: Shop) -> None:
    await shop.open()
    delivery = shop.delivery()
    assert await delivery.carry_out(NUDGE, NIGHT) == DeliverResult("held", "legal_night", HELD_UNTIL)
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason, row.hold_until, row.attempts) == ("held", "legal_night", HELD_UNTIL, 0)
    await shop.change(Customer, consents={})
    assert await delivery.carry_out(NUDGE, HELD_UNTIL) == DeliverResult("skipped", "no_consent")
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason, row.hold_until) == ("skipped", "no_consent", None)
    assert row.inputs["passed"] == {"sms": {"code": "no_consent", "channel": "sms"}}
    assert shop.provider.calls == []


async def test_a_held_message_goes_out_in_the_morning(shop: Shop) -> None:
    await shop.open()
    await shop.delivery().carry_out(NUDGE, NIGHT)
    assert await shop.delivery().carry_out(NUDGE, HELD_UNTIL) == DeliverResult("sent")


async def test_where_the_first_channel_may_not_the_next_does(shop: Shop) -> None:
    await shop.open(channel="push", fallback=["sms", "email"])
    await shop.change(Customer, consents={"push": True, "email": True})
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
    assert shop.provider.channels == ["email"]
    row = await shop.ledger()
    assert row is not None
    assert {channel: reason["code"] for channel, reason in row.inputs["passed"].items()} == {
        "push": "no_address",
        "sms": "no_consent",
    }


@pytest.mark.parametrize(
    ("table", "values", "result"),
    [
        (Run, {"finished_at": NOON, "status": "finished"}, DeliverResult("skipped", "run_over")),
        (Journey, {"status": "stopped"}, DeliverResult("skipped", "journey_stopped")),
        (Journey, {"key": "gone"}, DeliverResult("skipped", "journey_stopped")),
        (Journey, {"status": "paused"}, DeliverResult("held", "journey_paused", NOON + timedelta(hours=1))),
        (Customer, {"phone": None}, DeliverResult("skipped", "no_address")),
        (Customer, {"consents": {}}, DeliverResult("skipped", "no_consent")),
        (Customer, {"id": uuid4()}, DeliverResult("skipped", "no_consent")),
        (Workspace, {"settings": {"sending": {"policy": "none"}}}, DeliverResult("sent")),
        (
            Workspace,
            {"settings": {**SENDER, "sending": {"quiet_hours": {"start": "11:00", "end": "13:00"}}}},
            DeliverResult("held", "quiet_hours", NOON + timedelta(hours=1)),
        ),
    ],
)
async def test_circumstances_decide(shop: Shop, table: Any, values: dict[str, Any], result: DeliverResult) -> None:
    await shop.open()
    await shop.change(table, **values)
    assert await shop.delivery().carry_out(NUDGE, NOON) == result
    assert len(shop.provider.calls) == (result.outcome == "sent")
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason) == (result.outcome, result.reason)


async def test_the_steps_own_condition_is_asked_again_at_the_moment_of_sending(shop: Shop) -> None:
    not_bought = {"kind": "history", "event": "Order Completed", "since_entry": True, "op": "eq", "value": 0}
    same_cart = {"kind": "property", "name": "cart_id", "value": {"ref": "entry.cart_id"}}
    await shop.open(only_if={"kind": "all", "of": [not_bought, same_cart]})
    delivery = shop.delivery()
    assert await delivery.carry_out(NUDGE, NOON) == DeliverResult("sent")
    async with shop.sessions.begin() as session:
        bought: dict[str, Any] = {"message_id": "m-3", "customer_id": CUSTOMER, "name": "Order Completed"}
        session.add(StoredEvent(**bought, properties={}, occurred_at=NOON, received_at=NOON))
    again = replace(NUDGE, occurrence=2)
    assert await delivery.carry_out(again, NOON + timedelta(minutes=1)) == DeliverResult("skipped", "not_wanted")


@pytest.mark.parametrize(
    ("on_missing", "body", "result"),
    [
        ("blank", "a{{ entry.nothing }}", DeliverResult("sent")),
        ("skip", "a{{ entry.nothing }}", DeliverResult("skipped", "missing_variable")),
        ("skip", "a{{ entry.nothing|default('b') }}", DeliverResult("sent")),
        ("blank", "{{ entry.nothing }}", DeliverResult("skipped", "no_content")),
        ("blank", "{{ 1 / 0 }}", DeliverResult("skipped", "template_failed")),
    ],
)
async def test_an_unset_variable_follows_the_messages_rule(
    shop: Shop, on_missing: str, body: str, result: DeliverResult
) -> None:
    await shop.open(on_missing=on_missing, content={"ko": {"body": body}})
    assert await shop.delivery().carry_out(NUDGE, NOON) == result
    row = await shop.ledger()
    assert row is not None
    if result.outcome == "sent" and "default" not in body:
        assert row.content["missing"] == ["entry.nothing"]
    if result.reason == "missing_variable":
        assert row.inputs["reason"] == {"code": "missing_variable", "names": ["entry.nothing"]}


# --- what providers answer -----------------------------------------------------------------------------------------


async def test_an_unreachable_customer_is_tried_on_the_next_channel(shop: Shop) -> None:
    await shop.open(channel="sms", fallback=["email"])
    shop.provider.behave = raising(Unreachable("no such number"))
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")
    assert shop.provider.channels == ["sms", "email"]
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.channel, row.attempts) == ("sent", "email", 2)
    assert row.inputs["passed"]["sms"]["code"] == "unreachable"


async def test_one_reachable_nowhere_is_recorded_and_not_tried_again(shop: Shop) -> None:
    await shop.open(channel="sms", fallback=["email"])
    shop.provider.behave = raising(Unreachable("a"), Unreachable("b"))
    for _ in range(2):
        assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("skipped", "unreachable")
    assert shop.provider.channels == ["sms", "email"]
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason) == ("failed", "unreachable")


async def test_a_fallback_is_held_to_its_own_rules(shop: Shop) -> None:
    await shop.open(channel="email", fallback=["sms"])
    shop.provider.behave = raising(Unreachable("no mailbox"))
    assert await shop.delivery().carry_out(NUDGE, NIGHT) == DeliverResult("held", "legal_night", HELD_UNTIL)
    assert shop.provider.channels == ["email"]


async def test_an_ambiguous_answer_is_never_followed_by_another_call(shop: Shop) -> None:
    await shop.open(channel="sms", fallback=["email"])
    shop.provider.behave = raising(Ambiguous("lost"))
    for _ in range(2):
        assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("unknown", "ambiguous")
    assert shop.provider.channels == ["sms"]
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason, row.content["to"]) == ("unknown", "ambiguous", "+821012345678")


async def test_a_passing_fault_is_temporals_to_retry_and_decided_again(shop: Shop) -> None:
    await shop.open()
    shop.provider.behave = raising(Temporary("busy", timedelta(seconds=7)))
    with pytest.raises(ApplicationError) as caught:
        await shop.delivery().carry_out(NUDGE, NOON)
    assert (caught.value.type, caught.value.non_retryable, caught.value.next_retry_delay) == (
        *("Temporary", False),
        timedelta(seconds=7),
    )
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason) == ("failed", "temporary")
    assert await shop.delivery().carry_out(NUDGE, NIGHT) == DeliverResult("held", "legal_night", HELD_UNTIL)
    assert await shop.delivery().carry_out(NUDGE, HELD_UNTIL) == DeliverResult("sent")
    assert len(shop.provider.calls) == 2


async def test_a_wrong_definition_stops_the_step_until_it_is_put_right(shop: Shop) -> None:
    await shop.open()
    shop.provider.behave = raising(DefinitionError("template mismatch"))
    with pytest.raises(ApplicationError) as caught:
        await shop.delivery().carry_out(NUDGE, NOON)
    assert (caught.value.type, caught.value.non_retryable) == ("DefinitionError", True)
    assert "nudge" in str(caught.value)
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason) == ("failed", "definition_error")
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("sent")


@pytest.mark.parametrize(
    ("given", "workspace"),
    [
        (replace(NUDGE, step="nowhere"), {}),
        (replace(NUDGE, step="end"), {}),
        (NUDGE, {"sending": {"policy": "XX"}}),
        (NUDGE, {"sending": {"nigth": None}}),
    ],
)
async def test_what_makes_no_sense_is_a_definition_error(
    shop: Shop, given: DeliverInput, workspace: dict[str, Any]
) -> None:
    await shop.open()
    await shop.change(Workspace, settings=workspace)
    with pytest.raises(ApplicationError) as caught:
        await shop.delivery().carry_out(given, NOON)
    assert caught.value.type == "DefinitionError"


async def test_a_run_without_a_row_is_tried_again(shop: Shop) -> None:
    await shop.open()
    with pytest.raises(ApplicationError) as caught:
        await shop.delivery().carry_out(replace(NUDGE, run=str(uuid4())), NOON)
    assert (caught.value.type, caught.value.non_retryable) == ("UnknownRun", False)


async def test_errors_name_nobody(shop: Shop) -> None:
    await shop.open(content={"ko": {"body": "{{ customer.first_name + 1 }}"}})
    await shop.delivery().carry_out(NUDGE, NOON)
    row = await shop.ledger()
    assert row is not None
    assert "지은" not in str(row.inputs)


# --- with the real outbox ------------------------------------------------------------------------------------------


async def test_the_workers_delivery_fills_the_outbox(shop: Shop, tmp_path: Any) -> None:
    await shop.open()
    delivery = await delivery_from(Settings(data_dir=tmp_path), shop.engine, Plans(shop.engine))
    given = [replace(NUDGE, occurrence=n) for n in range(1, 41)]
    results = await asyncio.gather(*(delivery.carry_out(one, NOON) for one in given + given))
    assert set(results) == {DeliverResult("sent")}
    async with shop.sessions() as session:
        connection = await session.connection()
        for table in (OutboxMessage, SendRecord):
            count = await connection.exec_driver_sql(f"select count(*) from {table.__tablename__}")
            assert count.scalar_one() == 40


def test_an_answer_leaves_out_what_is_not_there() -> None:
    assert DeliverResult("sent").as_json() == {"outcome": "sent"}
    assert DeliverResult("held", "legal_night", NOON).as_json() == {
        "outcome": "held",
        "reason": "legal_night",
        "until": "2026-03-02T03:00:00+00:00",
    }


# --- steps that send no message --------------------------------------------------------------------------------------


async def test_a_step_kind_with_a_handler_is_carried_out_by_it(shop: Shop) -> None:
    await shop.open()
    works: list[StepWork] = []

    class Handler:
        async def handle(self, work: StepWork) -> DeliverResult:
            works.append(work)
            return DeliverResult("sent", values={"status": 200})

        async def close(self) -> None:
            pass

    delivery = Delivery(shop.engine, Plans(shop.engine), {}, {"message": Handler()})
    result = await delivery.carry_out(NUDGE, NOON)
    assert result.as_json() == {"outcome": "sent", "values": {"status": 200}}
    [work] = works
    assert (work.place.id, work.kind, work.given, work.now) == (send_id(RUN, "nudge", 1), "message", NUDGE, NOON)
    assert (work.plan.key, work.seen.row["customer_id"], work.seen.status) == ("cart", CUSTOMER, None)
    assert await shop.ledger() is None

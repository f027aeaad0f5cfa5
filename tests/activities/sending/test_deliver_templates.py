"""A message that names a template says what the template says when it is sent, and the ledger says which that was."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from temporalio.exceptions import ApplicationError

from orchestrator.store.tables.templates import MessageTemplate
from orchestrator.store.templates import documents as store
from tests.activities.shop import NOON, NUDGE, Shop

WORDS = {"sms": {"ko": {"body": "{{ customer.first_name }}님, 첫 번째"}}}


def document(**fields: Any) -> dict[str, Any]:
    return {"name": "Hello", "class": "informational", "channels": WORDS, **fields}


async def shop_with(shop: Shop, used: bool = True, **fields: Any) -> Shop:
    await shop.open(content={}, template="hello", **{"class": "informational"})
    async with shop.sessions.begin() as session:
        assert await store.create_template(session, "hello", document(**fields), NOON)
        if used:
            await store.put_into_use(session, "hello", NOON)
    return shop


async def rewrite(shop: Shop, text: str, use: bool = True) -> None:
    async with shop.sessions.begin() as session:
        words = {"sms": {"ko": {"body": text}}}
        assert await store.save_template(session, "hello", document(channels=words), NOON, revision=1)
        if use:
            await store.put_into_use(session, "hello", NOON)


async def test_it_says_what_the_template_says(shop: Shop) -> None:
    await shop_with(shop)
    assert (await shop.delivery().carry_out(NUDGE, NOON)).outcome == "sent"
    row = await shop.ledger()
    assert row is not None
    assert shop.provider.calls[0][0].body == "지은님, 첫 번째"
    assert (row.template, row.template_revision, row.content["body"]) == ("hello", 1, "지은님, 첫 번째")


async def test_as_of_its_sending_also_in_a_process_that_knew_another(shop: Shop) -> None:
    await shop_with(shop)
    delivery = shop.delivery()
    await delivery.carry_out(NUDGE, NOON)
    await rewrite(shop, "두 번째")
    delivery._templates._known["hello"].until = 0  # a second has gone by
    await delivery.carry_out(replace(NUDGE, occurrence=2), NOON)
    row = await shop.ledger(2)
    assert row is not None
    assert (row.template_revision, row.content["body"]) == (2, "두 번째")


async def test_a_draft_is_not_sent(shop: Shop) -> None:
    await shop_with(shop)
    await rewrite(shop, "아직 쓰는 중", use=False)
    await shop.delivery().carry_out(NUDGE, NOON)
    assert shop.provider.calls[0][0].body == "지은님, 첫 번째"


@pytest.mark.parametrize("how", ["missing", "never used", "archived", "without the channel"])
async def test_what_cannot_be_sent_is_an_error_of_the_definition(shop: Shop, how: str) -> None:
    if how == "missing":
        await shop.open(content={}, template="hello", **{"class": "informational"})
    elif how == "without the channel":
        await shop_with(shop, channels={"push": {"ko": {"body": "x"}}})
    else:
        await shop_with(shop, used=how != "never used")
    if how == "archived":
        async with shop.sessions.begin() as session:
            await session.execute(update(MessageTemplate).values(archived_at=NOON))
    with pytest.raises(ApplicationError) as raised:
        await shop.delivery().carry_out(NUDGE, NOON)
    assert raised.value.type == "DefinitionError"
    assert raised.value.non_retryable
    assert shop.provider.calls == []


async def test_advertising_if_either_says_so(shop: Shop) -> None:
    fields: dict[str, Any] = {"class": "advertising"}
    await shop_with(shop, **fields)
    await shop.delivery().carry_out(NUDGE, NOON)
    row = await shop.ledger()
    assert row is not None
    assert row.message_class == "advertising"
    assert shop.provider.calls[0][0].body.startswith("(광고)")


async def test_a_variable_that_is_waited_for_holds_the_message_for_a_day(shop: Shop) -> None:
    words = {"sms": {"ko": {"body": "{{ customer.size }} 사이즈"}}}
    await shop_with(shop, channels=words, variables={"customer.size": {"unset": "hold"}})
    delivery = shop.delivery()
    held = await delivery.carry_out(NUDGE, NOON)
    assert (held.outcome, held.reason, held.until) == ("held", "missing_variable", NOON + timedelta(hours=1))
    late = await delivery.carry_out(NUDGE, NOON + timedelta(days=1))
    assert (late.outcome, late.reason) == ("skipped", "missing_variable")


async def test_a_variable_that_came_lets_it_go(shop: Shop) -> None:
    words = {"sms": {"ko": {"body": "{{ customer.first_name }} 사이즈"}}}
    await shop_with(shop, channels=words, variables={"customer.first_name": {"unset": "hold"}})
    assert (await shop.delivery().carry_out(NUDGE, NOON)).outcome == "sent"

"""An advertisement says who sends it and how to opt out, or goes to nobody."""

from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.sending.deliver import DeliverResult
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.workspace import Workspace
from tests.activities.shop import NOON, NUDGE, SENDER, Shop


async def test_an_advertisement_that_lacks_its_marks_stops_the_step(shop: Shop) -> None:
    await shop.open()
    await shop.change(Workspace, settings={**SENDER, "opt_out_number": "", "opt_out_in_app": "see the app"})
    with pytest.raises(ApplicationError, match="not marked: opt_out") as caught:
        await shop.delivery().carry_out(NUDGE, NOON)
    assert caught.value.non_retryable
    assert shop.provider.calls == []
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason, row.inputs["reason"]["marks"]) == ("failed", "unmarked", ["opt_out"])


@pytest.mark.parametrize(
    ("settings", "marks"),
    [
        ({}, ["sender", "contact", "opt_out"]),
        ({"sender_name": "달빛상점", "opt_out_number": "080-123-4567"}, ["contact"]),
        ({"sender_contact": "02-123-4567", "opt_out_number": "080-123-4567"}, ["sender"]),
        ({"sender_name": "달빛상점", "sender_contact": "02-123-4567"}, ["opt_out"]),
    ],
)
@pytest.mark.parametrize("channel", ["email", "sms", "kakao_brand", "push", "in_app"])
async def test_an_advertisement_whose_sender_is_not_told_is_refused_on_every_channel(
    shop: Shop, channel: str, settings: dict[str, Any], marks: list[str]
) -> None:
    """Once and for all: the run goes on, and nobody tries again for ever."""
    await shop.open(channel=channel)
    await shop.change(Workspace, settings=settings)
    await shop.change(Customer, attributes={"push_token": "token-0123456789"})
    assert await shop.delivery().carry_out(NUDGE, NOON) == DeliverResult("skipped", "no_sender")
    row = await shop.ledger()
    assert row is not None
    assert (row.status, row.reason, row.inputs["reason"]["marks"]) == ("skipped", "no_sender", marks)

"""Messages that nobody knows about are asked for; what is known not to have arrived goes another way, once."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.channels.contract import Ambiguous, CallbackKind, DefinitionError, Temporary
from activities.sending.reconcile_sends import GIVE_UP
from orchestrator.core.events.ids import later_send_id
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.journeys import Journey
from orchestrator.store.tables.runs import Run
from orchestrator.store.tables.workspace import Workspace
from tests.activities.later_shop import KEY, LaterShop, told
from tests.activities.shop import NIGHT, NOON, NUDGE, RUN, Shop

LATER = later_send_id(RUN, "nudge", 1, "sms")
INFORMATION: dict[str, Any] = {"class": "informational"}
ADVERTISING: dict[str, Any] = {"class": "advertising"}


def _silent(_: Any) -> None:
    raise Ambiguous("no answer")


async def _sent(shop: Shop, *, silent: bool = False, **settings: Any) -> LaterShop:
    await shop.open(**{**INFORMATION, "fallback": ["email"], **settings})
    later = LaterShop(shop)
    later.teller.behave = _silent if silent else None
    await later.delivery().carry_out(NUDGE, NOON)
    return later


@pytest.mark.parametrize(
    ("knows", "status", "reason"),
    [
        ("accepted", "sent", ""),
        ("delivered", "sent", ""),
        ("failed", "failed", "not_delivered"),
    ],
)
async def test_what_nobody_knew_is_settled_by_asking(shop: Shop, knows: CallbackKind, status: str, reason: str) -> None:
    later = await _sent(shop, silent=True)
    later.teller.knows[KEY] = knows
    assert (await later.round(timedelta(seconds=10))).asked == 0
    assert (await later.round()).asked == 1
    row = await later.first_row()
    assert (row.status, row.reason) == (status, reason)
    [asked] = later.teller.asked
    assert (asked.channel, asked.key, asked.recipient) == ("sms", KEY, "+821012345678")
    assert later.plain.calls == []


async def test_silence_is_asked_again_with_growing_patience_and_never_sent_again(shop: Shop) -> None:
    later = await _sent(shop, silent=True)
    later.teller.knows.clear()
    elapsed = timedelta(0)
    while elapsed < GIVE_UP - timedelta(hours=1):
        elapsed += timedelta(minutes=10)
        await later.round(elapsed)
    assert 12 < len(later.teller.asked) < 30
    assert (await later.first_row()).status == "unknown"
    done = await later.round(GIVE_UP + timedelta(hours=5))
    assert done.given_up == 1
    row = await later.first_row()
    assert (row.status, row.reason, row.counted_at) == ("failed", "not_accepted", None)
    assert (await later.round(GIVE_UP + timedelta(hours=6))).as_json() == {}
    assert (len(later.teller.calls), later.plain.calls) == (1, [])


async def test_a_provider_that_cannot_answer_is_no_answer(shop: Shop) -> None:
    later = await _sent(shop, silent=True)
    for problem in (Temporary("busy"), DefinitionError("wrong key")):
        later.teller.away = problem
        await later.round(timedelta(days=1))
        assert (await later.first_row()).status == "unknown"
    await later.round(GIVE_UP + timedelta(hours=1))
    assert (await later.first_row()).status == "unknown"


async def test_unreachable_later_gives_the_next_channel_its_turn_once(shop: Shop) -> None:
    later = await _sent(shop)
    await later.reports.take("teller", told(KEY, "unreachable"))
    assert (await later.round()).fell_back == 1
    for _ in range(3):
        assert (await later.round()).fell_back == 0
    [(message, key)] = later.plain.calls
    assert (message.channel, message.recipient, key) == ("email", "kim@example.com", LATER)
    assert message.body.startswith("지은님")
    first, second = await later.first_row(), next(row for row in await later.rows() if row.id == LATER)
    assert (first.status, first.delivery) == ("sent", "unreachable")
    assert "later" not in first.inputs
    assert first.inputs["fallback"] == {"send": str(LATER), "outcome": "sent", "reason": ""}
    assert (second.status, second.channel, second.run_id, second.step) == ("sent", "email", RUN, "nudge")
    assert second.inputs["passed"]["sms"]["code"] == "unreachable"
    assert second.inputs["after"] == "sms"


async def test_unreachable_is_found_by_asking_where_nobody_calls(shop: Shop) -> None:
    later = await _sent(shop)
    later.teller.knows[KEY] = "unreachable"
    done = await later.round()
    assert (done.asked, done.fell_back) == (1, 1)
    assert [message.channel for message, _ in later.plain.calls] == ["email"]


async def test_after_silence_unreachable_falls_back_and_the_rest_does_not(shop: Shop) -> None:
    later = await _sent(shop, silent=True)
    await later.round()
    assert later.plain.calls == []
    await later.reports.take("teller", told(KEY, "unreachable"))
    await later.round()
    assert len(later.plain.calls) == 1


@pytest.mark.parametrize("what", ["delivered", "failed", "accepted", "opened"])
async def test_nothing_else_gives_the_next_channel_its_turn(shop: Shop, what: CallbackKind) -> None:
    later = await _sent(shop)
    later.teller.knows[KEY] = "accepted"
    await later.reports.take("teller", told(KEY, what))
    await later.round()
    assert later.plain.calls == []


async def test_without_another_channel_nothing_is_kept_for_later(shop: Shop) -> None:
    later = await _sent(shop, fallback=[])
    assert "later" not in (await later.first_row()).inputs
    await later.reports.take("teller", told(KEY, "unreachable"))
    assert (await later.round()).as_json() == {}


async def test_the_runs_own_variables_are_still_there(shop: Shop) -> None:
    await shop.open(**{**INFORMATION, "fallback": ["email"]})
    later = LaterShop(shop)
    given = type(NUDGE)(NUDGE.run, NUDGE.step, variables={"coupon": "OWN-1"})
    await later.delivery().carry_out(given, NOON)
    await later.reports.take("teller", told(KEY, "unreachable"))
    await later.round()
    [(message, _)] = later.plain.calls
    assert "OWN-1" in message.body


async def test_the_later_message_is_decided_anew(shop: Shop) -> None:
    later = await _sent(shop, **ADVERTISING)
    await later.reports.take("teller", told(KEY, "unreachable"))
    await shop.change(Customer, consents={})
    assert (await later.round()).fell_back == 1
    assert later.plain.calls == []
    second = next(row for row in await later.rows() if row.id == LATER)
    assert (second.status, second.reason) == ("failed", "unreachable")
    assert second.inputs["passed"]["email"]["code"] == "no_consent"


async def test_a_run_that_came_to_its_end_has_not_withdrawn_the_message(shop: Shop) -> None:
    later = await _sent(shop)
    await shop.change(Run, finished_at=NOON, reason="done", status="finished")
    await later.reports.take("teller", told(KEY, "unreachable"))
    await later.round()
    assert len(later.plain.calls) == 1


async def test_a_run_that_was_ended_has(shop: Shop) -> None:
    later = await _sent(shop)
    await shop.change(Run, finished_at=NOON, reason="goal:bought", status="finished")
    await later.reports.take("teller", told(KEY, "unreachable"))
    await later.round()
    assert later.plain.calls == []


async def test_held_for_the_night_it_goes_in_the_morning(shop: Shop) -> None:
    later = await _sent(shop, fallback=["push"], **ADVERTISING)
    await shop.change(Customer, attributes={"push_token": "token-0123456789"})
    now = datetime.now(UTC)
    await shop.change(Workspace, clock_real=now, clock_journey=NIGHT, day_seconds=86_400)
    await later.reports.take("teller", told(KEY, "unreachable"))
    assert (await later.round()).waiting == 1
    assert later.plain.calls == []
    second = next(row for row in await later.rows() if row.id == LATER)
    assert (second.status, second.reason) == ("held", "legal_night")
    assert (await later.round(timedelta(hours=1))).as_json() == {}
    assert (await later.round(timedelta(hours=10, minutes=1))).fell_back == 1
    assert [message.channel for message, _ in later.plain.calls] == ["push"]


async def test_a_paused_journey_keeps_it_waiting(shop: Shop) -> None:
    later = await _sent(shop)
    await later.reports.take("teller", told(KEY, "unreachable"))
    await shop.change(Journey, status="paused")
    assert (await later.round()).waiting == 1
    await shop.change(Journey, status="live")
    assert (await later.round(timedelta(hours=2))).fell_back == 1
    assert len(later.plain.calls) == 1


async def test_a_passing_fault_of_the_next_provider_is_tried_again(shop: Shop) -> None:
    later = await _sent(shop)
    await later.reports.take("teller", told(KEY, "unreachable"))

    def busy(_: Any) -> None:
        later.plain.behave = None
        raise Temporary("busy")

    later.plain.behave = busy
    assert (await later.round()).waiting == 1
    assert (await later.round()).fell_back == 1
    assert len(later.plain.calls) == 2


async def test_an_ambiguous_second_ends_it(shop: Shop) -> None:
    later = await _sent(shop, fallback=["email", "push"])
    await later.reports.take("teller", told(KEY, "unreachable"))
    later.plain.behave = _silent
    await later.round()
    await later.round()
    assert [message.channel for message, _ in later.plain.calls] == ["email"]
    assert (await later.first_row()).inputs["fallback"]["outcome"] == "unknown"


async def test_after_three_days_nothing_is_followed_up(shop: Shop) -> None:
    later = await _sent(shop)
    await later.reports.take("teller", told(KEY, "unreachable"))
    assert (await later.round(GIVE_UP + timedelta(days=1, minutes=1))).as_json() == {}
    assert "later" not in (await later.first_row()).inputs
    assert later.plain.calls == []


KINDS: tuple[CallbackKind, ...] = ("accepted", "delivered", "unreachable", "failed", "opened")


@pytest.mark.parametrize("seed", range(12))
async def test_never_two_messages_unless_the_first_is_known_not_to_have_arrived(shop: Shop, seed: int) -> None:
    """Random reports, questions, rounds and repeated deliveries, in random order and several at once."""
    chance = random.Random(seed)
    await shop.open(**{**INFORMATION, "fallback": ["email", "push"]})
    await shop.change(Customer, attributes={"push_token": "token-0123456789"})
    later = LaterShop(shop)
    later.teller.behave = chance.choice((None, _silent))
    await later.delivery().carry_out(NUDGE, NOON)
    unreachable = False
    hours = 0.0
    for _ in range(12):
        hours += chance.random() * 8
        match chance.choice(("report", "report", "know", "forget", "round", "deliver")):
            case "report":
                what = chance.choice(KINDS)
                before = await later.first_row()
                await later.reports.take("teller", told(KEY, what, id=str(chance.random())))
                unreachable |= what == "unreachable" and before.delivery is None
            case "know":
                later.teller.knows[KEY] = chance.choice(KINDS)
            case "forget":
                later.teller.knows.pop(KEY, None)
            case "round":
                await later.round(timedelta(hours=hours))
            case "deliver":
                await later.delivery().carry_out(NUDGE, NOON)
        row = await later.first_row()
        unreachable |= row.delivery == "unreachable"
        assert len(later.teller.calls) == 1
        assert len(later.plain.calls) <= int(unreachable)
    assert {key for _, key in later.plain.calls} <= {LATER}

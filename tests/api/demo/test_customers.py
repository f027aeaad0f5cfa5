"""The demo shop is the same for the same seed, goes on after a restart, and speaks the intake's language."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import httpx2
import phonenumbers
import pytest

from api.demo import customers as demo
from api.demo.story import story
from orchestrator.core.timing import Clock

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CLOCK = Clock(20.0, NOW, NOW)


def test_a_story_is_the_same_each_time() -> None:
    once, again = (list(itertools.islice(story(7, 5), 200)) for _ in range(2))
    assert once == again
    assert once != list(itertools.islice(story(8, 5), 200))


def test_everybody_signs_up_first_and_can_be_reached() -> None:
    for number in range(demo.CUSTOMERS):
        identify, signed_up = itertools.islice(story(demo.SEED, number), 2)
        assert identify.event == ""
        assert signed_up.event == "Signed Up"
        assert identify.properties["email"].endswith("@example.com")
        assert phonenumbers.is_valid_number(phonenumbers.parse(identify.properties["phone"], None))


def test_an_order_has_a_cart_that_was_filled_before() -> None:
    for number in range(60):
        filled: set[str] = set()
        for act in itertools.islice(story(demo.SEED, number), 300):
            if act.event == "Product Added":
                filled.add(act.properties["cart_id"])
            if act.event == "Order Completed":
                assert act.properties["cart_id"] in filled
                assert act.properties["revenue"] == sum(item["price"] for item in act.properties["products"])


def test_every_kind_of_end_happens_within_four_months() -> None:
    seen: dict[int, set[str]] = {}
    for number in range(60):
        passed, names = timedelta(0), set()
        for act in story(demo.SEED, number):
            passed += act.after
            if passed > timedelta(days=120):
                break
            names.add(act.event)
        seen[number] = names
    assert sum("Order Completed" in names for names in seen.values()) in range(25, 56)
    assert any("Product Reviewed" in names for names in seen.values())


def test_a_restart_goes_on_with_the_next_act() -> None:
    acts = list(itertools.islice(story(demo.SEED, 0), 6))
    due = next(one for one in demo.schedule({0: (5, NOW)}, NOW) if one.number == 0)
    assert (due.index, due.act) == (6, acts[5])
    assert due.at == NOW + acts[5].after


def test_what_was_missed_is_spread_over_a_day() -> None:
    done = {number: (3, NOW - timedelta(days=900)) for number in range(40)}
    due = [one.at for one in demo.schedule(done, NOW) if one.number < 40]
    assert all(NOW <= at <= NOW + timedelta(days=1) for at in due)
    assert len(set(due)) > 30


def test_those_who_have_not_come_yet_keep_their_distances() -> None:
    fresh = {one.number: one.at for one in demo.schedule({}, NOW)}
    later = {one.number: one.at for one in demo.schedule(dict.fromkeys(range(60), (1, NOW)), NOW)}
    assert later[60] == NOW
    assert later[70] - later[60] == fresh[70] - fresh[60]


@pytest.fixture
def heard() -> list[dict[str, object]]:
    return []


async def test_sends_batches_that_the_intake_can_read(heard: list[dict[str, object]]) -> None:
    answers = iter([503, 200])

    def answer(request: httpx2.Request) -> httpx2.Response:
        status = next(answers, 200)
        if status == 200:
            heard.extend(json.loads(request.content)["batch"])
        return httpx2.Response(status, json={"success": True})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://shop") as http:
        shop = demo.Shop(http, "key", CLOCK, demo.schedule({}, NOW))
        demo.PATIENCE, patience = 0.0, demo.PATIENCE
        try:
            for second in range(40):
                await shop.send_due(NOW + timedelta(seconds=second / 2))
        finally:
            demo.PATIENCE = patience
    ids = [str(call["messageId"]) for call in heard]
    assert len(ids) > 50
    assert len(ids) == len(set(ids))
    assert {call["type"] for call in heard} == {"identify", "track"}
    for number in range(24):
        own = [one for one in ids if one.startswith(f"demo-{demo.SEED}-{number:03d}-")]
        assert own == sorted(own), "in the order in which they happened"
    assert all(datetime.fromisoformat(str(call["timestamp"])) <= NOW + timedelta(seconds=20) for call in heard)

"""Test runs over HTTP: the path, the reasons, the messages as they would be read; and what is refused."""

import json
from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.api.conftest import Rows
from tests.core.run.driver import branch, delay, history, journey, leave, message, prop, wait

START = "2026-03-02T01:00:00Z"
CUSTOMER = {
    "attributes": {"first_name": "지우"},
    "consents": {"email": True},
    "contacts": {"email": "jiwoo@example.com"},
    "locale": "ko",
}


@pytest.fixture(autouse=True)
async def shop(rows: Rows) -> None:
    """Says who sends its advertising."""
    own = json.dumps({"sender_name": "오늘찻집", "sender_contact": "02-123-4567"})
    await rows("insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'ko', %s)", own)


def document() -> dict[str, Any]:
    return journey(
        wait("pay", "Paid", "1d", prop("cart", {"ref": "entry.cart"})),
        branch("loyal", loyal=history("Paid", value=3)),
        message("hello"),
        leave(),
        edges="entry > pay, pay:happened > loyal, pay:timeout > hello, "
        "loyal:loyal > hello, loyal:otherwise > end, hello > end",
    )


async def run(admin: AsyncClient, *events: tuple[str, str, dict[str, Any]], until: str, **more: Any) -> Any:
    script = {
        "document": document(),
        "customer": CUSTOMER,
        "start": START,
        "until": until,
        "events": [{"at": at, "name": name, "properties": properties} for at, name, properties in events],
        **more,
    }
    answer = await admin.post("/api/journeys/test-run", json=script)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_without_events_it_says_which_event_lets_somebody_in(admin: AsyncClient) -> None:
    told = await run(admin, until=START)
    assert told["runs"] == []
    assert told["entry_events"] == [{"name": "Enter", "properties": {}}]
    assert told["next_at"] is None


async def test_a_waiting_run_tells_what_would_wake_it_and_when_time_will(admin: AsyncClient) -> None:
    told = await run(admin, (START, "Enter", {"cart": "c1"}), until=START)
    (one,) = told["runs"]
    assert one["now"]["text"]["en"] == "Waits for *Paid* (cart is “c1”) until Tue 3 Mar 2026 10:00"
    assert one["now"]["text"]["ko"] == "2026년 3월 3일(화) 10:00까지 *Paid*(cart = “c1”) 대기"
    assert one["now"]["waking_events"] == [{"event": "Paid", "port": "happened", "properties": {"cart": "c1"}}]
    assert told["next_at"] == "2026-03-03T01:00:00Z"


async def test_an_event_that_several_rules_wait_for_is_offered_once(admin: AsyncClient) -> None:
    rule = {"event": "Paid", "where": prop("cart", {"ref": "entry.cart"})}
    rules: dict[str, Any] = {"goals": [{"id": "paid", **rule}], "exits": [{"id": "bought", **rule}]}
    waiting = journey(delay("pause", "1d"), leave(), edges="entry > pause, pause > end", **rules)
    told = await run(admin, (START, "Enter", {"cart": "c1"}), until=START, document=waiting)
    assert told["runs"][0]["now"]["waking_events"] == [{"event": "Paid", "port": None, "properties": {"cart": "c1"}}]


async def test_an_event_that_does_not_count_is_told_why(admin: AsyncClient) -> None:
    told = await run(
        admin,
        (START, "Enter", {"cart": "c1"}),
        ("2026-03-02T02:00:00Z", "Paid", {"cart": "c2"}),
        until=START.replace("01", "03", 1),
    )
    assert told["events"][1]["text"]["en"] == "“Wait for Paid, up to 1 day” keeps waiting: cart is “c1” (found: “c2”)"


async def test_a_branch_tells_the_value_that_it_found(admin: AsyncClient) -> None:
    paid = ("2026-03-02T02:00:00Z", "Paid", {"cart": "c1"})
    told = await run(admin, (START, "Enter", {"cart": "c1"}), paid, until="2026-03-02T02:00:00Z")
    (one,) = told["runs"]
    left = next(line for line in one["transitions"] if line["step"] == "loyal" and line["what"] == "left")
    assert left["text"]["en"] == "Took the path “Everyone else”: did not hold: *Paid* at least 3 times (found: 1)"
    assert left["text"]["ko"] == "‘그 외’ 경로로 진행: 조건을 만족하지 않음: *Paid* 3회 이상(실제 1)"
    assert one["ended"]["reason"] == "completed"
    assert one["now"] is None


async def test_history_before_the_start_counts_and_starts_nothing(admin: AsyncClient) -> None:
    before = [(f"2026-02-0{n}T00:00:00Z", "Paid", {"cart": "c"}) for n in (1, 2)]
    paid = ("2026-03-02T02:00:00Z", "Paid", {"cart": "c1"})
    told = await run(
        admin,
        *before,
        ("2026-02-01T00:00:00Z", "Enter", {}),
        (START, "Enter", {"cart": "c1"}),
        paid,
        until="2026-03-02T02:00:00Z",
    )
    assert [send["outcome"] for send in told["runs"][0]["sends"]] == ["sent"]
    assert len(told["runs"]) == 1


async def test_a_message_is_shown_as_the_customer_would_read_it(admin: AsyncClient) -> None:
    script = document()
    script["steps"][2]["settings"]["content"] = {"ko": {"subject": "안녕하세요", "body": "{{ customer.first_name }}님"}}
    told = await run(admin, (START, "Enter", {"cart": "c1"}), until="2026-03-04T00:00:00Z", document=script)
    (send,) = told["runs"][0]["sends"]
    assert send["content"]["subject"] == "(광고) 안녕하세요"
    assert send["content"]["body"].startswith("지우님")
    assert send["text"]["en"] == "Sent by e-mail"


async def test_an_advertisement_whose_sender_the_settings_do_not_tell_is_told_of(
    admin: AsyncClient, rows: Rows
) -> None:
    await rows("update workspace set settings = '{}'")
    told = await run(admin, (START, "Enter", {"cart": "c1"}), until="2026-03-04T00:00:00Z")
    (send,) = told["runs"][0]["sends"]
    assert (send["outcome"], send["reason"]) == ("skipped", "no_sender")
    assert "who sends it" in send["text"]["en"]
    assert "발신자 연락처" in send["text"]["ko"]


async def test_an_advertisement_without_consent_is_told_of(admin: AsyncClient) -> None:
    told = await run(
        admin, (START, "Enter", {"cart": "c1"}), until="2026-03-04T00:00:00Z", customer={**CUSTOMER, "consents": {}}
    )
    (send,) = told["runs"][0]["sends"]
    assert (send["outcome"], send["reason"]) == ("skipped", "no_consent")
    assert send["text"]["ko"] == "발송 안 함: 이메일 광고 수신 동의 없음"
    assert send["content"] is None


async def test_a_journey_with_errors_is_refused_with_them(admin: AsyncClient) -> None:
    broken = {**document(), "edges": []}
    answer = await admin.post("/api/journeys/test-run", json={"document": broken})
    assert answer.status_code == 409
    assert answer.json()["code"] == "journey_has_errors"
    assert {problem["code"] for problem in answer.json()["problems"]} >= {"no_entry_edge"}


async def test_a_loop_without_end_is_left_off_and_said_so(admin: AsyncClient) -> None:
    round_and_round = journey(
        delay("tick", "1m"),
        {"id": "again", "kind": "go_to", "stage": "intake", "settings": {"target": "tick"}},
        edges="entry > tick, tick > again",
        exits=[{"id": "never", "event": "Never"}],
    )
    told = await run(admin, (START, "Enter", {}), until="2027-03-02T01:00:00Z", document=round_and_round)
    assert told["stopped"]["text"]["en"].startswith("More happens")


async def test_times_out_of_all_proportion_are_refused(admin: AsyncClient) -> None:
    for changed in (
        {"until": "2099-01-01T00:00:00Z"},
        {"start": "0001-01-01T00:00:00Z"},
        {"events": [{"at": "9999-12-31T00:00:00Z", "name": "x"}]},
    ):
        script = {"document": document(), "start": START, "until": START, **changed}
        answer = await admin.post("/api/journeys/test-run", json=script)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


async def test_an_unknown_customer_is_said_to_be_so(admin: AsyncClient) -> None:
    answer = await admin.post("/api/journeys/test-run", json={"document": document(), "customer": {"id": "nobody"}})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_customer")


async def test_a_real_customer_is_decided_as_at_a_real_send(
    client: AsyncClient, admin: AsyncClient, rows: Rows
) -> None:
    """With their devices, complaints, dates of consents, refusals, and what they have been sent."""
    who = {"email": "jiwoo@example.com", "consents": {"email": True}}
    assert (await client.post("/v1/identify", json={"userId": "u1", "traits": who})).status_code == 200

    async def outcome() -> tuple[str, str]:
        entered = (START, "Enter", {"cart": "c1"})
        told = await run(admin, entered, until="2026-03-04T00:00:00Z", customer={"id": "u1"})
        (send,) = told["runs"][0]["sends"]
        return send["outcome"], send["reason"]

    assert await outcome() == ("sent", "")
    await rows(
        "insert into complaints (id, customer_id, source, opened_at) "
        "select gen_random_uuid(), id, 'survey', now() from customers where email = 'jiwoo@example.com'"
    )
    assert await outcome() == ("skipped", "complaint_open")

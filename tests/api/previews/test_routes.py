"""Previews: a condition counted, a delay dated, a message as it would be read; finished or not, nothing breaks."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text

from api.previews import routes as previews
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from tests.web import shop


@pytest.fixture(autouse=True)
async def filled(api_settings: Settings) -> None:
    engine = create_engine(api_settings.database_url)
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(
            text(
                "insert into seen_names (kind, event, name, type, first_seen) values "
                "('event', '', 'Signed Up', '', now()), ('attribute', '', 'name', 'string', now()),"
                "('attribute', '', 'birthday', 'string', now()), ('attribute', '', 'first_name', 'string', now())"
            )
        )
    await engine.dispose()


async def ask(admin: AsyncClient, what: str, **body: Any) -> Any:
    answer = await admin.post(f"/api/previews/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


SIGNED_UP = {"kind": "history", "event": "Signed Up"}


async def test_a_condition_in_words_with_how_many_customers_meet_it(admin: AsyncClient) -> None:
    told = await ask(admin, "condition", condition=SIGNED_UP)
    assert told["text"] == {"en": "*Signed Up* at least once", "ko": "*Signed Up* 1회 이상"}
    assert (told["customers"], told["too_slow"], told["problems"]) == (1, False, [])
    assert told["customer"] is None


async def test_whether_one_customer_meets_it_and_why(admin: AsyncClient) -> None:
    told = await ask(admin, "condition", condition=SIGNED_UP, customer={"id": "shop-1"})
    assert told["customer"] == {
        "truth": True,
        "text": {"en": "*Signed Up* at least once (found: 1)", "ko": "*Signed Up* 1회 이상(실제 1)"},
    }
    invented = await ask(admin, "condition", condition=SIGNED_UP, customer={"attributes": {"name": "x"}})
    assert invented["customer"]["truth"] is False


async def test_a_condition_on_an_event_is_not_counted(admin: AsyncClient) -> None:
    told = await ask(admin, "condition", condition={"kind": "property", "name": "total", "op": "gte", "value": 5})
    assert (told["customers"], told["too_slow"]) == (None, False)


async def test_counting_gives_up_before_anybody_loses_patience(
    admin: AsyncClient, monkeypatch: pytest.MonkeyPatch, api_settings: Settings
) -> None:
    engine = create_engine(api_settings.database_url)
    async with engine.begin() as db:  # enough events that one millisecond is too short
        await db.execute(
            text(
                "insert into events (message_id, customer_id, kind, name, occurred_at, received_at) "
                "select 'x' || n, gen_random_uuid(), 'track', 'Signed Up', now(), now() "
                "from generate_series(1, 50000) n"
            )
        )
        await db.execute(
            text(
                "insert into customers (id, created_at, updated_at) select gen_random_uuid(), now(), now() "
                "from generate_series(1, 20000)"
            )
        )
    await engine.dispose()
    monkeypatch.setattr(previews, "PATIENCE", 0.001)
    told = await ask(admin, "condition", condition=SIGNED_UP)
    assert (told["customers"], told["too_slow"]) == (None, True)


@pytest.mark.parametrize("condition", [{}, {"kind": "nonsense"}, {"kind": "history"}, {"kind": "all", "of": [{}]}])
async def test_an_unfinished_condition_has_problems_and_breaks_nothing(admin: AsyncClient, condition: Any) -> None:
    told = await ask(admin, "condition", condition=condition)
    assert told["customers"] is None
    assert [problem["severity"] for problem in told["problems"]].count("error") >= 1


async def test_an_unknown_name_is_warned_of(admin: AsyncClient) -> None:
    told = await ask(admin, "condition", condition={"kind": "attribute", "name": "tieer", "value": "vip"})
    assert [problem["code"] for problem in told["problems"]] == ["unknown_attribute"]


async def test_a_delay_is_dated_on_the_customers_clock(admin: AsyncClient) -> None:
    told = await ask(
        admin,
        "delay",
        settings={"mode": "time_of_day", "at": "10:00"},
        now="2026-03-02T02:00:00Z",
        customer={"time_zone": "Asia/Seoul"},
    )
    assert told["until"] == "2026-03-03T01:00:00Z"
    assert told["text"]["en"] == "This would be Tue 3 Mar 2026 10:00, in 23 hours (Asia/Seoul)."
    assert told["text"]["ko"] == "2026년 3월 3일(화) 10:00, 23시간 뒤입니다(Asia/Seoul)."


async def test_a_birthday_of_a_customer_and_of_one_without(admin: AsyncClient) -> None:
    birthday = {"mode": "attribute", "attribute": "birthday", "yearly": True}
    told = await ask(admin, "delay", settings=birthday, customer={"id": "shop-1"}, now="2026-01-01T00:00:00Z")
    assert told["until"] == "2026-03-01T01:00:00Z"
    none = await ask(admin, "delay", settings=birthday)
    assert none["until"] is None
    assert none["text"]["en"] == "This customer has no date “birthday” and takes “No such date”."


async def test_an_unfinished_delay_has_problems(admin: AsyncClient) -> None:
    told = await ask(admin, "delay", settings={"mode": "duration"})
    assert told["until"] is None
    assert told["problems"]


def letter(**more: Any) -> dict[str, Any]:
    content = {"ko": {"subject": "{{ customer.first_name }}님께", "body": "안녕하세요 {{ customer.nothing }}"}}
    return {"channel": "email", "class": "advertising", "content": content, **more}


async def test_a_message_with_what_the_law_adds(admin: AsyncClient) -> None:
    told = await ask(admin, "message", settings=letter(), locale="ko", customer={"id": "shop-1"})
    assert told["subject"] == "(광고) 지우님께"
    assert told["missing"] == ["customer.nothing"]
    assert told["html"].startswith("<!DOCTYPE html>")
    assert told["facts"]["limit"] is None
    assert "법에 따라 맨 앞에 (광고)가 붙습니다." in [note["ko"] for note in told["notes"]]


async def test_without_a_customer_an_example_is_shown(admin: AsyncClient) -> None:
    told = await ask(admin, "message", settings=letter(**{"class": "informational"}))
    assert told["subject"] == "지우님께"
    assert told["notes"] == []


async def test_a_text_message_that_grows_long(admin: AsyncClient) -> None:
    short = {"channel": "sms", "class": "informational", "content": {"ko": {"body": "가" * 45}}}
    told = await ask(admin, "message", settings=short)
    assert told["facts"] == {"characters": 45, "bytes": 90, "limit": 90, "unit": "bytes", "form": "sms", "fits": True}
    short["content"] = {"ko": {"body": "가" * 46}}
    told = await ask(admin, "message", settings=short)
    assert (told["facts"]["form"], told["facts"]["limit"], told["facts"]["fits"]) == ("lms", 2000, True)
    assert told["notes"][0]["ko"].startswith("90바이트를 넘어 장문(LMS)으로")
    short["content"] = {"ko": {"body": "가🙂" * 1200}}
    told = await ask(admin, "message", settings=short)
    assert told["facts"]["fits"] is False
    assert len(told["notes"]) == 2


async def test_every_channel_and_language_can_be_asked_for(admin: AsyncClient) -> None:
    settings = letter(content={"ko": {"body": "가"}, "en": {"body": "A"}})
    for channel in ("email", "sms", "push", "alimtalk"):
        for locale, body in (("ko", "가"), ("en", "A"), ("fr", "가")):
            told = await ask(admin, "message", settings=settings, channel=channel, locale=locale)
            assert told["channel"] == channel
            assert body in told["body"]
            assert (told["html"] is None) == (channel != "email")


@pytest.mark.parametrize(
    "settings",
    [{}, {"channel": "email"}, {"content": 5}, {"content": {"ko": 5}}, {"content": {"ko": {"body": "{{ x"}}}],
)
async def test_an_unfinished_message_is_shown_as_far_as_it_goes(admin: AsyncClient, settings: Any) -> None:
    told = await ask(admin, "message", settings=settings)
    assert told["problems"]
    assert told["channel"] == "email"


async def test_a_script_in_a_message_stays_text(admin: AsyncClient) -> None:
    content = {"ko": {"subject": "x", "body": "{{ customer.name }}"}}
    told = await ask(
        admin, "message", settings=letter(content=content), customer={"attributes": {"name": shop.HOSTILE}}
    )
    assert "<script" not in told["html"]


async def test_a_channel_that_is_none_is_refused(admin: AsyncClient) -> None:
    answer = await admin.post("/api/previews/message", json={"settings": letter(), "channel": "pigeon"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")

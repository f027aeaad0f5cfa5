"""The page of sending policies, and the record of what a decision saw."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient
from sqlalchemy import insert, select

from orchestrator.core.sending.policies import NEW_WORKSPACE, policy_for
from orchestrator.settings import DEV_ADMIN_TOKEN, Settings
from orchestrator.store.database import create_engine
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.sending import SendRecord
from orchestrator.store.tables.workspace import Workspace
from orchestrator.store.workspace import prepare_workspace
from tests.web.people import csrf_of

NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)
CAP = {"cap0_most": "2", "cap0_per": "day", "cap0_when_full": "hold", "cap0_within": "24"}

SMS = {"channel": "sms", "class": "informational", "content": {"en": {"body": "Hello"}, "ko": {"body": "안녕하세요"}}}
CART = {
    "key": "cart",
    "name": {"ko": "장바구니 알림", "en": "Cart reminder"},
    "entry": {"triggers": [{"kind": "event", "event": "Cart Viewed"}]},
    "steps": [
        {"id": "welcome", "kind": "message", "stage": "intake", "label": {"en": "Say hello"}, "settings": SMS},
        {"id": "nudge", "kind": "message", "stage": "intake", "label": {"en": "Nudge"}, "settings": SMS},
        {"id": "end", "kind": "exit", "stage": "intake"},
    ],
    "edges": [
        {"from": "entry", "to": "welcome"},
        {"from": "welcome", "to": "nudge"},
        {"from": "nudge", "to": "end"},
    ],
}


@pytest.fixture(autouse=True)
async def workspace(console_settings: Settings) -> None:
    await prepare_workspace(console_settings)


async def sending(settings: Settings) -> dict[str, Any]:
    engine = create_engine(settings.database_url)
    async with engine.connect() as db:
        found: dict[str, Any] = (await db.execute(select(Workspace.settings))).scalar_one()  # type: ignore[call-overload]
    await engine.dispose()
    return dict(found.get("sending") or {})


async def save(browser: AsyncClient, path: str = "/policies", **form: str) -> Any:
    return await browser.post(path, data={"csrf": await csrf_of(browser), **form})


async def test_a_new_workspace_leaves_people_alone_at_night_and_sends_little(
    browser: AsyncClient, console_settings: Settings
) -> None:
    policy = policy_for(await sending(console_settings), None)
    assert policy.quiet_hours is not None
    assert (policy.quiet_hours.start.hour, policy.quiet_hours.end.hour, policy.quiet_hours.exempt) == (21, 8, ())
    assert [(cap.most, cap.per) for cap in policy.caps] == [(2, "day")]
    page = await browser.get("/policies")
    assert "21:00–08:00" in page.text
    assert "발송 횟수 제한이 없습니다" not in page.text


async def test_without_a_word_the_law_applies_and_the_page_says_so(browser: AsyncClient) -> None:
    await save(browser)  # an empty form: no wishes of the workspace's own
    page = await browser.get("/policies")
    assert page.status_code == 200
    assert "야간 동의가 있어야 광고를 보냅니다" in page.text
    assert "발송 횟수 제한이 없습니다" in page.text
    english = (await browser.get("/policies", headers={"accept-language": "en"})).text
    assert "advertising only with a night consent" in english


async def test_caps_and_quiet_hours_are_kept_and_told_in_plain_words(
    browser: AsyncClient, console_settings: Settings
) -> None:
    form = {**CAP, "cap0_channel": "sms", "cap0_tags": "sale, review", "cap0_calendar": "on"}
    answer = await save(browser, **form, policy="auto", quiet_hours_start="22:00", quiet_hours_end="10:00")
    assert answer.status_code == 303
    policy = policy_for(await sending(console_settings), "KR")
    [cap] = policy.caps
    assert (cap.most, cap.per, cap.calendar, cap.channels, cap.tags) == (2, "day", True, ("sms",), ("sale", "review"))
    assert policy.quiet_hours is not None
    assert policy.night is not None
    page = (await browser.get("/policies?done=policy", headers={"accept-language": "en"})).text
    assert "at most 2 a day on SMS tagged sale, review; when it is full: wait until there is room." in page
    assert "22:00–10:00: no advertising at all." in page


async def test_rows_are_added_and_taken_away_before_anything_is_kept(
    browser: AsyncClient, console_settings: Settings
) -> None:
    more = (await save(browser, **CAP, add="1")).text
    assert 'name="cap1_most"' in more
    less = (await save(browser, **CAP, remove="0")).text
    assert 'name="cap0_most"' not in less
    assert await sending(console_settings) == NEW_WORKSPACE


async def test_a_country_has_rules_of_its_own(browser: AsyncClient, console_settings: Settings) -> None:
    await save(browser, **CAP)
    await save(browser, "/policies?country=JP", **{**CAP, "cap0_most": "5"})
    kept = await sending(console_settings)
    assert [policy_for(kept, code).caps[0].most for code in ("KR", "JP", None)] == [2, 5, 2]
    assert 'value="5"' in (await browser.get("/policies?country=JP")).text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({**CAP, "cap0_most": "0"}, "w-cap0"),
        ({**CAP, "cap0_most": "many"}, "w-cap0"),
        ({**CAP, "cap0_per": "hour", "cap0_calendar": "on"}, "w-cap0"),
        ({"quiet_hours_start": "22:00"}, "w-quiet_hours"),
        ({"quiet_hours_start": "08:00", "quiet_hours_end": "21:00"}, "w-windows"),
        ({"reconfirm_days": "long"}, "w-reconfirm_after"),
    ],
)
async def test_what_makes_no_sense_is_said_where_it_stands(
    browser: AsyncClient, console_settings: Settings, form: dict[str, str], told: str
) -> None:
    answer = await save(browser, **form)
    assert answer.status_code == 400
    assert f'id="{told}"' in answer.text
    assert await sending(console_settings) == NEW_WORKSPACE


async def test_what_the_form_does_not_know_stays(browser: AsyncClient, console_settings: Settings) -> None:
    engine = create_engine(console_settings.database_url)
    async with engine.begin() as db:
        await db.execute(Workspace.__table__.update().values(settings={"sending": {"complaints": False}}))  # type: ignore[attr-defined]
    await engine.dispose()
    await save(browser, **CAP)
    assert (await sending(console_settings))["complaints"] is False


async def test_a_held_message_shows_everything_that_its_decision_saw(
    browser: AsyncClient, console_settings: Settings
) -> None:
    headers = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
    assert (await browser.put("/api/journeys/cart", json=CART, headers=headers)).status_code in (200, 201)
    published = await browser.post("/api/journeys/cart/publish", headers=headers, json={"override": True})
    assert published.status_code == 200, published.text
    customer, earlier = uuid4(), uuid4()
    engine = create_engine(console_settings.database_url)
    row = {"run_id": uuid4(), "journey_key": "cart", "step": "nudge", "occurrence": 1, "customer_id": customer}
    common = {**row, "message_class": "advertising", "created_at": NOON}
    policy = policy_for({"caps": [{"most": 1, "per": "day"}]}, "KR").as_json
    inputs = {
        "local": "2026-03-02T12:00:00",
        "zone": "Asia/Seoul",
        "channels": ["sms"],
        "consents": {"sms": True},
        "policy": policy,
        "counted": [[str(earlier), NOON.isoformat(), "sms"]],
        "reason": {
            "code": "frequency_cap_held",
            "by": [str(earlier)],
            "cap": {"en": "at most 1 in 24 hours", "ko": "24시간에 최대 1건"},
            "until": "2026-03-03 12:00",
            "zone": "Asia/Seoul",
        },
    }
    async with engine.begin() as db:
        await db.execute(insert(Customer).values(id=customer, external_id="kim", created_at=NOON, updated_at=NOON))
        sent = {"id": earlier, "status": "sent", "channel": "sms", "step": "welcome"}
        await db.execute(insert(SendRecord).values(**{**common, **sent}))
        held = {"id": uuid4(), "status": "held", "reason": "frequency_cap_held", "inputs": inputs, "hold_until": NOON}
        await db.execute(insert(SendRecord).values(**{**common, **held}))
    await engine.dispose()
    page = (await browser.get(f"/customers/{customer}/messages", headers={"accept-language": "en"})).text
    for words in ("at most 1 in 24 hours", "uses up the cap", "Cart reminder · Say hello", "Korea", "21:00–08:00"):
        assert words in page

"""What customers do with the links in their messages: clicks, openings, opting out, preferences. No one signs in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from api.pages.links import links_of
from api.public.visitors import is_person
from orchestrator.links import PREVIEW, Links, Signed
from orchestrator.store.customers.consents import change_consents
from orchestrator.store.database import create_engine
from tests.api.conftest import Rows

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
CUSTOMER, SEND, RUN = uuid4(), uuid4(), uuid4()
BROWSER = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
TARGET = "https://shop.example/봄?a=1&utm_source=sojourn"


class _Asked:
    def __init__(self, app: FastAPI) -> None:
        self.app = app


@pytest.fixture
def links(app: FastAPI) -> Links:
    return links_of(_Asked(app))  # type: ignore[arg-type]


@pytest.fixture
async def receiver(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Whoever has the message: a browser of their own, in Korean."""
    headers = {"user-agent": BROWSER, "accept-language": "ko-KR,ko;q=0.9"}
    async with AsyncClient(
        transport=ASGITransport(app, client=("10.0.0.5", 50000)), base_url="http://localhost", headers=headers
    ) as client:
        yield client


@pytest.fixture(autouse=True)
async def sent(rows: Rows) -> None:
    consents = orjson.dumps({"email": True, "sms": True, "sms:night": True, "push": False}).decode()
    await rows(
        "insert into customers (id, email, phone, consents, consented_at, created_at, updated_at)"
        " values (%s, 'kim@example.com', '+821012345678', %s, %s, %s, %s)",
        *(CUSTOMER, consents, orjson.dumps({"email": "2025-01-05T00:00:00+00:00"}).decode(), NOW, NOW),
    )
    for send, channel in ((SEND, "email"), (RUN, "sms")):
        content = orjson.dumps({"to": "kim@example.com", "locale": "ko", "links": [TARGET, "javascript:x"]}).decode()
        given = (send, RUN, CUSTOMER, channel, content, NOW)
        await rows(
            "insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason,"
            " attempts, channel, content, created_at)"
            " values (%s, %s, 'cart', 'mail', 1, %s, 'advertising', 'sent', '', 1, %s, %s, %s)",
            *given,
        )


async def events(rows: Rows, name: str) -> list[dict[str, Any]]:
    return await rows("select properties, customer_id, routed_at, kind from events where name = %s order by seq", name)


async def consents(rows: Rows) -> dict[str, Any]:
    return (await rows("select consents from customers"))[0]["consents"]  # type: ignore[no-any-return]


def path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


async def test_a_click_is_counted_and_sent_on(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    answer = await receiver.get(path(links.click(SEND, 0)))
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://shop.example/%EB%B4%84?a=1&utm_source=sojourn"
    assert answer.headers["referrer-policy"] == "no-referrer"
    [event] = await events(rows, "Message Clicked")
    assert event["properties"] == {
        "journey": "cart",
        "step": "mail",
        "run": str(RUN),
        "occurrence": 1,
        "channel": "email",
        "message": str(SEND),
        "link": 0,
        "url": TARGET,
    }
    assert (event["customer_id"], event["kind"], event["routed_at"]) == (CUSTOMER, "system", None)
    [row] = await rows("select clicked_at from sends where id = %s", SEND)
    assert row["clicked_at"] is not None


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "facebookexternalhit/1.1"},
        {"user-agent": "kakaotalk-scrap/1.0"},
        {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"user-agent": ""},
        {"sec-purpose": "prefetch;prerender"},
        {"x-moz": "prefetch"},
    ],
)
async def test_machines_are_sent_on_and_not_counted(
    receiver: AsyncClient, links: Links, rows: Rows, headers: dict[str, str]
) -> None:
    for url in (links.click(SEND, 0), links.open(SEND)):
        assert (await receiver.get(path(url), headers=headers)).status_code in (200, 302)
    assert (await receiver.head(path(links.click(SEND, 0)))).status_code == 302
    assert await rows("select 1 from events") == []
    assert (await rows("select clicked_at from sends where id = %s", SEND))[0]["clicked_at"] is None


async def test_an_opening_is_told_once(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    for _ in range(2):
        answer = await receiver.get(path(links.open(SEND)))
        assert answer.headers["content-type"] == "image/gif"
    assert len(await events(rows, "Message Opened")) == 1
    assert (await rows("select opened_at from sends where id = %s", SEND))[0]["opened_at"] is not None


async def test_wrong_links_get_a_friendly_page_and_lead_nowhere(receiver: AsyncClient, links: Links) -> None:
    gone, wrong = uuid4(), links.token("open", Signed(SEND, "0"))
    for place in (
        *(f"/{letter}/{token}" for letter in "lup" for token in ("x", "a.b", wrong, "%00", "가", "x" * 3000)),
        path(links.click(SEND, 7)),
        path(links.click(SEND, 1)),
        "/l/" + links.token("click", Signed(SEND, "-1")),
        "/l/" + links.token("click", Signed(SEND, "²")),
        path(links.click(gone, 0)),
        path(links.unsubscribe(gone, "email")),
        path(links.unsubscribe(SEND, "pigeon")),
        path(links.preferences(gone)),
    ):
        answer = await receiver.get(place)
        assert answer.status_code == 404, place
        assert "더 이상 쓸 수 없는 링크입니다" in answer.text, place
        assert "location" not in answer.headers
    assert "This link no longer works" in (await receiver.get("/l/x?lang=en")).text
    broken = await receiver.get("/o/nonsense.gif")
    assert (broken.status_code, broken.headers["content-type"]) == (200, "image/gif")


async def test_looking_at_the_page_unsubscribes_nobody(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    page = await receiver.get(path(links.unsubscribe(SEND, "email")))
    assert "이메일 광고 수신을 거부하시겠어요?" in page.text
    assert "k**@example.com" in page.text
    assert "kim@example.com" not in page.text
    assert (await receiver.head(path(links.unsubscribe(SEND, "email")))).status_code in (200, 405)
    assert (await consents(rows))["email"] is True
    english = await receiver.get(path(links.unsubscribe(SEND, "email")), headers={"accept-language": "en-GB"})
    assert "Stop advertising by e-mail?" in english.text
    for name in ("content-security-policy", "x-robots-tag"):
        assert page.headers[name]
    assert "<script" not in page.text


async def test_one_click_of_a_mail_program_is_enough(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    """RFC 8058, 3.2: a POST of exactly this body, without cookies, without a page."""
    place = path(links.unsubscribe(SEND, "email"))
    for _ in range(2):
        answer = await receiver.post(place, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert (await consents(rows))["email"] is False
    [line] = await rows("select name, granted, source, evidence from consent_log")
    assert line == {
        "name": "email",
        "granted": False,
        "source": "unsubscribe",
        "evidence": {"send": str(SEND), "journey": "cart", "form": "one_click", "before": {"email": True}},
    }
    [event] = await events(rows, "Unsubscribed")
    assert (event["properties"]["channel"], event["properties"]["message"]) == ("email", str(SEND))
    assert len(await events(rows, "Consent Changed")) == 1


async def test_one_click_as_multipart(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    answer = await receiver.post(
        path(links.unsubscribe(SEND, "email")), files={"List-Unsubscribe": (None, "One-Click")}
    )
    assert answer.status_code == 200
    assert (await consents(rows))["email"] is False


async def test_the_button_opts_out_by_day_and_night_and_can_be_undone(
    receiver: AsyncClient, links: Links, rows: Rows
) -> None:
    place = path(links.unsubscribe(RUN, "sms"))
    done = await receiver.post(place, data={"action": "out"})
    assert "수신거부가 완료되었습니다" in done.text
    assert await consents(rows) == {"email": True, "sms": False, "sms:night": False, "push": False}
    assert "이미 수신거부하셨습니다" in (await receiver.get(place)).text
    back = await receiver.post(place, data={"action": "undo"})
    assert "다시 수신합니다" in back.text
    assert await consents(rows) == {"email": True, "sms": True, "sms:night": True, "push": False}
    assert len(await rows("select 1 from consent_log")) == 4


async def test_undo_gives_back_no_more_than_was_taken(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    await rows("update customers set consents = '{}'")
    place = path(links.unsubscribe(SEND, "email"))
    await receiver.post(place, data={"action": "out"})
    await receiver.post(place, data={"action": "undo"})
    assert await consents(rows) == {"email": False}


@pytest.mark.parametrize(
    "since",
    [
        "another link",
        "the preference page",
        "the provider",
        "the shop",
        "undone already",
        "an hour ago",
        "the night only",
    ],
)
async def test_an_old_link_gives_back_nothing_that_was_withdrawn_later(
    receiver: AsyncClient, links: Links, rows: Rows, database_url: str, since: str
) -> None:
    """The opt-out of another message by the same channel, the preference page, the provider, the shop: whoever said no
    afterwards, an undo of before takes it back no more; and no undo counts twice, or late."""
    place = path(links.unsubscribe(RUN, "sms"))
    await receiver.post(place, data={"action": "out"})
    if since == "another link":
        await rows("update sends set channel = 'sms' where id = %s", SEND)
        await receiver.post(path(links.unsubscribe(SEND, "sms")), data={"List-Unsubscribe": "One-Click"})
    elif since == "the preference page":
        await receiver.post(path(links.preferences(CUSTOMER)), data={"email": "on"})
    elif since in ("the provider", "the shop", "the night only"):
        name = "sms:night" if since == "the night only" else "sms"
        source = "intake" if since == "the shop" else "provider"
        given: dict[str, Any] = {"source": source, "evidence": {}, "at": datetime.now(UTC)}
        engine = create_engine(database_url)
        async with engine.begin() as db:
            await change_consents(db, CUSTOMER, {name: False}, **given)
        await engine.dispose()
    elif since == "undone already":
        await receiver.post(place, data={"action": "undo"})
        await receiver.post(place, data={"action": "out"})
    else:
        await rows("update consent_log set at = at - interval '61 minutes'")
    page = await receiver.post(place, data={"action": "undo"})
    assert "이 링크로는 더 이상 되돌릴 수 없습니다" in page.text
    stands = await consents(rows)
    assert (stands["sms"], stands["sms:night"]) == (False, False)


async def test_preferences_show_what_stands_dated(receiver: AsyncClient, links: Links) -> None:
    page = (await receiver.get(path(links.preferences(CUSTOMER)))).text
    assert 'name="email" checked' in page
    assert "2025.01.05" in page
    assert 'name="sms:night" checked' in page
    assert 'name="push"' in page
    assert 'name="email:night"' not in page, "advertising e-mail may go at night"
    assert 'name="kakao_brand"' in page
    assert 'name="web_push"' not in page
    assert "kim@" not in page
    assert "1012345678" not in page


async def test_what_is_saved_is_remembered_confirmed_and_told(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    place = path(links.preferences(CUSTOMER))
    page = await receiver.post(place, data={"email": "on", "sms:night": "on", "push": "on", "push:night": "on"})
    assert "저장했습니다" in page.text
    assert await consents(rows) == {
        "email": True,
        "sms": False,
        "sms:night": False,
        "kakao_brand": False,
        "push": True,
        "push:night": True,
    }
    [row] = await rows("select consented_at from customers")
    assert set(row["consented_at"]) == {"email", "push", "push:night"}
    assert not row["consented_at"]["email"].startswith("2025"), "what stays ticked is confirmed, and dated anew"
    [event] = await events(rows, "Consent Changed")
    assert event["properties"] == {
        "source": "preferences",
        "granted": ["push", "push:night"],
        "withdrawn": ["kakao_brand", "sms", "sms:night"],
        "confirmed": ["email"],
    }


async def test_one_button_ends_all_advertising(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    await receiver.post(path(links.preferences(CUSTOMER)), data={"email": "on", "sms": "on", "action": "none"})
    assert set((await consents(rows)).values()) == {False}


async def test_who_became_another_customer_changes_that_one(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    visitor = uuid4()
    await rows(
        "insert into customers (id, merged_into, created_at, updated_at) values (%s, %s, %s, %s)",
        *(visitor, CUSTOMER, NOW, NOW),
    )
    await receiver.post(path(links.preferences(visitor)), data={"action": "none"})
    assert (await consents_of(rows, CUSTOMER))["email"] is False


async def consents_of(rows: Rows, customer: UUID) -> dict[str, Any]:
    [row] = await rows("select consents from customers where id = %s", customer)
    return row["consents"]  # type: ignore[no-any-return]


async def test_a_marketer_may_look_without_changing_anything(receiver: AsyncClient, links: Links, rows: Rows) -> None:
    for place in (path(links.unsubscribe(PREVIEW, "email")), path(links.preferences(PREVIEW))):
        for answer in (await receiver.get(place), await receiver.post(place, data={"action": "out", "email": "on"})):
            assert answer.status_code == 200
            assert "미리보기입니다" in answer.text
    assert await rows("select 1 from consent_log") == []


def test_who_counts_as_a_person() -> None:
    from starlette.requests import Request

    def asks(agent: str, method: str = "GET") -> bool:
        return is_person(Request({"type": "http", "method": method, "headers": [(b"user-agent", agent.encode())]}))

    assert asks(BROWSER)
    assert asks("Mozilla/5.0 (Windows NT 5.1) AppleWebKit/537 Firefox/11.0 (via ggpht.com GoogleImageProxy)")
    assert asks("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 KAKAOTALK 10.8.0")
    assert not asks(BROWSER, "HEAD")
    assert not asks("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)")

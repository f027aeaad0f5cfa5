"""The checks before a draft goes live: made of real rows, shown with figures, called links and all; and overridden."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from activities.http.guarded import guarded_client
from api.preflight.link_checks import LinkChecks
from tests.api.conftest import Rows
from tests.waiting import until

CUSTOMERS = 40


class Shop(BaseHTTPRequestHandler):
    """A shop's server: pages that are there, moved, missing; one that does not know HEAD."""

    def do_HEAD(self) -> None:
        pages = {"/ok": 200, "/gone": 404, "/moved": 301, "/away": 302, "/get-only": 405, "/shut": 403}
        self._answer(pages.get(self._page, 404))

    def do_GET(self) -> None:
        self._answer({"/ok": 200, "/get-only": 200, "/shut": 403}.get(self._page, 404))

    @property
    def _page(self) -> str:
        return self.path.partition("?")[0]

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status in (301, 302):
            away = f"http://elsewhere.kr:{self.server.server_port}/ok"  # type: ignore[attr-defined]
            self.send_header("location", "/ok" if status == 301 else away)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://shop.kr:{server.server_port}"
    server.shutdown()
    server.server_close()


def message(step: str, body: str, **more: Any) -> dict[str, Any]:
    settings = {
        "channel": "email",
        "class": "advertising",
        "content": {"ko": {"subject": "소식", "body": body}},
        **more,
    }
    return {"id": step, "kind": "message", "stage": "intake", "settings": settings}


def journey(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    row = [*steps, {"id": "end", "kind": "exit", "stage": "intake"}]
    edges = [{"from": "entry", "to": row[0]["id"]}]
    for one, following in pairwise(row):
        ports = ["next", "empty"] if one["kind"] == "coupon" else ["next"]
        edges += [{"from": one["id"], "port": port, "to": following["id"]} for port in ports]
    return {
        "key": "welcome",
        "name": {"ko": "환영", "en": "Welcome"},
        "entry": {"triggers": [{"kind": "event", "event": "Signed Up"}]},
        "steps": row,
        "edges": edges,
        **more,
    }


WORKSPACE = {"sender_name": "오늘찻집", "sender_contact": "02-123-4567", "opt_out_number": "0801234567"}


@pytest.fixture
async def people(rows: Rows) -> None:
    """Customers who signed up within the last month; half of them agreed to e-mail, one has no name."""
    settings = json.dumps(WORKSPACE)
    await rows("insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'ko', %s)", settings)
    for n in range(CUSTOMERS):
        identity = str(uuid4())
        attributes = json.dumps({} if n == 0 else {"first_name": f"손님{n}"})
        consents = json.dumps({"email": n % 2 == 0})
        await rows(
            "insert into customers (id, email, locale, time_zone, attributes, consents, tags, created_at, updated_at)"
            " values (%s, %s, 'ko', 'Asia/Seoul', %s, %s, '[]', now(), now())",
            *(identity, f"c{n}@shop.example", attributes, consents),
        )
        await rows(
            "insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)"
            " values (%s, %s, 'track', 'Signed Up', '{}', '{}', now() - make_interval(days => %s), now())",
            *(str(uuid4()), identity, n % 28 + 1),
        )
    for kind, name in (("event", "Signed Up"), ("attribute", "first_name")):
        seen = "insert into seen_names (kind, event, name, type, first_seen) values (%s, '', %s, '', now())"
        await rows(seen, kind, name)


async def made(admin: AsyncClient, document: dict[str, Any]) -> None:
    answer = await admin.put(f"/api/journeys/{document['key']}", json=document)
    assert answer.status_code in (200, 201), answer.text


async def looked(admin: AsyncClient, **parameters: str) -> dict[str, dict[str, Any]]:
    answer = await admin.get("/api/journeys/welcome/preflight", params=parameters)
    assert answer.status_code == 200, answer.text
    return {one["check"]: one for one in answer.json()["checks"]}


async def done(admin: AsyncClient) -> dict[str, dict[str, Any]]:
    """The checks, once every link was called."""

    async def complete() -> dict[str, dict[str, Any]]:
        checks = await looked(admin)
        return checks if all(one["progress"] is None for one in checks.values()) else {}

    checks: dict[str, dict[str, Any]] = await until(complete, "every link was called")
    return checks


def codes(check: dict[str, Any]) -> set[str]:
    return {one["code"] for one in check["findings"]}


def figures(check: dict[str, Any]) -> dict[str, str]:
    return {one["label"]["en"]: one["value"]["en"] for one in check["figures"]}


@pytest.mark.usefixtures("people")
async def test_a_sound_draft_is_looked_through_with_figures(admin: AsyncClient) -> None:
    await made(admin, journey(message("hello", "{{ customer.first_name | default('고객') }}님, 반가워요.")))
    checks = await done(admin)
    assert list(checks) == ["condition", "time", "audience", "text", "link", "coupon"]
    assert figures(checks["condition"])["Would have entered, last 30 days"] == str(CUSTOMERS)
    assert figures(checks["time"])["Messages, last 30 days"] == str(CUSTOMERS // 2)
    assert figures(checks["audience"])["e-mail, advertising"] == "20 / 40 (50%) · no consent 20"
    assert codes(checks["audience"]) == {"no_frequency_cap", "no_quiet_hours"}  # of a workspace that has neither
    assert {name: one["verdict"] for name, one in checks.items() if name != "time"} == {
        "condition": "ok",
        "audience": "look",
        "text": "ok",
        "link": "ok",
        "coupon": "ok",
    }
    assert all(one["summary"]["ko"] and one["title"]["ko"] for one in checks.values())


@pytest.mark.usefixtures("people")
async def test_what_would_go_wrong_for_customers_is_found_at_its_step(admin: AsyncClient) -> None:
    text = "{{ customer.frist_name }}님, TODO 쿠폰 {{ var.coupon.code }} https://example.com/sale"
    await made(
        admin,
        journey(
            message("hello", text, **{"class": "informational"}),
            {"id": "day", "kind": "delay", "stage": "intake", "settings": {"mode": "date", "date": "2020-01-01"}},
            message("sms", "가" * 1500, channel="sms"),
            variables={"coupon": None},
        ),
    )
    checks = await done(admin)
    assert {"placeholder", "unset", "class_suspicion", "too_long"} <= codes(checks["text"])
    assert {one["step"] for one in checks["text"]["findings"] if one["code"] == "placeholder"} == {"hello"}
    assert "date_gone_by" in codes(checks["time"])
    assert "reaches_nobody" in codes(checks["audience"])
    assert codes(checks["link"]) == {"link_placeholder", "no_domains"}
    assert checks["condition"]["verdict"] == "look"
    assert codes(checks["condition"]) == {"unknown_attribute"}


async def test_without_customers_nothing_is_called_fine_that_could_not_be_seen(admin: AsyncClient) -> None:
    await made(admin, journey(message("hello", "안녕하세요")))
    checks = await looked(admin)
    assert {"no_customers"} <= codes(checks["condition"])
    assert codes(checks["time"]) == {"nothing_sent"}


async def test_a_draft_with_errors_is_not_looked_through(admin: AsyncClient) -> None:
    document = journey(message("hello", "안녕하세요"))
    await made(admin, {**document, "edges": []})
    checks = await looked(admin)
    assert checks["condition"]["verdict"] == "stop"
    assert codes(checks["time"]) == codes(checks["text"]) == {"draft_has_errors"}


@pytest.mark.usefixtures("people")
async def test_coupons_are_counted_against_the_forecast_and_must_outlast_the_last_message(
    admin: AsyncClient, rows: Rows
) -> None:
    pool = {"name": "환영", "worth": "10%", "valid_days": 3, "low_at": 5}
    assert (await admin.post("/api/coupons", json={"key": "welcome", "pool": pool})).status_code == 201
    steps = (
        {"id": "code", "kind": "coupon", "stage": "intake", "settings": {"pool": "welcome"}},
        message("hello", "코드 {{ var.coupon.code }} ({{ var.coupon.valid_until | date }}까지)"),
        {"id": "week", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "P7D"}},
        message("again", "곧 끝납니다 {{ var.coupon.code }}"),
    )
    await made(admin, journey(*steps))
    assert {"coupons_empty", "ends_before_last_send"} <= codes((await looked(admin))["coupon"])
    await admin.post("/api/coupons/welcome/codes", content="\n".join(f"C-{n}" for n in range(20)).encode())
    checks = await looked(admin, fresh="true")
    assert {"too_few_codes", "ends_before_last_send"} == codes(checks["coupon"])
    assert figures(checks["coupon"])["Expected in 30 days"] == str(CUSTOMERS)
    await admin.put("/api/coupons/welcome", json={**pool, "valid_days": 30})
    await admin.post("/api/coupons/welcome/codes", content="\n".join(f"D-{n}" for n in range(100)).encode())
    checks = await looked(admin, fresh="true")
    assert checks["coupon"]["verdict"] == "ok", checks["coupon"]
    assert checks["text"]["verdict"] == "ok", checks["text"]["findings"]


@pytest.mark.usefixtures("people")
async def test_a_stop_keeps_a_draft_from_going_live_until_somebody_says_so_and_that_is_kept(
    admin: AsyncClient, rows: Rows
) -> None:
    await made(admin, journey(message("hello", "TODO")))
    await looked(admin)
    refused = await admin.post("/api/journeys/welcome/publish", headers={"accept-language": "ko"})
    assert (refused.status_code, refused.json()["code"], refused.json()["stops"]) == (409, "checks_stop", ["text"])
    assert "문구" in refused.json()["detail"]
    assert (await admin.post("/api/journeys/welcome/publish", json={"override": True})).status_code == 200
    [version] = (await admin.get("/api/journeys/welcome/versions")).json()["items"]
    assert version["checks"]["overridden"] == ["text"]
    assert version["checks"]["text"] == "stop"


@pytest.mark.usefixtures("people")
async def test_who_has_no_checks_made_has_them_made_by_publishing(admin: AsyncClient) -> None:
    await made(admin, journey(message("hello", "TODO")))
    refused = await admin.post("/api/journeys/welcome/publish")
    assert (refused.status_code, refused.json()["code"], refused.json()["stops"]) == (409, "checks_stop", ["text"])
    [text] = [one for one in refused.json()["checks"] if one["verdict"] == "stop"]
    assert "placeholder" in codes(text)
    await made(admin, journey(message("hello", "안녕하세요, {{ customer.first_name }}님. 새 소식이 있습니다.")))
    done = (await admin.post("/api/journeys/welcome/publish")).json()
    looks = {one["code"] for check in done["checks"] for one in check["findings"]}
    assert "no_quiet_hours" in looks, "a warning is answered"
    [version] = (await admin.get("/api/journeys/welcome/versions")).json()["items"]
    assert version["checks"]["audience"] == "look"
    assert "overridden" not in version["checks"]


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def calling(app: FastAPI, admin: AsyncClient) -> AsyncIterator[AsyncClient]:
    """The API where every name leads to this machine, which it may call."""

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    kept = app.state.link_checks
    client = guarded_client(("127.0.0.1",), seconds=5, resolve=here)
    app.state.link_checks = LinkChecks(app.state.resources.redis, client)
    yield admin
    await app.state.link_checks.close()
    app.state.link_checks = kept


@pytest.mark.usefixtures("people")
async def test_links_are_called_and_what_they_answer_is_told(calling: AsyncClient, shop: str, rows: Rows) -> None:
    await rows("update workspace set settings = settings || %s::jsonb", json.dumps({"link_domains": ["shop.kr"]}))
    pages = ("ok", "gone", "moved", "away", "get-only", "shut")
    body = " ".join(f"{shop}/{page}?c={{{{ customer.first_name }}}}" for page in pages)
    await made(calling, journey(message("hello", f"{body} http://other.kr:{shop.rpartition(':')[2]}/ok")))
    checks = await done(calling)
    found = {(one["code"], one["verdict"]) for one in checks["link"]["findings"]}
    assert found == {
        ("link_plain", "look"),
        ("link_foreign", "look"),
        ("link_broken", "stop"),
        ("link_closed", "look"),
        ("link_moves_away", "look"),
    }
    broken = [one["text"]["en"] for one in checks["link"]["findings"] if one["code"] == "link_broken"]
    assert all("/gone" in one for one in broken)
    assert any(one["label"]["en"] == "Redirected" for one in checks["link"]["figures"])


@pytest.mark.usefixtures("people")
async def test_a_link_into_our_own_network_is_not_called(admin: AsyncClient) -> None:
    await made(admin, journey(message("hello", "http://localhost:5432/ https://metadata.internal.localdomain.kr/")))
    checks = await done(admin)
    assert "link_placeholder" in codes(checks["link"])


async def test_a_template_is_checked_by_itself(admin: AsyncClient) -> None:
    document = {
        "name": {"ko": "환영"},
        "class": "informational",
        "channels": {
            "email": {"ko": {"subject": "안녕", "body": "할인 TODO https://example.com {{ var.coupon.code }}"}}
        },
    }
    assert (await admin.post("/api/message-templates", json={"key": "hi", "document": document})).status_code == 201
    told = (await admin.get("/api/message-templates/hi/preflight")).json()
    checks = {one["check"]: one for one in told["checks"]}
    assert list(checks) == ["text", "link", "coupon"]
    assert codes(checks["text"]) == {"placeholder", "class_suspicion"}
    assert "link_placeholder" in codes(checks["link"])
    assert checks["coupon"]["verdict"] == "ok"
    await made(admin, journey(message("hello", "", template="hi", content={})))
    checks = {one["check"]: one for one in (await admin.get("/api/message-templates/hi/preflight")).json()["checks"]}
    assert codes(checks["coupon"]) == {"no_coupon_step"}

"""Every door through which words go live is held to the same checks.

The doors are counted in the sources: whoever adds another one (a function that makes a version live, puts a template
into use, or changes what coupons promise) has to say here how it is held.
"""

import ast
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from httpx2 import AsyncClient, Response

from tests.api.conftest import Rows

BAD, GOOD = "여기에 내용을 써 주세요 TODO", "안녕하세요. 주문하신 상품이 곧 도착합니다."
GO_ON = {"override": True}
Door = Callable[[AsyncClient, Any], Awaitable[Response]]
"""Tries to get the bad words through; the last argument is the body that says to go on."""


@pytest.fixture(autouse=True)
async def shop(rows: Rows) -> None:
    own = json.dumps({"sender_name": "오늘찻집", "sender_contact": "02-123-4567"})
    await rows("insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'ko', %s)", own)


def journey(body: str = BAD, *, template: str | None = None) -> dict[str, Any]:
    words = {"template": template} if template else {"content": {"ko": {"subject": "소식", "body": body}}}
    settings = {"channel": "email", "class": "informational", **words}
    return {
        "key": "welcome",
        "name": "환영",
        "entry": {"triggers": [{"kind": "event", "event": "Signed Up"}]},
        "steps": [
            {"id": "hello", "kind": "message", "stage": "intake", "settings": settings},
            {"id": "end", "kind": "exit", "stage": "intake"},
        ],
        "edges": [{"from": "entry", "to": "hello"}, {"from": "hello", "to": "end"}],
    }


def template(body: str) -> dict[str, Any]:
    words = {"ko": {"subject": "소식", "body": body}}
    return {"name": "인사", "class": "informational", "channels": {"email": words}}


async def published(admin: AsyncClient, body: Any = None) -> Response:
    return await admin.post("/api/journeys/welcome/publish", json=body)


async def ok(answer: Awaitable[Response]) -> Response:
    done = await answer
    assert done.status_code < 300, done.text
    return done


async def by_program(admin: AsyncClient, body: Any) -> Response:
    await ok(admin.put("/api/journeys/welcome", json=journey()))
    return await published(admin, body)


async def by_file(admin: AsyncClient, body: Any) -> Response:
    file = yaml.safe_dump(journey(), allow_unicode=True)
    await ok(admin.put("/api/journeys/welcome", content=file, headers={"content-type": "application/yaml"}))
    return await published(admin, body)


async def as_new(admin: AsyncClient, body: Any) -> Response:
    await ok(admin.post("/api/journeys", json={"key": "welcome", "document": journey()}))
    return await published(admin, body)


async def by_restoring(admin: AsyncClient, body: Any) -> Response:
    await ok(admin.put("/api/journeys/welcome", json=journey()))
    await ok(published(admin, GO_ON))
    await ok(admin.put("/api/journeys/welcome", json=journey(GOOD)))
    await ok(published(admin))
    await ok(admin.post("/api/journeys/welcome/versions/1/restore"))
    return await published(admin, body)


async def from_the_gallery(admin: AsyncClient, body: Any) -> Response:
    """Its links lead to example.com until they are replaced."""
    await ok(admin.post("/api/journeys", json={"key": "welcome", "template": "first-purchase"}))
    return await published(admin, body)


async def _live_template(admin: AsyncClient) -> None:
    await ok(admin.post("/api/message-templates", json={"key": "hello", "document": template(GOOD)}))
    await ok(admin.post("/api/message-templates/hello/use"))
    await ok(admin.put("/api/journeys/welcome", json=journey(template="hello")))
    await ok(published(admin))


async def by_template(admin: AsyncClient, body: Any) -> Response:
    await _live_template(admin)
    await ok(admin.put("/api/message-templates/hello", json=template(BAD)))
    return await admin.post("/api/message-templates/hello/use", json=body)


async def by_restoring_a_template(admin: AsyncClient, body: Any) -> Response:
    await ok(admin.post("/api/message-templates", json={"key": "hello", "document": template(BAD)}))
    await ok(admin.post("/api/message-templates/hello/use"))  # nobody sends it yet
    await ok(admin.put("/api/message-templates/hello", json=template(GOOD)))
    await ok(admin.post("/api/message-templates/hello/use"))
    await ok(admin.put("/api/journeys/welcome", json=journey(template="hello")))
    await ok(published(admin))
    await ok(admin.post("/api/message-templates/hello/revisions/1/restore"))
    return await admin.post("/api/message-templates/hello/use", json=body)


async def by_journey_that_names_it(admin: AsyncClient, body: Any) -> Response:
    await ok(admin.post("/api/message-templates", json={"key": "hello", "document": template(BAD)}))
    await ok(admin.post("/api/message-templates/hello/use"))
    await ok(admin.put("/api/journeys/welcome", json=journey(template="hello")))
    return await published(admin, body)


DOORS: list[Door] = [
    by_program,
    by_file,
    as_new,
    by_restoring,
    from_the_gallery,
    by_template,
    by_restoring_a_template,
    by_journey_that_names_it,
]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
async def test_the_same_bad_message_is_refused_at_every_door(admin: AsyncClient, door: Door) -> None:
    refused = await door(admin, None)
    told = refused.json()
    assert (refused.status_code, told["code"]) == (409, "checks_stop"), refused.text
    found = {one["code"] for check in told["checks"] for one in check["findings"] if one["verdict"] == "stop"}
    assert found & {"placeholder", "link_placeholder"}, found


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
async def test_who_says_so_gets_it_through_and_is_told_what_it_is(admin: AsyncClient, door: Door) -> None:
    through = await door(admin, GO_ON)
    assert through.status_code == 200, through.text
    assert {"stop"} <= {check["verdict"] for check in through.json()["checks"]}


async def test_a_template_is_read_within_the_journeys_that_send_it(admin: AsyncClient) -> None:
    """Words that are fine by themselves, and lack what this journey's messages need."""
    await _live_template(admin)
    needs = template("쿠폰 {{ var.coupon.code }}")
    await ok(admin.put("/api/message-templates/hello", json=needs))
    refused = await admin.post("/api/message-templates/hello/use")
    assert (refused.status_code, refused.json()["code"]) == (409, "checks_stop"), refused.text
    other = {"name": "인사", "class": "informational", "channels": {"sms": {"ko": {"body": GOOD}}}}
    await ok(admin.put("/api/message-templates/hello", json=other))
    refused = await admin.post("/api/message-templates/hello/use")
    assert refused.status_code == 409
    codes = {one["code"] for check in refused.json()["checks"] for one in check["findings"]}
    assert "template_lacks_channel" in codes, "the compiler's codes"


async def test_a_draft_with_errors_is_refused_by_the_compiler_whatever_is_overridden(admin: AsyncClient) -> None:
    await ok(admin.put("/api/journeys/welcome", json={**journey(), "edges": []}))
    refused = await published(admin, GO_ON)
    assert (refused.status_code, refused.json()["code"]) == (409, "journey_has_errors")


# --- coupons ---------------------------------------------------------------------------------------------------------


async def _gives_coupons(admin: AsyncClient) -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(days=300)).date().isoformat()
    pool = {"name": "환영", "worth": "10%", "valid_until": until, "low_at": 1}
    await ok(admin.post("/api/coupons", json={"key": "welcome", "pool": pool}))
    await ok(admin.post("/api/coupons/welcome/codes", content="\n".join(f"C-{n}" for n in range(200)).encode()))
    document = journey("코드 {{ var.coupon.code }}")
    document["steps"].insert(0, {"id": "code", "kind": "coupon", "stage": "intake", "settings": {"pool": "welcome"}})
    document["edges"] = [
        {"from": "entry", "to": "code"},
        {"from": "code", "to": "hello"},
        {"from": "code", "port": "empty", "to": "end"},
        {"from": "hello", "to": "end"},
    ]
    await ok(admin.put("/api/journeys/welcome", json=document))
    await ok(published(admin))
    return pool


async def test_a_pool_that_live_journeys_give_codes_of_is_not_spoilt_unasked(admin: AsyncClient) -> None:
    pool = await _gives_coupons(admin)
    over = {**pool, "valid_until": (datetime.now(UTC) - timedelta(days=3)).date().isoformat()}
    for refused in (
        await admin.put("/api/coupons/welcome", json=over),
        await admin.post("/api/coupons/welcome/archive"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "checks_stop"), refused.text
        assert "welcome" in refused.json()["checks"][0]["findings"][0]["text"]["en"]
    assert (await ok(admin.get("/api/coupons/welcome"))).json()["state"] == "ready"
    await ok(admin.put("/api/coupons/welcome", json={**pool, "low_at": 2}))
    await ok(admin.post("/api/coupons/welcome/archive", params={"override": "true"}))


# --- that there are no others ----------------------------------------------------------------------------------------

OPENERS = {
    ("orchestrator.store.journeys.publish", "publish"): {"api/journeys/routes.py"},
    ("orchestrator.store.templates.documents", "put_into_use"): {"api/templates/routes.py"},
    ("orchestrator.store.coupons.pools", "change_pool"): {"api/coupons/routes.py", "api/console/coupons/pages.py"},
    ("orchestrator.store.coupons.pools", "archive_pool"): {"api/coupons/routes.py", "api/console/coupons/pages.py"},
}
"""What opens a door, and the only places that may call it."""


def callers(module: str, function: str) -> set[str]:
    """Files that call a function of a module, by whatever name they import it."""
    found = set()
    for path in [*Path("api").rglob("*.py"), *Path("orchestrator").rglob("*.py"), *Path("activities").rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        if function not in source:
            continue
        tree = ast.parse(source)
        as_module, as_function = set(), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    name = alias.asname or alias.name
                    if f"{node.module}.{alias.name}" == module:
                        as_module.add(name)
                    elif node.module == module and alias.name == function:
                        as_function.add(name)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            by_module = (
                isinstance(called, ast.Attribute)
                and called.attr == function
                and isinstance(called.value, ast.Name)
                and called.value.id in as_module
            )
            if by_module or (isinstance(called, ast.Name) and called.id in as_function):
                found.add(path.as_posix())
    return found


@pytest.mark.parametrize(("module", "function"), OPENERS, ids=str)
def test_every_door_is_known(module: str, function: str) -> None:
    assert callers(module, function) == OPENERS[module, function]

"""An e-mail from a step to a mailbox and back: both parts arrive, and their links lead, count and opt out over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.providers.smtp import Smtp
from activities.sending.deliver import Delivery
from api.app import create_app
from orchestrator.links import Links
from orchestrator.settings import Settings
from orchestrator.store.journeys.plans import Plans
from tests.activities.channels.providers.test_smtp import Dying, Mailbox
from tests.activities.shop import NOON, NUDGE, Shop

SECRET = "only-for-tests-only-for-tests-32"
PUBLIC = "https://crm.shop.example"
BROWSER = {"user-agent": "Mozilla/5.0 (iPhone) AppleWebKit/605 Safari/604", "accept-language": "ko"}
CONTENT = {
    "ko": {
        "subject": "{{ customer.first_name }}님, 장바구니",
        "preheader": "오늘까지",
        "blocks": [
            {"kind": "heading", "text": "{{ customer.first_name }}님께"},
            {"kind": "button", "label": "장바구니 보기", "url": "https://shop.example/cart?id={{ entry.cart_id }}"},
            {"kind": "text", "html": '<p>또는 <a href="https://shop.example/new">새 상품</a></p>'},
        ],
    }
}


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, Smtp]]:
    """A mail server on loopback, and our way to it."""
    box = Mailbox()
    made: list[Any] = []

    def protocol() -> Any:
        made.append(Dying(box, hostname="localhost"))
        return made[-1]

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    smtp = Smtp("127.0.0.1", server.sockets[0].getsockname()[1], "달빛상점 <news@shop.example>", starttls=False)
    yield box, smtp
    await smtp.close()
    server.close()
    for one in made:
        if one.transport is not None:
            one.transport.abort()
        if one._handler_coroutine is not None:
            one._handler_coroutine.cancel()
    await asyncio.sleep(0)
    await server.wait_closed()


@pytest.fixture
async def reader(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[AsyncClient]:
    """The receiver's browser, at our public pages."""
    app = create_app(
        Settings(
            data_dir=tmp_path,
            database_url=database_url,
            redis_url=redis_url,
            temporal_address="127.0.0.1:1",
            secret_key=SecretStr(SECRET),
            # Keys of its own, without which it would answer to no name but this machine's.
            write_keys=("a-server-key-of-its-own",),
            browser_keys=("a-browser-key-of-its-own",),
            admin_token=SecretStr("an-admin-token-of-its-own-of-32-letters"),
        )
    )
    at = AsyncClient(transport=ASGITransport(app), base_url=PUBLIC, headers=BROWSER)
    async with app.router.lifespan_context(app), at as client:
        yield client


async def arrived(shop: Shop, mailbox: tuple[Mailbox, Smtp]) -> EmailMessage:
    """The message that the step sent."""
    box, smtp = mailbox
    delivery = Delivery(shop.engine, Plans(shop.engine), {"email": smtp}, links=Links(SECRET, PUBLIC))
    result = await delivery.carry_out(NUDGE, NOON)
    assert result.outcome == "sent", result
    [(recipients, message)] = box.taken
    assert recipients == ["kim@example.com"]
    return message


async def names(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as db:
        return [
            row.name for row in await db.execute(text("select name from events where kind = 'system' order by seq"))
        ]


async def test_an_advertisement_arrives_and_its_links_work(
    shop: Shop, mailbox: tuple[Mailbox, Smtp], reader: AsyncClient
) -> None:
    await shop.open(channel="email", content=CONTENT)
    message = await arrived(shop, mailbox)
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    said, page = plain.get_content(), html.get_content()
    assert message["Subject"] == "(광고) 지은님, 장바구니"
    assert "지은님께" in said
    assert "지은님께" in page
    assert "수신거부" in said
    assert "수신거부" in page
    assert "shop.example/cart" not in page, "every link leads through us"
    links = re.findall(r'href="(https://crm[^"]+/l/[^"]+)"', page)
    assert len(links) == 2
    assert all(link in said for link in links), "the same addresses in both parts"

    targets = [(await reader.get(link)).headers["location"] for link in links]
    utm = "utm_source=sojourn&utm_medium=email&utm_campaign=cart&utm_content=nudge"
    assert targets == [f"https://shop.example/cart?id=c-1&{utm}", f"https://shop.example/new?{utm}"]
    pixel = re.search(r'<img src="(https://crm[^"]+)" width="1"', page)
    assert pixel is not None
    await reader.get(pixel[1])
    assert await names(shop.engine) == ["Message Clicked", "Message Clicked", "Message Opened"]

    way = message["List-Unsubscribe"].strip("<>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert way in said
    assert (await reader.post(way, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    assert (await names(shop.engine))[-2:] == ["Consent Changed", "Unsubscribed"]
    async with shop.engine.connect() as db:
        row = (await db.execute(text("select consents from customers"))).one()
        send = (await db.execute(text("select content, opened_at, clicked_at from sends"))).one()
    assert row.consents["email"] is False
    assert send.opened_at is not None
    assert send.clicked_at is not None
    assert send.content["links"] == targets


async def test_what_a_workspace_does_not_want_counted_is_not(
    shop: Shop, mailbox: tuple[Mailbox, Smtp], reader: AsyncClient
) -> None:
    await shop.open(channel="email", content=CONTENT)
    async with shop.engine.begin() as db:
        links = '"links": {"clicks": false, "opens": false, "utm": false}'
        own = f'{{"sender_name": "달빛상점", "sender_contact": "02-123-4567", {links}}}'
        await db.execute(text("update workspace set settings = cast(:own as jsonb)"), {"own": own})
    message = await arrived(shop, mailbox)
    html = message.get_body(("html",))
    assert html is not None
    assert 'href="https://shop.example/cart?id=c-1"' in html.get_content()
    assert 'width="1"' not in html.get_content()

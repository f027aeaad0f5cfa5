"""An e-mail with an uploaded picture from nothing, in a browser: in minutes, in both languages."""

import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from httpx2 import AsyncClient
from playwright.async_api import expect

from api.app import create_app
from orchestrator.settings import Settings
from tests.browser.conftest import OpenPage, open_the_workspace
from tests.browser.pictures import shot
from tests.examples import some
from tests.picture_files import png
from tests.serving import served

pytestmark = pytest.mark.browser
LOOK = 30_000
WORDS: dict[str, dict[str, str]] = {
    "ko-KR": {"email": "이메일", "subject": "제목", "alt": "대체 텍스트", "say": "봄 신상이 도착했어요"},
    "en-GB": {"email": "E-mail", "subject": "Subject", "alt": "What it shows", "say": "Spring has arrived"},
}


@pytest.fixture
def console_settings(console_settings: Settings, tmp_path: Path) -> Settings:
    """Pictures are fetched from the public address: that is where the console is served."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return console_settings.model_copy(
        update={"data_dir": tmp_path, "port": port, "public_url": f"http://localhost:{port}"}
    )


@pytest_asyncio.fixture(loop_scope="session")
async def address(console_settings: Settings) -> AsyncIterator[str]:
    await open_the_workspace(console_settings)
    async with served(create_app(console_settings), console_settings.port) as address:
        yield address


@pytest.mark.timeout(300)
@pytest.mark.parametrize("locale", some(["ko-KR", "en-GB"], 2))
async def test_an_email_with_a_picture_from_nothing(
    http: AsyncClient, open_page: OpenPage, tmp_path: Path, locale: str
) -> None:
    words, begun = WORDS[locale], time.monotonic()
    language = locale[:2]
    file = tmp_path / "spring.png"
    file.write_bytes(png(1200, 600))
    page = await open_page("/templates", locale=locale)
    seen: list[int] = []
    page.on("response", lambda answer: seen.append(answer.status) if "/media/" in answer.url else None)
    await page.locator('a[href="/templates/new"]').first.click()
    await page.locator(".begin-name input").fill(f"Spring {language}")
    await page.locator(".tile.blank button").click()
    await page.get_by_role("button", name=words["email"], exact=True).click()
    if await page.locator(f'.te-form[lang="{language}"]').count() == 0:
        await page.locator('[role="tab"]').filter(has_text="한국어" if language == "ko" else "English").click()
    await page.get_by_label(words["subject"], exact=True).fill(words["say"])
    await page.locator('[data-block="image"]').click()
    row = page.locator('.te-row[data-kind="image"]')
    await row.locator("input[type=file]").set_input_files(file)
    await expect(row.locator(".me-box img")).to_be_visible(timeout=LOOK)
    await row.get_by_label(words["alt"], exact=True).fill(words["say"])
    for kind in ("heading", "text", "button"):
        await page.locator(f'[data-block="{kind}"]').click()
    mail = page.frame_locator(".te-mail iframe")
    image = mail.locator(f'img[alt="{words["say"]}"]')
    await expect(image).to_be_visible(timeout=LOOK)
    assert set(seen) == {200}
    await mail.locator("h1").click()  # a block is edited by a click on what it looks like
    heading = page.locator('.te-row[data-kind="heading"]')
    await expect(heading).to_have_attribute("data-open", "true")
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(words["say"])
    await expect(mail.locator("h1")).to_have_text(words["say"], timeout=LOOK)
    await shot(page, f"email-from-nothing-{language}")
    await expect(page.locator('[data-save="saved"]')).to_be_visible(timeout=LOOK)
    [kept] = (await http.get("/api/media")).json()["items"]
    assert [use["kind"] for use in kept["used_in"]] == ["template"]
    assert time.monotonic() - begun < 300


@pytest.mark.timeout(240)
async def test_plain_text_becomes_a_block_and_the_library_is_chosen_from(
    http: AsyncClient, open_page: OpenPage
) -> None:
    added = await http.post("/api/media", params={"title": "spring.png", "alt": "A green circle"}, content=png())
    document: dict[str, Any] = {
        "name": {"ko": "소식", "en": "News"},
        "class": "informational",
        "channels": {"email": {"en": {"subject": "News", "body": "Written before there were blocks."}}},
    }
    key = (await http.post("/api/message-templates", json={"document": document})).json()["key"]
    page = await open_page(f"/templates/{key}")
    await page.locator('[data-block="image"]').click()
    rows = page.locator(".te-row")
    await expect(rows).to_have_count(2)
    await rows.nth(1).get_by_role("button", name="Pictures").click()
    await page.locator(".me-library li button").first.click()
    await expect(rows.nth(1).get_by_label("What it shows", exact=True)).to_have_text("A green circle")
    await expect(page.locator('[data-save="saved"]')).to_be_visible(timeout=LOOK)
    words = (await http.get(f"/api/message-templates/{key}")).json()["document"]["channels"]["email"]["en"]
    assert words["blocks"][0] == {**words["blocks"][0], "kind": "text", "html": "Written before there were blocks."}
    assert words["blocks"][1]["src"] == added.json()["url"]
    assert "body" not in words

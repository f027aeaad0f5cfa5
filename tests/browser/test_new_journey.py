"""Beginning a journey with a real mouse: from the gallery, and from a file that is read before it is taken."""

from pathlib import Path

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Browser, Page, expect

from orchestrator.files.yaml_text import load_yaml
from orchestrator.journey_gallery import FOLDER

pytestmark = pytest.mark.browser


async def opened(chromium: Browser, address: str, locale: str = "en-US") -> Page:
    page = await (await chromium.new_context(base_url=address, locale=locale)).new_page()
    await page.goto("/")
    return page


@pytest.mark.parametrize(
    ("locale", "first", "new", "named", "begin"),
    [
        ("en-US", "Create your first journey", "New journey", "Name", "Use this journey Win-back"),
        ("ko-KR", "첫 여정 만들기", "새 여정", "이름", "이 여정으로 시작 다시 모시기"),
    ],
)
async def test_an_empty_workspace_leads_to_the_gallery_and_a_card_to_a_canvas(
    chromium: Browser, address: str, http: AsyncClient, locale: str, first: str, new: str, named: str, begin: str
) -> None:
    page = await opened(chromium, address, locale)
    await page.locator('nav a[href="/journeys"]').first.click()
    await page.get_by_role("link", name=first).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(new)
    await page.get_by_label(named, exact=True).fill("Come back soon")
    await page.get_by_role("button", name=begin).click()
    await page.wait_for_url("**/journeys/win-back")
    draft = (await http.get("/api/journeys/win-back")).json()
    assert draft["name"] == {"en": "Come back soon", "ko": "Come back soon"}
    assert draft["status"] == "draft"


async def test_a_file_is_read_with_its_faults_and_their_places_and_then_opened(
    chromium: Browser, address: str, http: AsyncClient, tmp_path: Path
) -> None:
    page = await opened(chromium, address)
    await page.goto("/journeys/new")
    told = page.locator("[data-import-told]")
    await page.get_by_label("Or paste it here").fill("steps: [")
    await page.get_by_role("button", name="Read the file").click()
    await expect(told).to_contain_text("line 1")
    await expect(page.get_by_role("button", name="Open as a draft")).to_be_hidden()

    broken = tmp_path / "broken.yaml"
    broken.write_text("key: broken\nname: <b>Broken</b>\nsteps: [{id: x, kind: nonsense}]\n", encoding="utf-8")
    await page.locator("#import-file").set_input_files(broken)
    await expect(told).to_contain_text("x · kind")
    assert await told.locator("b").count() == 0

    await page.locator("#import-file").set_input_files(FOLDER / "welcome.yaml")
    await expect(told).to_contain_text("No problems found in this file.")
    await page.get_by_role("button", name="Open as a draft").click()
    await page.wait_for_url("**/journeys/welcome")
    drawn = load_yaml((FOLDER / "welcome.yaml").read_text(encoding="utf-8"))["steps"]
    assert len((await http.get("/api/journeys/welcome")).json()["draft"]["steps"]) == len(drawn)

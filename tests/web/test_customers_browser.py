"""A Korean Excel's file is dropped, tried, imported; one of its customers is found, changed, and the list taken out."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from api.app import create_app
from orchestrator.settings import Settings
from tests.chromium import FLAGS, MISSING, find_browser
from tests.serving import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason=MISSING),
]
HEAD = "아이디,이메일,이름,이메일 수신동의\r\n"
ROWS = "".join(f"w-{n},w{n}@example.com,김워크{n},동의\r\n" for n in range(30)) + ",x@example.com,아무개,거부\r\n"


async def taken(page: Page, link: str) -> str:
    """What is downloaded by a link."""
    async with page.expect_download() as download:
        await page.get_by_role("link", name=link).click()
    return await asyncio.to_thread(Path.read_text, await (await download.value).path(), "utf-8-sig")


async def imported(page: Page, file: Path) -> None:
    await page.goto("/imports")
    await page.locator("[data-upload-file]").set_input_files(file)
    await page.get_by_role("button", name="확인").click()
    await page.get_by_text("31행 중 30행은 문제없고 1행은 거부됩니다").wait_for()
    await page.get_by_role("button", name="31행 가져오기").click()
    await page.get_by_text("31행 중 31행: 저장 30").wait_for()
    assert "행에 고객 ID가 없습니다" in await taken(page, "거부된 행")


async def changed(page: Page) -> None:
    await page.get_by_role("link", name="수정").click()
    await page.get_by_label("태그").fill("vip, 단골")
    await page.get_by_role("button", name="저장", exact=True).click()
    await page.get_by_text("변경 내용을 저장했습니다").wait_for()
    assert await page.locator(".facts .badge").all_text_contents() == ["vip", "단골"]
    await page.get_by_role("link", name="수정").click()
    for label, choice in (("대상", "sms"), ("고객 의사", "yes"), ("어떻게", "phone")):
        await page.get_by_label(label).select_option(choice)
    await page.get_by_label("증빙").fill("통화 812")
    await page.get_by_role("button", name="기록", exact=True).click()
    await page.get_by_text("변경 내용을 저장했습니다").wait_for()
    await page.locator("summary", has_text="동의 이력").click()
    assert "전달 방법: 전화" in (await page.locator("details .consent-log").first.text_content() or "")


@pytest.mark.usefixtures("filled")
async def test_a_file_comes_in_a_customer_is_changed_and_the_list_goes_out(
    console_settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes((HEAD + ROWS).encode("cp949"))
    async with served(create_app(console_settings)) as address, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        page = await (await chromium.new_context(base_url=address, locale="ko-KR")).new_page()
        faults: list[str] = []
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        await imported(page, file)
        await page.goto("/customers")
        await page.get_by_role("searchbox").first.fill("워크7")
        await page.locator("tbody tr:only-child a").click()
        await changed(page)
        await page.goto("/customers")
        assert "w7@example.com" in await taken(page, "내보내기")
        await chromium.close()
    assert faults == []

"""From a file of Korean Excel to a broadcast that is watched, recalled and exported: walked in both languages."""

import csv
import io
from typing import Any

import pytest
from playwright.async_api import Page, expect

from api.pages.words import Words
from tests.browser.pictures import shot
from tests.live.installation import Installation
from tests.live.sender import name_the_sender
from tests.live.test_trust_walked import languages
from tests.live.test_trust_walked import page as page  # a window on the console
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(300)]
MANY = 40
NAMES = ("김하나", "이두리", "박세찬", "최네모")


def table() -> bytes:
    """As Korean Excel writes it: every other customer is of the region that is meant."""
    lines = ["회원번호,이름,이메일,지역"]
    for n in range(1, MANY + 1):
        lines.append(f"m-{n},{NAMES[n % 4]},m{n}@example.com,{'서울' if n % 2 else '부산'}")
    return "\r\n".join(lines).encode("cp949")


def spring() -> dict[str, Any]:
    """A notice by e-mail after a quarter of a minute."""
    words = {"ko": {"subject": "봄 소식", "body": "봄입니다."}, "en": {"subject": "Spring", "body": "Spring is here."}}
    settings = {"channel": "email", "class": "informational", "content": words}
    step = {"stage": "retention"}
    return {
        "key": "spring",
        "name": {"ko": "봄 안내", "en": "Spring news"},
        "entry": {"triggers": [{"kind": "request"}]},
        "steps": [
            {**step, "id": "pause", "kind": "delay", "settings": {"mode": "duration", "duration": "15s"}},
            {**step, "id": "news", "kind": "message", "settings": settings},
            {**step, "id": "end", "kind": "exit", "settings": {"reason": "completed"}},
        ],
        "edges": [{"from": "entry", "to": "pause"}, {"from": "pause", "to": "news"}, {"from": "news", "to": "end"}],
    }


async def _import(page: Page, t: Words, locale: str) -> None:
    await page.goto("/imports")
    chosen = page.locator("[data-upload-file]")
    await chosen.set_input_files({"name": "members.csv", "mimeType": "text/csv", "buffer": table()})
    await page.wait_for_url("**/imports/*-*")
    await page.locator("#c0").select_option("user_id")
    await page.get_by_role("button", name=t("imports.check")).click()
    await expect(page.get_by_role("heading", name=t("imports.trial"))).to_be_visible()
    await shot(page, f"broadcast-1-import-{locale}")
    await page.locator("button[value=start]").click()
    await expect(page.locator("[data-live=status]")).to_have_text(t.of("import_status", "done"))


async def _segment(page: Page, t: Words, locale: str) -> None:
    await page.goto("/segments/new?ready=blank")
    await page.locator(f'[name="name.{locale}"]').fill("서울 고객" if locale == "ko" else "Seoul")
    await page.locator("[name=key]").fill("seoul")
    condition = '{"kind": "attribute", "name": "지역", "op": "eq", "value": "서울"}'
    await page.evaluate("text => { document.querySelector('[name=condition]').value = text }", condition)
    await shot(page, f"broadcast-2-segment-form-{locale}")
    await page.evaluate("document.querySelector('.segment-form').submit()")
    await page.wait_for_url("**/segments/seoul*")


@languages
async def test_a_file_a_segment_a_broadcast(
    installation: Installation, page: Page, locale: str, browser_locale: str
) -> None:
    t = Words(locale, "Asia/Seoul")
    await name_the_sender(page, locale)
    await installation.publish(spring())
    await _import(page, t, locale)
    await _segment(page, t, locale)
    built = "select count(*) from segment_members where segment_key = 'seoul' and member"

    async def whole() -> bool:
        return int(await installation.one(built)) == MANY // 2

    await until(whole, "the segment is built")
    await page.reload()
    await shot(page, f"broadcast-3-segment-{locale}")
    identity = await _launched(page, t, locale)
    await _stopped_and_recalled(installation, page, t, locale)
    await _exported(installation, page, t)
    await page.goto("/broadcasts")
    await expect(page.locator(f'[data-id="{identity}"]')).to_be_visible()
    await shot(page, f"broadcast-8-list-{locale}")


async def _launched(page: Page, t: Words, locale: str) -> str:
    """Its id."""
    await page.goto("/broadcasts")
    await shot(page, f"broadcast-4-none-{locale}")
    await page.get_by_role("link", name=t("broadcasts.new")).click()
    await page.locator("#f-journey").select_option("spring")
    await page.locator("#f-segment").select_option("seoul")
    await page.get_by_role("button", name=t("broadcasts.preview")).click()
    await expect(page.get_by_text(t("broadcasts.count", count=MANY // 2))).to_be_visible()
    await page.locator("#f-per_minute").fill("60")
    await page.locator("#f-why").fill("3월 봄 안내")
    await shot(page, f"broadcast-5-preview-{locale}")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name=t("broadcasts.launch")).click()
    await page.wait_for_url("**/broadcasts/*-*")
    return page.url.rpartition("/")[2].partition("?")[0]


async def _stopped_and_recalled(installation: Installation, page: Page, t: Words, locale: str) -> None:
    async def some_reached() -> bool:
        return bool(await installation.one("select count(*) from sends where status = 'sent'"))

    await until(some_reached, "some are reached")
    await page.reload()
    await shot(page, f"broadcast-6-watched-{locale}")
    await page.get_by_role("button", name=t("broadcast.pause"), exact=True).click()
    await expect(page.locator("[data-live=status]")).to_have_text(t.of("broadcast_status", "cancelled"))
    await page.get_by_role("button", name=t("broadcast.resume"), exact=True).click()
    await expect(page.locator("[data-live=status]")).to_have_text(t.of("broadcast_status", "running"))
    await page.get_by_role("button", name=t("broadcast.recall"), exact=True).click()
    await expect(page.locator("[data-live=status]")).to_have_text(t.of("broadcast_status", "recalled"))

    async def all_left() -> bool:
        return not await installation.one("select count(*) from runs where finished_at is null")

    await until(all_left, "whoever could be recalled has left")
    await page.reload()
    await shot(page, f"broadcast-7-recalled-{locale}")


async def _exported(installation: Installation, page: Page, t: Words) -> None:
    async with page.expect_download() as download:
        await page.get_by_role("link", name=t("broadcast.export")).click()
    path = await (await download.value).path()
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert len(rows) == len({row["external_id"] for row in rows}) == MANY // 2
    outcomes = {row["outcome"] for row in rows}
    assert {"reached", "recalled"} <= outcomes <= {"reached", "recalled", "not_entered"}
    sent = await installation.one("select count(distinct customer_id) from sends where status = 'sent'")
    assert sum(row["outcome"] == "reached" for row in rows) == sent

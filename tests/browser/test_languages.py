"""The canvas in Korean and in English: every word of the one language, none of the other, none missing."""

import json
import re

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Page, expect

from api.pages.canvas_words import canvas_words
from orchestrator.core.journey.step_types import step_types
from orchestrator.core.steps import KINDS
from tests.browser.conftest import Open
from tests.browser.journeys import new_journey, straight
from tests.examples import some

pytestmark = pytest.mark.browser

Words = dict[str, str | dict[str, str]]
FOUND: dict[str, Words] = {language: json.loads(canvas_words(language).body) for language in ("en", "ko")}
WORDS: dict[str, dict[str, str]] = {
    language: {key: one if isinstance(one, str) else one["other"] for key, one in words.items()}
    for language, words in FOUND.items()
}
FORMS: dict[str, set[str]] = {
    language: {text for one in words.values() for text in ([one] if isinstance(one, str) else one.values())}
    for language, words in FOUND.items()
}
"""Every text of a language, with all plural forms."""
LANGUAGES = ("한국어", "English")
"""A language is called by its own name wherever one chooses it."""
OTHER = {"ko": "en", "en": "ko"}
NOT_WORDS = re.compile(r"undefined|\[object |\bNaN\b|\{[a-z_]+\}")
ALL_WORDS = """
() => {
  const said = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const inside = walker.currentNode.parentElement;
    if (!inside.closest("script, style, template")) said.add(walker.currentNode.data.trim());
  }
  for (const name of ["title", "aria-label", "placeholder", "aria-description"])
    for (const one of document.querySelectorAll(`[${name}]`)) said.add(one.getAttribute(name).trim());
  said.delete("");
  return [...said];
}
"""


def strange(said: list[str], language: str) -> list[str]:
    """What should not stand on a page in this language."""
    other = {text for text in FORMS[OTHER[language]] if "{" not in text} - FORMS[language] - {*LANGUAGES}
    return [text for text in said if text in other or text in WORDS[language] or NOT_WORDS.search(text)]


async def strange_on(page: Page, language: str) -> list[str]:
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return strange(await page.evaluate(ALL_WORDS), language)


@pytest.mark.parametrize(("language", "locale"), some([("en", "en-GB"), ("ko", "ko-KR")], 2))
async def test_every_kind_is_in_the_palette_and_its_panel_speaks_the_readers_language(
    http: AsyncClient, open_canvas: Open, language: str, locale: str
) -> None:
    canvas = await open_canvas(await new_journey(http), locale=locale)
    page = canvas.page
    assert await page.locator("html").get_attribute("lang") == language
    titles = {kind["kind"]: kind["title"][language] for kind in step_types()}
    assert set(titles) == set(KINDS)
    for kind, title in titles.items():
        item = page.locator(f'.palette [data-kind="{kind}"]')
        await expect(item).to_have_text(title)
        await item.click()
        step = page.locator(".step.chosen")
        await expect(step.locator(".step-name")).to_contain_text(title)
        panel = page.locator(".side-panel .inspector")
        await expect(panel).to_be_visible()
        await panel.evaluate("panel => panel.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert await strange_on(page, language) == [], kind
        await canvas.press("Escape")
    assert len((await canvas.draft())["steps"]) == len(KINDS)


@pytest.mark.parametrize(("language", "locale"), some([("ko", "ko-KR"), ("en", "en-GB")], 2))
async def test_every_panel_speaks_the_readers_language(
    http: AsyncClient, open_canvas: Open, language: str, locale: str
) -> None:
    key = await new_journey(http, document=straight("delay", "message", "exit"))
    assert (await http.post(f"/api/journeys/{key}/publish", json={"override": True})).status_code == 200
    canvas = await open_canvas(key, locale=locale)
    page, words = canvas.page, WORDS[language]

    async def speaks(what: str) -> None:
        await page.locator(what).first.wait_for()
        assert await strange_on(page, language) == [], what

    await page.get_by_role("button", name=words["tool.settings"]).click()
    await speaks(".side-panel .inspector, .side-panel [data-settings]")
    await page.get_by_role("button", name=words["tool.versions"]).click()
    await speaks("[data-panel=versions] .v-row")
    await page.locator("[data-panel=versions] .p-list").get_by_role("button", name=words["versions.compare"]).click()
    await speaks("[data-panel=versions] .v-choice")
    await page.locator(".side-close").click()
    await page.locator(".problem-count").click()
    await speaks("[data-panel=problems]")
    await page.locator(".button.publish").click()
    await speaks("[data-panel=publish] [data-forecast=done]")
    await page.get_by_role("button", name=words["mode.live"], exact=True).click()
    await speaks(".locked")
    await page.get_by_role("button", name=words["mode.test"], exact=True).click()
    await page.get_by_role("button", name=words["test.play"].format(event="Signed Up")).click()
    await speaks(".t-log .run-timeline")
    await page.get_by_role("button", name=words["mode.draw"], exact=True).click()
    await page.get_by_role("button", name=words["tool.list"], exact=True).click()
    await speaks(".outline tr[data-row]")
    await canvas.press("Control+k")
    await speaks("dialog [cmdk-item]")


def test_a_word_of_the_other_language_would_be_noticed() -> None:
    assert strange(["Undo", "board.title", "undefined", "{count}개", "연습"], "ko") == [
        "Undo",
        "board.title",
        "undefined",
        "{count}개",
    ]

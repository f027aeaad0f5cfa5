"""Hangul as it is really typed: a syllable grows for some keys before it stands, beside variables that are chips."""

import pytest
from httpx2 import AsyncClient
from playwright.async_api import CDPSession, Locator, expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import Open
from tests.browser.journeys import new_journey, straight

pytestmark = pytest.mark.browser

NAME = "{{ customer.first_name }}"


async def compose(keyboard: CDPSession, *syllables: str) -> None:
    """Each as an input method does: shown while it grows (``"ㅎ하한"``), then put."""
    for growing in syllables:
        for now in growing:
            length = {"selectionStart": 1, "selectionEnd": 1}
            await keyboard.send("Input.imeSetComposition", {"text": now, **length})
        await keyboard.send("Input.insertText", {"text": growing[-1]})


async def a_message(http: AsyncClient, open_canvas: Open, body: str) -> tuple[Canvas, CDPSession, Locator]:
    document = straight("message", "exit")
    document["steps"][0]["settings"]["content"] = {"ko": {"subject": "봄", "body": body}}
    canvas = await open_canvas(await new_journey(http, document=document), locale="ko-KR")
    await canvas.node("message").locator("strong").click()
    field = canvas.page.get_by_role("textbox", name="본문", exact=True)
    await field.focus()
    return canvas, await canvas.page.context.new_cdp_session(canvas.page), field


async def body_of(canvas: Canvas, field: Locator) -> str:
    """What is kept once the field has been left."""
    await field.evaluate("element => element.blur()")
    return str((await canvas.draft())["steps"][0]["settings"]["content"]["ko"]["body"])


async def test_syllables_beside_a_variable_are_neither_doubled_nor_lost(http: AsyncClient, open_canvas: Open) -> None:
    canvas, keyboard, field = await a_message(http, open_canvas, f"{NAME}")
    await canvas.press("Control+End")
    await compose(keyboard, "ㄴ니님", "ㄲ까", "ㅅ서")
    await canvas.press("Control+Home")
    await compose(keyboard, "ㅂ보봄")
    await expect(field.locator("[data-source]")).to_have_count(1)
    assert await body_of(canvas, field) == f"봄{NAME}님까서"


async def test_a_new_line_and_a_variable_follow_a_syllable_that_has_just_been_composed(
    http: AsyncClient, open_canvas: Open
) -> None:
    canvas, keyboard, field = await a_message(http, open_canvas, "")
    await compose(keyboard, "ㅇ아안", "ㄴ녀녕")
    await canvas.press("Enter")
    await compose(keyboard, "ㅂ보봄")
    await canvas.page.get_by_role("button", name="변수 넣기: 본문").click()
    await (
        canvas.page.get_by_role("option", name="이름(성 제외)")
        .or_(canvas.page.get_by_role("menuitem", name="이름(성 제외)"))
        .first.click()
    )
    await expect(field.locator("[data-source]")).to_have_count(1)
    written = await body_of(canvas, field)
    assert written.startswith("안녕\n봄{{ customer.first_name")
    assert written.count("봄") == 1

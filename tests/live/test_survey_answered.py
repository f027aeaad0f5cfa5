"""A survey goes out, is answered in a real browser, and moves the waiting run; the report shows it."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from tests.chromium import FLAGS, find_browser
from tests.live.installation import Installation
from tests.waiting import until

LINK = re.compile(r"http://localhost:\d+/s/[\w.-]+")
WINDOW = 600
"""Seconds for which the run waits. How soon an answer moves it is measured by ``bench/``."""
GROUPS = ("promoter", "passive", "detractor")


def feedback() -> dict[str, Any]:
    """Asks; who is unhappy is asked for nothing more, the others are asked for a review."""
    ends = ("answered", "unhappy", "silent")
    ask = {
        "survey": "satisfaction",
        "groups": [{"port": group} for group in GROUPS],
        "window": f"{WINDOW}s",
        "channel": "email",
        "class": "informational",
        "content": {"ko": {"subject": "추천하시겠어요?", "body": "질문 하나입니다.\n{{ links.survey }}"}},
    }
    review = {
        "channel": "email",
        "class": "informational",
        "tags": ["review"],
        "content": {"ko": {"subject": "후기를 부탁드려요", "body": "한 줄이면 충분합니다."}},
    }
    lead = {"promoter": "review", "passive": "review", "detractor": "review-anyway", "no_answer": "silent"}
    return {
        "key": "feedback",
        "name": {"en": "Feedback", "ko": "의견"},
        "entry": {"triggers": [{"kind": "event", "event": "Order Delivered"}]},
        "steps": [
            {"id": "ask", "kind": "survey", "stage": "adaptation", "settings": ask},
            {"id": "review", "kind": "message", "stage": "adaptation", "settings": review},
            {"id": "review-anyway", "kind": "message", "stage": "adaptation", "settings": review},
            *({"id": end, "kind": "exit", "stage": "adaptation", "settings": {"reason": end}} for end in ends),
        ],
        "edges": [
            {"from": "entry", "to": "ask"},
            *({"from": "ask", "port": port, "to": step} for port, step in lead.items()),
            {"from": "review", "to": "answered"},
            {"from": "review-anyway", "to": "unhappy"},
        ],
    }


async def delivered(installation: Installation, user: str) -> str:
    """The link that a customer was sent, once the run waits for the answer."""
    traits = {"email": f"{user}@example.com", "name": user}
    await installation.call("identify", {"userId": user, "messageId": f"{user}-who", "traits": traits})
    await installation.track(user, "Order Delivered", f"{user}-order", order_id=f"o-{user}")

    async def waits() -> bool:
        run = await run_of(installation, user)
        return run.get("waiting_until") is not None and run["step"] == "ask"

    await until(waits, f"{user}'s run waits")
    body = await installation.one(
        "select o.content ->> 'body' from outbox o join customers c on c.id = o.customer_id where c.external_id = %s",
        [user],
    )
    found = LINK.search(body)
    assert found is not None, body
    return found[0]


async def run_of(installation: Installation, user: str) -> dict[str, Any]:
    found = await installation.rows(
        "select r.* from runs r join customers c on c.id = r.customer_id where c.external_id = %s", [user]
    )
    return found[0] if found else {}


async def over(installation: Installation, user: str) -> bool:
    return (await run_of(installation, user)).get("finished_at") is not None


async def answer(page: Page, link: str, score: int, words: str = "") -> None:
    """As a customer does: open, tap the number, send; and perhaps say why."""
    await page.goto(link)
    await page.get_by_role("radio", name=str(score), exact=True).click()
    await page.get_by_role("button").click()
    await page.get_by_role("heading", name="감사합니다").wait_for()
    if words:
        await page.get_by_role("textbox").fill(words)
        await page.get_by_role("button", name="보내기").click()
        await page.get_by_role("textbox").wait_for(state="detached")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(find_browser() is None, reason="no browser")
async def test_an_answer_in_a_browser_moves_the_run_and_is_in_the_report(
    installation: Installation,
) -> None:
    await installation.publish(feedback())
    links = {user: await delivered(installation, user) for user in ("happy", "unhappy", "silent")}
    base = f"http://127.0.0.1:{installation.settings.port}"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        phone = await browser.new_page(locale="ko-KR", viewport={"width": 390, "height": 844})

        await answer(phone, links["happy"], 9, "배송이 빨라요")
        await until(lambda: over(installation, "happy"), "the happy run is over", pause=0.02)
        answered = await moved(installation, "happy", "promoter")

        await answer(phone, links["unhappy"], 2)
        await until(lambda: over(installation, "unhappy"), "the unhappy run is over", pause=0.02)
        assert max(answered, await moved(installation, "unhappy", "detractor")) < WINDOW

        # The low score has opened a complaint: nobody asks for a review, and the ledger says why.
        reviews = {row["who"]: (row["status"], row["reason"]) for row in await reviewed(installation)}
        assert reviews == {"happy": ("sent", ""), "unhappy": ("skipped", "complaint_open")}
        assert not await over(installation, "silent")

        # Once more by the same link: it says so, and changes nothing.
        await phone.goto(links["happy"])
        await phone.get_by_role("heading", name="이미 응답하셨습니다").wait_for()
        assert await installation.one("select count(*) from survey_responses") == 2

        console = await browser.new_page(locale="ko-KR", viewport={"width": 1280, "height": 800})
        await console.goto(f"{base}/surveys/satisfaction")
        for words in ("3명 중 67% 응답", "응답 2건", "배송이 빨라요"):
            await console.get_by_text(words).first.wait_for()
        await console.goto(f"{base}/complaints")
        await console.get_by_role("link", name="unhappy").wait_for()
        await browser.close()


async def moved(installation: Installation, user: str, port: str) -> float:
    """Seconds from the answer to the run's leaving by its way."""
    [row] = await installation.rows(
        """
        select a.answered_at, e.received_at, t.at, t.port, e.routed_at from survey_responses a
        join customers c on c.id = a.customer_id
        join events e on e.customer_id = c.id and e.name = 'Survey Answered'
        join transitions t on t.run_id = a.run_id and t.step = 'ask' and t.what = 'left'
        where c.external_id = %s
        """,
        [user],
    )
    assert row["port"] == port
    took = float((row["at"] - row["answered_at"]).total_seconds())
    routed = (row["routed_at"] - row["answered_at"]).total_seconds()
    print(f"\nanswer of {port} → run moved {took * 1000:.0f} ms, routed {routed * 1000:.0f} ms")
    return took


async def reviewed(installation: Installation) -> list[dict[str, Any]]:
    return await installation.rows(
        "select c.external_id as who, s.status, s.reason from sends s join customers c on c.id = s.customer_id "
        "where s.step like 'review%%' order by 1"
    )

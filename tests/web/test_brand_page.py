"""Settings › Brand: set once, seen in e-mails and on customers' pages; what cannot be read is said."""

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.web.people import browsing, make_person, page_after, sign_in

PAGE = "/settings/brand"
LOGO = "https://cdn.example/logo.png"


async def test_a_brand_is_set_and_seen_everywhere(filled: None, admin_page: AsyncClient) -> None:
    page = await page_after(admin_page, PAGE, accent="#0b7a5b", logo=LOGO, font="serif")
    assert 'value="#0b7a5b"' in page
    styles = await admin_page.get("/brand.css")
    assert "#0B7A5B" in styles.text.upper()
    assert "AppleMyungjo" in styles.text
    shown = (await admin_page.get("/u/nothing")).text
    assert 'href="/brand.css"' in shown
    assert f'<img src="{LOGO}"' in shown
    theme = (await admin_page.get("/api/message-templates-forms")).json()["theme"]["properties"]
    assert (theme["accent"]["default"].lower(), theme["logo"]["default"]) == ("#0b7a5b", LOGO)


async def test_it_is_looked_at_before_it_is_kept(admin_page: AsyncClient) -> None:
    shown = await admin_page.get(f"{PAGE}/preview", params={"accent": "#aa0000", "logo": LOGO})
    assert "#aa0000" in shown.text
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    faint = (await admin_page.get(f"{PAGE}/check", params={"accent": "#ffd400"})).json()["faint"]
    assert len(faint) == 2
    assert (await admin_page.get("/brand.css")).text == ""


@pytest.mark.parametrize("given", [{"accent": "red; }"}, {"logo": "javascript:alert(1)"}, {"radius": "900"}])
async def test_what_is_no_look_is_refused(admin_page: AsyncClient, given: dict[str, str]) -> None:
    page = await page_after(admin_page, PAGE, **given)
    assert 'role="alert"' in page
    assert (await admin_page.get("/brand.css")).text == ""


async def test_only_an_admin_sets_it(app: FastAPI, admin_page: AsyncClient) -> None:
    await make_person(app, "marketer", "yuna@example.com")
    async with browsing(app) as browser:
        await sign_in(browser, "yuna@example.com")
        assert (await browser.get(PAGE)).status_code == 403

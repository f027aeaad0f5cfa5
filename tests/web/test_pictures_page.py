"""The library of pictures in the console: looked through, described, deleted, in both languages."""

from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from orchestrator.settings import Settings
from tests.picture_files import png
from tests.web.people import csrf_of, page_after


@pytest.fixture
def console_settings(console_settings: Settings, tmp_path: Path) -> Settings:
    return console_settings.model_copy(update={"data_dir": tmp_path})


async def added(browser: AsyncClient, data: bytes) -> dict[str, Any]:
    headers = {"content-type": "image/png", "x-csrf-token": await csrf_of(browser)}
    answer = await browser.post("/api/media", params={"title": "봄 배너.png"}, content=data, headers=headers)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_an_empty_library_says_what_it_is_for(browser: AsyncClient) -> None:
    for language, words in {"ko": "아직 사진이 없습니다", "en": "No pictures yet"}.items():
        page = await browser.get("/pictures", headers={"accept-language": language})
        assert (page.status_code, words in page.text) == (200, True)
    assert 'href="/pictures"' in (await browser.get("/templates")).text


async def test_a_picture_is_described_and_deleted(browser: AsyncClient) -> None:
    made = await added(browser, png())
    path = f"/pictures/{made['id']}"
    assert f'src="/media/{made["name"]}"' in (await browser.get("/pictures")).text
    page = await page_after(browser, path, title="봄 신상", alt='초록 원 "하나"')
    assert "봄 신상" in page
    assert "초록 원 &#34;하나&#34;" in page
    assert made["url"] in page
    assert "찾은 사진이 없습니다" in (await browser.get("/pictures?search=겨울")).text
    assert "봄 신상" in (await browser.get("/pictures?search=초록")).text
    assert "사진을 삭제했습니다" in await page_after(browser, f"{path}/delete")
    assert (await browser.get(path)).status_code == 404


async def test_a_picture_that_a_template_shows_says_so(browser: AsyncClient) -> None:
    made = await added(browser, png())
    words = {"subject": "봄", "blocks": [{"kind": "image", "src": made["url"]}]}
    document = {"name": {"ko": "봄 소식"}, "class": "informational", "channels": {"email": {"ko": words}}}
    headers = {"x-csrf-token": await csrf_of(browser)}
    key = (await browser.post("/api/message-templates", json={"document": document}, headers=headers)).json()["key"]
    page = (await browser.get(f"/pictures/{made['id']}")).text
    assert f'href="/templates/{key}">봄 소식</a>' in page
    refused = await browser.post(f"/pictures/{made['id']}/delete", data={"csrf": await csrf_of(browser)})
    assert (refused.status_code, "이 사진을 쓰는 곳이 있습니다(1곳)" in refused.text) == (409, True)

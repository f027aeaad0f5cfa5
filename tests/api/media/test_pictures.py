"""The library by the API: uploaded, served to everybody, searched, used, deleted only where nothing shows it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from orchestrator.core.media.pictures import MOST_BYTES
from orchestrator.core.roles import Role
from orchestrator.settings import Settings
from orchestrator.store.accounts.api_tokens import create_token
from tests.picture_files import drawing, encoded, moving, png


@pytest.fixture
def api_settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1", data_dir=tmp_path,
        public_url="http://localhost:8000",
    )  # fmt: skip


@pytest.fixture
async def anybody(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, client=("203.0.113.7", 50000))
    async with AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def sent(admin: AsyncClient, data: bytes, title: str = "spring.png", **more: str) -> Response:
    headers = {"content-type": "image/png"}
    return await admin.post("/api/media", params={"title": title, **more}, content=data, headers=headers)


async def added(admin: AsyncClient, data: bytes = png(), **more: str) -> dict[str, Any]:
    answer = await sent(admin, data, **more)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_picture_is_served_to_everybody_as_nothing_but_a_picture(
    admin: AsyncClient, anybody: AsyncClient
) -> None:
    made = await added(admin, alt="A green circle")
    assert (made["title"], made["alt"], made["width"], made["height"]) == ("spring", "A green circle", 320, 200)
    seen = await anybody.get(made["url"])
    assert seen.status_code == 200
    assert seen.content.startswith(b"\x89PNG")
    assert len(seen.content) == made["bytes"]
    told = {name: seen.headers[name] for name in ("content-type", "x-content-type-options", "cache-control")}
    assert told == {
        "content-type": "image/png",
        "x-content-type-options": "nosniff",
        "cache-control": "public, max-age=31536000, immutable",
    }
    assert "sandbox" in seen.headers["content-security-policy"]
    assert seen.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in seen.headers
    again = await anybody.get(made["url"], headers={"if-none-match": seen.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await anybody.head(made["url"])).status_code == 200


async def test_the_same_picture_is_kept_once(admin: AsyncClient) -> None:
    first = await added(admin)
    second = await sent(admin, png(), "another name.png")
    assert (second.status_code, second.json()["id"], second.json()["title"]) == (200, first["id"], "spring")
    assert len((await admin.get("/api/media")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture_missing"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_type"),
        (png()[:100], "picture_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * MOST_BYTES, "picture_too_large"),
        (moving(frames=301, width=4, height=4), "picture_frames"),
    ],
)
async def test_what_is_no_picture_is_refused_in_words(admin: AsyncClient, data: bytes, code: str) -> None:
    answer = await sent(admin, data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (await admin.get("/api/media")).json()["items"] == []


async def test_a_name_of_a_file_is_cleaned(admin: AsyncClient) -> None:
    made = await added(admin, title="C:\\photos\\../봄 신상\u202e.JPG")
    assert made["title"] == "봄 신상"


async def test_pictures_are_found_and_described(admin: AsyncClient) -> None:
    made = await added(admin)
    await added(admin, encoded(drawing(color="#AA0000"), "PNG"), title="winter.png")
    changed = await admin.put(f"/api/media/{made['id']}", json={"alt": "초록 원 100%"})
    assert (changed.json()["alt"], changed.json()["title"]) == ("초록 원 100%", "spring")
    for words, names in {"초록": ["spring"], "wint": ["winter"], "100%": ["spring"], "%": ["spring"]}.items():
        found = (await admin.get("/api/media", params={"search": words})).json()["items"]
        assert [one["title"] for one in found] == names
    first = (await admin.get("/api/media", params={"limit": 1})).json()
    second = (await admin.get("/api/media", params={"limit": 1, "cursor": first["next"]})).json()
    assert [one["title"] for one in first["items"] + second["items"]] == ["winter", "spring"]


def mail(address: str) -> dict[str, Any]:
    words = {"subject": "봄 소식", "blocks": [{"kind": "image", "src": address, "alt": "봄"}]}
    return {"name": {"ko": "봄 소식", "en": "Spring"}, "class": "informational", "channels": {"email": {"ko": words}}}


async def test_a_picture_that_something_shows_stays(admin: AsyncClient, anybody: AsyncClient) -> None:
    made = await added(admin)
    key = (await admin.post("/api/message-templates", json={"document": mail(made["url"])})).json()["key"]
    refused = await admin.delete(f"/api/media/{made['id']}")
    use = {"kind": "template", "key": key, "name": {"ko": "봄 소식", "en": "Spring"}, "live": False}
    assert (refused.status_code, refused.json()["code"], refused.json()["used_in"]) == (409, "picture_used", [use])
    assert (await admin.get(f"/api/media/{made['id']}")).json()["used_in"] == [use]
    assert (await admin.post(f"/api/message-templates/{key}/use")).status_code == 200
    assert (await admin.get("/api/media")).json()["items"][0]["used_in"] == [{**use, "live": True}]

    without = mail("https://cdn.example/other.png")
    assert (await admin.put(f"/api/message-templates/{key}", json=without)).status_code == 200
    assert (await admin.post(f"/api/message-templates/{key}/use")).status_code == 200
    assert (await admin.delete(f"/api/media/{made['id']}")).json() == {"kept": True}
    assert (await admin.get("/api/media")).json()["items"] == []
    assert (await anybody.get(made["url"])).status_code == 200  # e-mails that were sent show it

    assert (await sent(admin, png())).json()["id"] == made["id"]  # it comes back
    assert (await admin.delete(f"/api/media/{made['id']}", params={"erase": True})).json() == {"kept": False}
    assert (await anybody.get(made["url"])).status_code == 404


async def test_a_picture_that_nothing_shows_is_gone(admin: AsyncClient, anybody: AsyncClient) -> None:
    made = await added(admin)
    assert (await admin.delete(f"/api/media/{made['id']}")).json() == {"kept": False}
    assert (await anybody.get(made["url"])).status_code == 404
    assert (await admin.delete(f"/api/media/{made['id']}")).status_code == 404


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("operator", False), ("marketer", True)])
async def test_whoever_draws_may_add_and_delete_but_not_erase(
    app: FastAPI, admin: AsyncClient, role: Role, may: bool
) -> None:
    made = await added(admin)
    token = await create_token(app.state.resources.engine, name="of the test", role=role, by="Mina")
    theirs = {"Authorization": f"Bearer {token}"}
    assert (await admin.get("/api/media", headers=theirs)).status_code == 200
    again = await admin.post("/api/media", content=png(color="#AA0000"), headers=theirs)
    assert again.status_code == (201 if may else 403)
    erased = await admin.delete(f"/api/media/{made['id']}", params={"erase": True}, headers=theirs)
    assert erased.status_code == 403
    assert (await admin.delete(f"/api/media/{made['id']}", headers=theirs)).status_code == (200 if may else 403)


@pytest.mark.parametrize("name", ["x.png", "..%2fsecrets%2fadmin-token", "0" * 32 + ".svg", "0" * 32 + ".png"])
async def test_nothing_else_is_served(anybody: AsyncClient, name: str) -> None:
    assert (await anybody.get(f"/media/{name}")).status_code == 404

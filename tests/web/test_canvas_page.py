"""The page that holds the canvas: what it is told, and how its bundle is served."""

import gzip
import json
import re

import pytest
from httpx2 import AsyncClient

from api.console.journeys.canvas import BUILT, bundle
from api.pages.canvas_words import canvas_words
from api.pages.styles import console_styles
from orchestrator.core.text import LOCALES
from web import FOLDER


@pytest.mark.usefixtures("filled")
async def test_the_page_tells_the_canvas_whose_journey_and_what_its_reader_may_do(browser: AsyncClient) -> None:
    page = (await browser.get("/journeys/lifecycle")).text
    told = re.search(r'<script type="application/json" id="canvas-page">(.*?)</script>', page)
    assert told
    facts = json.loads(told[1])
    assert facts["key"] == "lifecycle"
    assert "draw" in facts["can"]
    assert facts["words"] in {canvas_words(locale).address for locale in LOCALES}
    assert f'<link rel="preload" href="{facts["words"]}" as="fetch" crossorigin>' in page
    assert '<div id="canvas"' in page


@pytest.mark.usefixtures("filled")
async def test_the_page_loads_the_hashed_bundle_that_is_kept_for_ever(browser: AsyncClient) -> None:
    page = (await browser.get("/journeys/lifecycle")).text
    built = bundle()
    assert built is not None, "the canvas is built by `make setup`"
    assert f'<script type="module" src="{built.script}"></script>' in page
    for address in (built.script, *built.preload, *built.styles):
        answer = await browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_the_bundle_travels_compressed(browser: AsyncClient) -> None:
    built = bundle()
    assert built is not None
    plain = await browser.get(built.script, headers={"accept-encoding": "identity"})
    packed = await browser.get(built.script, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert packed.content == plain.content
    assert "content-encoding" not in plain.headers


async def test_styles_travel_compressed_too(browser: AsyncClient) -> None:
    packed = await browser.get("/static/console/components.css", headers={"accept-encoding": "br;q=0, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 20_000


async def test_what_the_build_keeps_for_itself_is_not_served(browser: AsyncClient) -> None:
    assert (await browser.get("/static/build/manifest.json")).status_code == 404
    assert (await browser.get("/static/build/../../canvas/package.json")).status_code == 404


def test_the_first_route_weighs_no_more_than_250_kilobytes() -> None:
    built = bundle()
    assert built is not None
    addresses = (built.script, *built.preload, *built.styles)
    files = [BUILT / address.removeprefix("/static/build/") for address in addresses]
    words = max(len(canvas_words(locale).packed) for locale in LOCALES)
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) + words <= 250_000


@pytest.mark.usefixtures("filled")
async def test_the_canvas_asks_for_few_files_before_it_can_draw(browser: AsyncClient) -> None:
    """A browser asks for six at a time; every further one is another way there and back."""
    head = (await browser.get("/journeys/lifecycle")).text.partition("</head>")[0]
    scripts = re.findall(r'(?:src|rel="modulepreload" href)="(/static/build/[^"]+)"', head)
    styles = re.findall(r'rel="stylesheet" href="([^"]+)"', head)
    assert 0 < len(scripts) <= 6
    assert 0 < len(styles) <= 7


async def test_the_styles_of_every_page_come_as_one_file_that_may_be_kept(browser: AsyncClient) -> None:
    address = console_styles().address
    assert f'href="{address}"' in (await browser.get("/journeys")).text
    answer = await browser.get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    folder = FOLDER / "static" / "console"
    assert answer.content.startswith((folder / "tokens.css").read_bytes())
    assert answer.content.endswith((folder / "progress.css").read_bytes())

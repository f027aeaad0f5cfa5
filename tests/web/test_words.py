"""The words of the console and the canvas: all that pages use, and none that they do not."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from api.pages.canvas_words import canvas_words
from api.pages.words import Words
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.locale.catalogue import load
from orchestrator.core.text import LOCALES
from tests.routes import found_in
from tests.web.shop import JIWOO

NO_PAGES = ("/api", "/v1", "/docs", "/static", "/metrics", "/healthz", "/readyz", "/shop", "/events/stream", "/sojourn")
OF_THE_SHOP = (
    "/journeys/lifecycle",
    *(f"/customers/{JIWOO}{part}" for part in ("", "/journeys", "/messages")),
    *(f"/channels/{name}" for name in ("smtp", "solapi", "nhn", "fcm", "web_push", "outbox")),
)
ROOT = Path(__file__).parent.parent.parent
CONSOLE = load("en").of_context("console")
CANVAS = load("en").of_context("canvas")
SOURCES = [*(ROOT / "web" / "templates").glob("*.html"), *(ROOT / "api").rglob("*.py")]
USED = re.compile(r"""(?<![\w.])(?:t|self|(?:self\.|view\.|v\.)?words)\(\s*["']([a-z_]+\.[a-z_]+)["']""")
FAMILIES = re.compile(r"""\.of\(\s*["']([a-z_]+)["']""")
SCRIPTS = [
    path
    for path in (ROOT / "web" / "canvas" / "src").rglob("*.ts*")
    if ".test." not in path.name and ".gen." not in path.name
]
CANVAS_KEY = re.compile(r"""["`]([a-z_]+(?:\.[a-z_0-9]+)*)["`]""")
CANVAS_FAMILY = re.compile(r"`((?:[a-z_]+\.)+(?:[a-z_]*_)?)\$\{")


def used() -> tuple[set[str], set[str]]:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    return {k for text in texts for k in USED.findall(text)}, {f for text in texts for f in FAMILIES.findall(text)}


def used_by_the_canvas() -> tuple[set[str], tuple[str, ...]]:
    texts = [path.read_text(encoding="utf-8") for path in SCRIPTS]
    families = {family for text in texts for family in CANVAS_FAMILY.findall(text)}
    return {key for text in texts for key in CANVAS_KEY.findall(text)}, tuple(families)


def test_pages_use_only_words_that_exist() -> None:
    keys, families = used()
    assert len(keys) > 80
    assert keys <= set(CONSOLE)
    assert families <= {key.partition(".")[0] for key in CONSOLE}


def test_no_word_is_left_over() -> None:
    keys, families = used()
    assert {key for key in CONSOLE if key not in keys and key.partition(".")[0] not in families} == set()


def test_no_phrase_is_filled_with_markup() -> None:
    """What fills a phrase is text: a page would show the tags of an instant."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in SOURCES if path.suffix == ".html"}
    assert [name for name, text in texts.items() if re.search(r"=\s*t\.instant\(", text)] == []


def test_no_word_of_the_canvas_is_left_over() -> None:
    """That it uses only words that exist, its compiler knows: the keys are a type."""
    keys, families = used_by_the_canvas()
    assert len(keys & set(CANVAS)) > 400
    assert {key for key in CANVAS if key not in keys and not key.startswith(families)} == set()


def test_every_channel_and_status_has_its_word() -> None:
    for locale in LOCALES:
        words = Words(locale, "Asia/Seoul")
        assert all(words.channel(name) not in ("", name) for name in CHANNELS)
        assert all(words.channel_to_customers(name) not in ("", name) for name in CHANNELS)
    assert {f"status.{status}" for status in ("draft", "live", "paused", "stopped")} <= set(CONSOLE)
    assert {f"send.{s}" for s in ("held", "skipped", "claimed", "sent", "unknown", "failed")} <= set(CONSOLE)


def test_names_between_asterisks_are_set_off_and_everything_is_escaped() -> None:
    words = Words("en", "Asia/Seoul")
    assert words.emphasised("*Order <b>* once") == "<em>Order &lt;b&gt;</em> once"
    assert words.emphasised("2 * 3 <") == "2 * 3 &lt;"


def test_counts_take_their_plural_form_and_are_grouped() -> None:
    words = Words("en", "Asia/Seoul")
    assert [words("surveys.answers_n", count=n) for n in (0, 1, 1200)] == ["0 answers", "1 answer", "1,200 answers"]


async def test_the_canvas_has_its_words_at_an_address_that_is_kept_for_ever(browser: AsyncClient) -> None:
    for locale in LOCALES:
        found = canvas_words(locale)
        answer = await browser.get(found.address, headers={"accept-encoding": "gzip"})
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        words = answer.json()
        assert set(words) == set(CANVAS)
        assert words["board.problems"]["other"].startswith("{count} ") or locale != "en"
    assert (await browser.get("/static/words/xx.json")).status_code == 404


def test_the_canvas_is_told_plural_forms_by_unicode_category() -> None:
    assert '"board.problems":{"other":"{count} problems","one":"{count} problem"}' in canvas_words("en").body.decode()


async def test_no_page_shows_a_value_for_want_of_its_words(
    app: FastAPI, browser: AsyncClient, filled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``of`` shows a value as it is where it has no words: for what others name, and for nothing of ours."""
    missed: set[tuple[str, str]] = set()
    plain = Words.of

    def noted(self: Words, family: str, value: object) -> str:
        words = plain(self, family, value)
        if words == str(value) and value:
            missed.add((family, str(value)))
        return words

    monkeypatch.setattr(Words, "of", noted)
    pages = sorted({route.path for route in found_in(app.routes) if "GET" in (route.methods or ())})
    asked = 0
    for path in (*(one for one in pages if not one.startswith(NO_PAGES) and "{" not in one), *OF_THE_SHOP):
        answer = await browser.get(path)
        asked += answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    assert asked > 25
    assert missed == set()

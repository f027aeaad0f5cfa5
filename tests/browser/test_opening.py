"""A draft that is opened shows its final picture at once, and the same one each time."""

import json
from itertools import pairwise
from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Browser

from orchestrator.journey_gallery import find_template
from tests.browser.canvas import Canvas
from tests.browser.journeys import new_journey
from tests.examples import some

pytestmark = pytest.mark.browser

FILM = """
() => {
  window.__film = [];
  const look = () => {
    const shown = { visibilityProperty: true, opacityProperty: true };
    const seen = (list) => [...document.querySelectorAll(list)].filter((one) => one.checkVisibility(shown));
    const cards = seen(".react-flow__node").map((one) => `${one.dataset.id} ${one.style.transform} ${one.offsetWidth}`);
    const lines = seen(".react-flow__edge-path").map((one) => one.getAttribute("d"));
    const view = document.querySelector(".react-flow__viewport")?.style.transform;
    if (cards.length) {
      const picture = JSON.stringify([view, cards.sort(), lines.sort()]);
      if (picture !== window.__film.at(-1)) window.__film.push(picture);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""


@pytest.mark.parametrize("id", some(["lifecycle", "satisfaction-survey", "cart-recovery"], 3))
async def test_the_first_picture_is_the_last_and_the_same_each_time(
    http: AsyncClient, chromium: Browser, address: str, id: str
) -> None:
    template = find_template(id)
    assert template is not None
    key = await new_journey(http, id, template.copy())
    films = [await film(chromium, address, key) for _ in range(2)]
    for pictures in films:
        assert len(pictures) == 1, different(pictures)
    assert films[0] == films[1]


async def film(chromium: Browser, address: str, key: str) -> list[str]:
    """Every picture that differs from the one before, until nothing moves."""
    context = await chromium.new_context(base_url=address, locale="en-GB", viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    await page.add_init_script(f"({FILM})()")
    await Canvas(page, key).open()
    pictures: list[str] = await page.evaluate("window.__film")
    await context.close()
    return pictures


def different(pictures: list[str]) -> list[Any]:
    """What each picture has that the one before has not, for whoever reads a failure."""
    found = [json.loads(one) for one in pictures]
    return [
        [now[0], *[part for part in now[1] + now[2] if part not in before[1] + before[2]]]
        for before, now in pairwise(found)
    ]

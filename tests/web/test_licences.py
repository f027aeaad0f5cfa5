"""What the canvas's bundle contains is named with its licence, in the file that travels with the bundle."""

import json
import re
from pathlib import Path

from httpx2 import AsyncClient

CANVAS = Path(__file__).parent.parent.parent / "web" / "canvas"


async def test_everything_that_the_bundle_needs_is_named_with_its_licence(browser: AsyncClient) -> None:
    answer = await browser.get("/static/build/licenses.txt")
    assert answer.status_code == 200
    named = set(re.findall(r"^(\S+) (\S+) · \S", answer.text, re.M))
    locked = json.loads((CANVAS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name in locked[""]["dependencies"]:
        assert (name, locked[f"node_modules/{name}"]["version"]) in named
    assert {"@radix-ui/react-dialog", "@xyflow/system", "scheduler", "d3-zoom"} <= {name for name, _ in named}
    assert not {"vite", "vitest", "typescript"} & {name for name, _ in named}


async def test_the_licences_own_words_are_there(browser: AsyncClient) -> None:
    text = (await browser.get("/static/build/licenses.txt")).text
    assert "Eclipse Public License - v 2.0" in text
    assert "(used under EPL-2.0)\n  https://github.com/kieler/elkjs" in text
    assert "Copyright (c) Meta Platforms, Inc. and affiliates." in text
    assert "ISC License" in text


async def test_the_settings_lead_to_the_licences(browser: AsyncClient) -> None:
    assert 'href="/static/build/licenses.txt"' in (await browser.get("/settings")).text

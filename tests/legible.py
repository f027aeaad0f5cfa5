"""What makes a page hard to read, asked of a real browser: axe's findings, faint words, more width than there is."""

from pathlib import Path

from playwright.async_api import Page

AXE = Path(__file__).parents[1] / "web" / "canvas" / "node_modules" / "axe-core" / "axe.min.js"
_FOUND = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)"
_STILL = "document.getAnimations().every((one) => one.playState !== 'running')"
_CONTRAST = """
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (css) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, under) => top.slice(0, 3).map((v, i) => (v * top[3] + under[i] * (255 - top[3])) / 255);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const weak = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest(".hidden, option, defs")) continue;
    const under = ground(node);
    const [a, b] = [light(over(rgba(getComputedStyle(node).color), under)), light(under)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const text = walker.currentNode.data.trim();
    if (ratio < 4.5) weak.add(`${node.tagName}.${node.className}: ${text} ${ratio.toFixed(2)}`);
  }
  return [...weak];
}
"""
"""Every text under 4.5 to 1, the colours as they are laid over one another; axe leaves some of them undecided."""

_OUTSIDE = """
() => {
  const out = (node) => node.getBoundingClientRect().right > innerWidth + 1 && node.checkVisibility();
  const cut = (node) => node && (getComputedStyle(node).overflowX !== "visible" || cut(node.parentElement));
  const all = [...document.body.querySelectorAll("*")].filter((one) => out(one) && !cut(one.parentElement));
  return all.filter((one) => ![...one.children].some(out)).map((one) => one.outerHTML.slice(0, 160)).slice(0, 4);
}
"""


async def serious(page: Page) -> list[tuple[str, str, str]]:
    """Rules that are broken badly, where, and why. The page was opened with ``bypass_csp``."""
    await page.wait_for_function(_STILL)
    if not await page.evaluate("'axe' in window"):
        await page.add_script_tag(path=AXE)
    found = await page.evaluate(_FOUND)
    return [
        (one["id"], node["html"][:200], node["failureSummary"][:300])
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


async def faint(page: Page) -> list[str]:
    """Texts that hardly differ from what they stand on."""
    weak: list[str] = await page.evaluate(_CONTRAST)
    return weak


async def fits(page: Page) -> bool:
    """Whether nothing of the page is wider than its window."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def too_wide(page: Page) -> list[str]:
    """What reaches out of the window, the innermost; empty where everything fits."""
    if await fits(page):
        return []
    found: list[str] = await page.evaluate(_OUTSIDE)
    return found or ["the page itself"]

"""A journey's canvas as a person has it before them: what they see, and what they do with mouse and keyboard."""

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.waiting import let_pass

LOOK = 15_000
"""Milliseconds to look for something on a machine that is busy."""


class Canvas:
    """One window."""

    def __init__(self, page: Page, key: str) -> None:
        self.page = page
        self.key = key
        self.complaints: list[str] = []
        page.set_default_timeout(LOOK)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def open(self) -> None:
        """Go there, and wait until it can be drawn on."""
        await self.page.goto(f"/journeys/{self.key}")
        await self.node("entry").wait_for()
        await self.settled()

    async def settled(self) -> None:
        """Wait until nothing on the board moves: a draft without places is arranged when it is opened."""
        before, since = "", 0
        # The arranging is a worker's, and begins late where the machine is busy: a second in which nothing moved.
        while since < 10:
            places = (
                "[...document.querySelectorAll('.react-flow__viewport, .react-flow__node')].map(n => n.style.transform)"
            )
            now = str(await self.page.evaluate(places))
            before, since = now, since + 1 if now == before else 0
            await let_pass(0.1, "what moves has moved on")

    # --- what one sees -------------------------------------------------------------------------------------------

    def node(self, step: str) -> Locator:
        """A step on the board, by its id."""
        return self.page.locator(f'[data-step="{step}"]')

    def port_of(self, step: str, port: str) -> Locator:
        """The dot at which a port's edge begins."""
        return self.node(step).locator(f'.port[data-port="{port}"]')

    @property
    def board(self) -> Locator:
        """Where one draws."""
        return self.page.locator(".board")

    def lane(self, stage: str) -> Locator:
        """The lane of a stage."""
        return self.page.locator(f".lane.s-{stage}")

    def plus_after(self, step: str, port: str) -> Locator:
        """The "+" of a port that goes nowhere."""
        return self.node(step).locator(f'.stub[data-port="{port}"] .plus')

    def plus_between(self, step: str, other: str) -> Locator:
        """The "+" on the line between two steps."""
        return self.page.locator(f'[data-from="{step}"][data-to="{other}"] .plus')

    async def stage_of(self, step: str) -> str:
        """As the draft has it."""
        return next(str(one["stage"]) for one in (await self.draft())["steps"] if one["id"] == step)

    async def steps(self) -> list[str]:
        """The ids of the steps on the board, sorted."""
        found = await self.page.locator("[data-step]").evaluate_all("all => all.map(one => one.dataset.step)")
        return sorted(step for step in found if step != "entry")

    async def saved(self) -> None:
        """Wait until the draft is on the server."""
        await expect(self.page.locator('[data-save="saved"]')).to_be_visible(timeout=LOOK)

    async def draft(self) -> dict[str, Any]:
        """The draft as the server has it."""
        await self.saved()
        answer = await self.page.request.get(f"/api/journeys/{self.key}")
        document: dict[str, Any] = (await answer.json())["draft"]
        return document

    # --- what one does -------------------------------------------------------------------------------------------

    async def drag_from_palette(self, kind: str, x: float, y: float) -> None:
        """Drag a kind of step onto the board, to a place in the window."""
        await self._drag(await self.middle_of(self.page.locator(f'.palette [data-kind="{kind}"]')), (x, y))

    async def drag_port(self, step: str, port: str, to: str | tuple[float, float]) -> None:
        """Draw an edge from a port to a step, or to an empty place."""
        end = to if isinstance(to, tuple) else await self.middle_of(self.node(to))
        await self._drag(await self.middle_of(self.port_of(step, port)), end)

    async def drag_to_lane(self, step: str, stage: str) -> None:
        """Take a step by its name and let it go in the middle of another lane."""
        lane, card = await self.place_of(self.lane(stage)), await self.place_of(self.node(step))
        down = lane["y"] + lane["height"] / 2 - card["y"] - card["height"] / 2
        x, y = await self.middle_of(self.node(step).locator("strong"))
        await self._drag((x, y), (x, y + down))

    async def pick(self, kind: str) -> None:
        """Choose from the steps that are offered."""
        await self.page.locator(f'.picker [data-kind="{kind}"]').click()

    async def press(self, keys: str) -> None:
        await self.page.keyboard.press(keys)

    async def place_of(self, found: Locator) -> dict[str, float]:
        """Its box in the window."""
        box = await found.bounding_box()
        assert box is not None
        return dict(box)  # type: ignore[arg-type]

    async def empty_place_below(self, step: str) -> tuple[float, float]:
        """A place where nothing is, well under a step."""
        box = await self.place_of(self.node(step))
        return box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] + 90

    async def middle_of(self, found: Locator) -> tuple[float, float]:
        await found.first.wait_for()
        box = await self.place_of(found.first)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    async def _drag(self, begin: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        await mouse.move(*begin)
        await mouse.down()
        await mouse.move((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2, steps=6)
        await mouse.move(*end, steps=6)
        await mouse.up()

"""The first four steps in the product, ticked by what has really happened."""

from dataclasses import dataclass

from api.demo.routes import shop_is_open
from api.pages.view import View
from orchestrator.store.accounts.first_steps import deeds_of, find_visitor
from orchestrator.store.journeys.live_counts import load_journey

WATCHED = "lifecycle"
"""The journey to watch, where there is one of that key."""


@dataclass(frozen=True)
class Step:
    """One thing to do. ``name``: its words (``guide.{name}``, ``guide.{name}_line``); ``beside``: opens in a tab of its
    own, for one comes back."""

    name: str
    href: str
    done: bool
    beside: bool = False


@dataclass(frozen=True)
class Guide:
    """All steps, in their order."""

    steps: tuple[Step, ...]
    dismissed: bool

    @property
    def done(self) -> int:
        """How many are ticked."""
        return sum(step.done for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The first that is not."""
        return next((step for step in self.steps if not step.done), None)


async def guide_of(view: View, journeys: dict[str, str]) -> Guide:
    """The reader's. ``journeys``: names by key."""
    account = view.actor.account if view.actor else None
    deeds, visitor = await deeds_of(view.engine, account), await find_visitor(view.engine)
    open_shop = shop_is_open(view.settings)
    key = WATCHED if WATCHED in journeys else next(iter(journeys), "")
    journey = await load_journey(view.engine, key) if key else None
    watch = f"/journeys/{key}#live" if journey and journey.version else f"/journeys/{key}" if key else "/journeys/new"
    steps = (
        Step("shop", "/shop", visitor is not None, beside=True)
        if open_shop
        else Step("connect", "/connect" if view.can("administer") else "", visitor is not None),
        Step(
            "event",
            f"/events?customer={visitor.customer}" if visitor else "/events",
            visitor is not None and visitor.did_something,
        ),
        Step("watch", watch, "watched" in deeds),
        Step("test", f"/journeys/{key}#test" if key else "/journeys/new", "test_run" in deeds),
    )
    return Guide(steps, "dismissed" in deeds)

"""What is paused, or may be, by the names that people gave it."""

from collections.abc import Iterable

from api.pages.view import View
from orchestrator.store.operations.pauses import journey_of, step_of
from orchestrator.store.paused import EVERYTHING


async def paused_names(view: View, named: Iterable[str]) -> dict[str, str]:
    """By how pauses name it (``everything``, ``channel:…``, ``journey:…``, ``step:…/…``); what is no such name is left
    out."""
    wanted = {what for what in named if what == EVERYTHING or what.partition(":")[0] in ("channel", "journey", "step")}
    at = {what: (journey, step) for what in wanted if (journey := journey_of(what)) and (step := step_of(what))}
    places, journeys = await view.places(at.values()), await view.journey_names()
    found = {}
    for what in wanted:
        kind, _, name = what.partition(":")
        if what in at:
            found[what] = places[at[what]]
        elif kind == "journey":
            found[what] = journeys.get(name, name)
        else:
            found[what] = view.words.channel(name) if kind == "channel" else view.words("pauses.everything")
    return found

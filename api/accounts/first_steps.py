"""Remembers what a person has done for the first time, where they do it; programs are not guided."""

from fastapi import Request

from api.http.access import actor_of
from api.http.resources import Resources
from orchestrator.store.accounts.first_steps import NO_ACCOUNT, Deed, note_deed


async def note_first(request: Request, deed: Deed) -> None:
    """Whoever asks has done it. One write for each person and process: what is known is not written again."""
    actor = actor_of(request)
    if not actor.by_browser:
        return
    state = request.app.state
    if not hasattr(state, "first_steps"):
        state.first_steps = set()
    known: set[tuple[object, str]] = state.first_steps
    step = (actor.account or NO_ACCOUNT, deed)
    if step in known:
        return
    resources: Resources = state.resources
    await note_deed(resources.engine, actor.account, deed)
    known.add(step)

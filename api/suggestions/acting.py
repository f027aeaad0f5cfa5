"""Taking a suggestion up, putting it aside, and bringing it back; for the API and the console alike."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from api.suggestions.listing import Suggestion, load_suggestions
from orchestrator.core.messages.links import LinkSettings
from orchestrator.core.suggestions.change import drawn
from orchestrator.store.journeys.drafts import load_draft, put_draft
from orchestrator.store.suggestions.decisions import Key, forget_decision, keep_decision


class NoSuggestion(LookupError):
    """The figures say nothing of the kind now, or somebody has taken it up already."""


@dataclass(frozen=True)
class Acting:
    """Where one acts, when, and in whose name."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    links: LinkSettings
    now: datetime
    by: str
    by_id: UUID | None

    async def draw(self, key: Key) -> str:
        """Draws the change into the journey's draft, as it is by now, and gives the experiment's id.

        Raises :class:`NoSuggestion`, and ``core.suggestions.change.StepGone`` where the draft has no such step.
        """
        suggestion = await self._open(key)
        async with self.sessions.begin() as session:
            draft = await load_draft(session, key[0])
            if draft is None:
                raise NoSuggestion(key[0])
            document, experiment = drawn(draft.draft, key[1], suggestion.change)
            await put_draft(session, key[0], document, self.now, self.by, draft.revision, self.by_id)
            evidence = _evidence(suggestion)
            await keep_decision(session, key, "drawn", evidence, self.now, self.by, experiment)
        return experiment

    async def dismiss(self, key: Key) -> None:
        """Puts it aside for a while. Raises :class:`NoSuggestion`."""
        suggestion = await self._open(key)
        async with self.sessions.begin() as session:
            await keep_decision(session, key, "dismissed", _evidence(suggestion), self.now, self.by)

    async def restore(self, key: Key) -> None:
        """As if nobody had decided. Raises :class:`NoSuggestion`."""
        async with self.sessions.begin() as session:
            if not await forget_decision(session, key):
                raise NoSuggestion(key[0])

    async def _open(self, key: Key) -> Suggestion:
        for one in await load_suggestions(self.engine, self.links, self.now):
            if one.key == key and one.state in ("open", "dismissed") and one.finding is not None:
                return one
        raise NoSuggestion(key[0])


def _evidence(suggestion: Suggestion) -> dict[str, int]:
    finding = suggestion.finding
    if finding is None:
        return {}
    figures = finding.figures
    return {
        "people": figures.people,
        "of": figures.of,
        "kind_people": finding.kind_people,
        "kind_of": finding.kind_of,
    }

"""Which message templates a journey uses, and what it must know of them."""

from dataclasses import dataclass

from orchestrator.core.journey.graph import Journey


@dataclass(frozen=True)
class TemplateFacts:
    """What a journey that uses a template must know of it, finished or not."""

    live: bool
    archived: bool
    message_class: str = "advertising"
    channels: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    """Variables of the journey that its words cannot do without."""


def templates_of(journey: Journey) -> tuple[str, ...]:
    """The keys of the templates that a journey's messages name, each once."""
    named = [one.name for step in journey.steps for one in step.references() if one.kind == "template"]
    return tuple(dict.fromkeys(named))

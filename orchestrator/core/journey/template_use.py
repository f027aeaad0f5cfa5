"""Which message templates a journey uses, and what it must know of them."""

from dataclasses import dataclass

from orchestrator.core.journey.graph import Journey
from orchestrator.core.steps.message import Sending


@dataclass(frozen=True)
class TemplateFacts:
    """What a journey that uses a template must know of it, finished or not."""

    live: bool
    archived: bool
    message_class: str = "advertising"
    channels: frozenset[str] = frozenset()


def templates_of(journey: Journey) -> tuple[str, ...]:
    """The keys of the templates that a journey's messages name, each once."""
    named = [step.settings.template for step in journey.steps if isinstance(step, Sending)]
    return tuple(dict.fromkeys(key for key in named if key is not None))

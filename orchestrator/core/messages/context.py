"""What templates may speak of, built in one place for real sends, previews, test runs and the preflight."""

from collections.abc import Mapping
from typing import Any, Protocol


class EventLike(Protocol):
    """An event, as templates see it."""

    @property
    def properties(self) -> Mapping[str, Any]:
        """By name."""


def template_context(
    customer: Mapping[str, Any],
    entry: EventLike | None,
    event: EventLike | None,
    variables: Mapping[str, Any],
    workspace: Mapping[str, Any],
    links: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """By ``core.templating.engine.ROOTS``.

    Args:
        customer: The shop's attributes, over which our own fields win.
        event: The event that last ended a wait; None: there was none yet, and the entry event stands for it.
        variables: The run's, with the plan's.
        workspace: Its settings.
        links: By name; None where they depend on the channel and come later.
    """
    return {
        "customer": customer,
        "entry": entry.properties if entry else {},
        "event": latest.properties if (latest := event or entry) else {},
        "var": variables,
        "workspace": workspace,
        **({} if links is None else {"links": links}),
    }

"""What of events and customers a journey looks at: the rest of them says nothing about what becomes of a run."""

import json
import re
from collections.abc import Mapping
from typing import Any

from orchestrator.core.journey.plan import Plan

_NONE: Mapping[str, Any] = {}


class LooksAt:
    """What of events and customers a journey and its templates look at."""

    def __init__(self, plan: Plan, templates: Mapping[str, Any] = _NONE) -> None:
        self._body = plan.body.decode() + json.dumps(templates, ensure_ascii=False, default=str)
        self._mentioned = plan.mentioned
        self._known: dict[str, bool] = {}

    def event(self, name: str) -> bool:
        """Whether anything listens for events of a name, or counts them."""
        return self._quoted(name)

    def property(self, name: str) -> bool:
        """Whether anything looks at an event's property."""
        return (
            name in self._mentioned
            or self._quoted(name)
            or self._written("entry", name)
            or self._written("event", name)
        )

    def attribute(self, name: str) -> bool:
        """Whether anything looks at an attribute of the customer."""
        return self._quoted(name) or self._written("customer", name)

    def tag(self, name: str) -> bool:
        """Whether anything looks at a tag."""
        return self._quoted(name)

    def consent(self, name: str) -> bool:
        """Whether anything looks at a consent, or goes by its channel (``sms:night``: ``sms``)."""
        return self._quoted(name) or self._quoted(name.partition(":")[0])

    def _quoted(self, name: str) -> bool:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = json.dumps(name, ensure_ascii=False) in self._body
        return found

    def _written(self, of: str, name: str) -> bool:
        path = f"{of}.{name}"
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = re.search(rf"\b{of}\.{re.escape(name)}\b", self._body) is not None
        return found

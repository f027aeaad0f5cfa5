"""Snapshots of a run, and what decisions saw, as the API tells them. In a process of its own: imports only what that
needs."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.sending.decision_inputs import inputs_in_words
from orchestrator.core.simulation.snapshots import CustomerState, Snapshot


class SnapshotWriter:
    """Writes snapshots; a customer who stays as they are is told once. ``customers``: their states, in order."""

    def __init__(self) -> None:
        self.customers: list[dict[str, Any]] = []
        self._last: CustomerState | None = None

    def write(self, one: Snapshot) -> dict[str, Any]:
        """One snapshot."""
        state = one.customer
        if state != self._last:
            self._last = state
            told = {"attributes": dict(state.attributes), "consents": dict(state.consents)}
            self.customers.append({**told, "tags": list(state.tags), "stage": state.stage})
        return {
            "waits_for": None if one.waits_for is None else one.waits_for.by_locale(),
            "waiting_until": one.waiting_until,
            "variables": dict(one.variables),
            "customer": len(self.customers) - 1,
        }


def inputs_as_json(inputs: Mapping[str, Any], tz: ZoneInfo) -> list[dict[str, Any]]:
    """What a decision saw."""
    told = inputs_in_words(inputs, tz)
    return [{"label": label.by_locale(), "value": value.by_locale()} for label, value in told]

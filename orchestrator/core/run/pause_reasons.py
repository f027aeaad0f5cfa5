"""Why something was paused that nobody asked to be, in words."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.sending.reasons import reason_in_words
from orchestrator.core.text import Text

RESTORED = "restored"
"""Cause: the database or Temporal came back from a backup."""
BREAKER = "breaker"
"""Cause: too many complaints or hard bounces."""
PAUSE_REASONS: Mapping[str, Text] = {
    "database_restored": Text(
        "The database came back from a backup and is behind Temporal. Nothing is sent until you decide: run "
        "“sojourn doctor”, then resume"
    ),
    "complaints": Text(
        "Too many complaints: {rate} of {sent} messages ({many}), where {bound} is the bound. Look at whom it "
        "reaches, and what it says"
    ),
    "bounces": Text(
        "Too many hard bounces: {rate} of {sent} messages ({many}), where {bound} is the bound. Clean the addresses"
    ),
    "temporal_restored": Text(
        "Temporal came back from a backup, or is empty, and is behind the database. Nothing is sent until you decide: "
        "run “sojourn doctor”, then resume"
    ),
}
"""By the code of a reason; what a message fails of has its words in ``core.sending.reasons``."""


def why_paused(reason: Mapping[str, Any], tz: ZoneInfo) -> Text:
    """The reason of a pause, as it is kept."""
    found = PAUSE_REASONS.get(str(reason.get("code")))
    if found is None:
        return reason_in_words(reason, tz)
    return found.format(**{name: value for name, value in reason.items() if name in found.placeholders})

"""The addresses that one message needs: where its links lead, and how one gets away from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.messages.links import LinkSettings, Tracking
from orchestrator.core.sending.advertising import Sender
from orchestrator.links import PATHS, Links


@dataclass(frozen=True, slots=True)
class MessageLinks:
    """Of one send to one customer. ``place``: ``journey``, ``step`` and ``class``, for UTM parameters."""

    links: Links
    send: UUID
    customer: UUID
    workspace: Mapping[str, Any]
    place: Mapping[str, str]

    def out(self, channel: str) -> str:
        """Where this message is opted out of."""
        return self.links.unsubscribe(self.send, channel)

    def sender(self, channel: str) -> Sender:
        """Who sends, with the way out of this very message where the workspace has no page of its own."""
        return Sender.of(self.workspace, self.out(channel))

    def context(self, channel: str) -> dict[str, str]:
        """``links`` of the templates."""
        return {
            "unsubscribe": self.sender(channel).opt_out_url,
            "preferences": self.links.preferences(self.customer),
            "survey": self.links.survey(self.send),
        }

    def tracking(self, channel: str) -> Tracking:
        """What becomes of the message's links, by the workspace's settings."""
        settings = LinkSettings.of(self.workspace)
        own = [f"{self.links.public_url}{path.partition('{')[0]}" for path in PATHS.values()]
        theirs = str(self.workspace.get("opt_out_url") or "")
        return Tracking(
            click=(lambda n: self.links.click(self.send, n)) if settings.clicks else None,
            pixel=self.links.open(self.send) if settings.opens and CHANNELS[channel].html else "",
            parameters=settings.parameters({**self.place, "channel": channel}),
            domains=settings.domains,
            ours=(*own, *([theirs] if theirs else [])),
        )

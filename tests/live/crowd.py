"""Customers who come in over HTTP, as client libraries send them: what is not acknowledged is sent again, as it was."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from tests.live.installation import Installation
from tests.waiting import let_pass

JOURNEY: dict[str, Any] = {
    "key": "basket",
    "name": {"en": "Basket", "ko": "바구니"},
    "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
    "reentry": {"mode": "never"},
    "exits": [{"id": "bought", "event": "Order Completed", "reason": "bought"}],
    "steps": [
        {"id": "pause", "kind": "delay", "stage": "retention", "settings": {"mode": "duration", "duration": "40s"}},
        {"id": "reminder", "kind": "message", "stage": "retention"},
        {
            "id": "look",
            "kind": "wait_for_event",
            "stage": "retention",
            "settings": {"window": "20s", "branches": [{"port": "viewed", "event": "Cart Viewed"}]},
        },
        {"id": "help", "kind": "message", "stage": "retention"},
        {"id": "last", "kind": "message", "stage": "retention"},
        {"id": "end", "kind": "exit", "stage": "retention", "settings": {"reason": "through"}},
    ],
    "edges": [
        {"from": "entry", "to": "pause"},
        {"from": "pause", "to": "reminder"},
        {"from": "reminder", "to": "look"},
        {"from": "look", "port": "viewed", "to": "help"},
        {"from": "look", "port": "timeout", "to": "last"},
        {"from": "help", "to": "end"},
        {"from": "last", "to": "end"},
    ],
}
"""Delay, message, wait for event, message; a purchase ends it. Informational: no hour of the day forbids a message."""
for _step in JOURNEY["steps"]:
    if _step["kind"] == "message":
        content = {"en": {"subject": _step["id"], "body": "Your basket is still here."}}
        content["ko"] = {"subject": _step["id"], "body": "바구니를 보관하고 있어요."}
        _step["settings"] = {"channel": "email", "class": "informational", "content": content}

Habits = tuple[tuple[tuple[float, str], ...], ...]
HABITS: Habits = (
    (),
    ((20, "Order Completed"),),
    ((50, "Cart Viewed"),),
    ((15, "Cart Updated"), (52, "Order Completed")),
    ((10, "Cart Viewed"), (39.5, "Order Completed")),
)
"""What a customer does, and how many seconds after filling the cart. By turns."""
IMPATIENCE = 10.0
"""Seconds after which a client gives a request up and sends it again, though it may have been stored."""


@dataclass
class Crowd:
    """``size`` customers who come in over ``spread`` seconds."""

    installation: Installation
    size: int
    spread: float
    habits: Habits = HABITS
    acknowledged: dict[str, datetime] = field(default_factory=dict)
    """By message id."""
    in_flight: int = 0
    attempts: int = 0
    repeated: int = 0
    """Requests sent again: unanswered, refused, or though they had been acknowledged."""
    _random: random.Random = field(default_factory=lambda: random.Random(7))

    async def live(self) -> None:
        """Until everybody has done everything, and it is acknowledged."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.size):
                group.create_task(self._customer(number))

    async def _customer(self, number: int) -> None:
        user = f"shopper-{number:03d}"
        await let_pass(number / self.size * self.spread, "one after the other")
        began = asyncio.get_running_loop().time()
        traits = {"email": f"{user}@example.com"}
        who = {"type": "identify", "userId": user, "messageId": f"{user}/who", "traits": traits}
        await self._send("batch", {"batch": [who, self._track(user, "Cart Updated", 0)]})
        for place, (after, event) in enumerate(self.habits[number % len(self.habits)], start=1):
            await let_pass(max(0.0, began + after - asyncio.get_running_loop().time()), "people take their time")
            call = self._track(user, event, place)
            await self._send("track", call)
            if number % 10 == 3:  # a client that did not see the acknowledgement
                self.repeated += 1
                await self._send("track", call)

    def _track(self, user: str, event: str, place: int) -> dict[str, Any]:
        said = {"type": "track", "userId": user, "event": event, "messageId": f"{user}/{place}"}
        return {**said, "timestamp": datetime.now(UTC).isoformat(), "properties": {"cart_id": user}}

    async def _send(self, kind: str, body: Mapping[str, Any]) -> None:
        """Send it until it is acknowledged."""
        pause = 0.5
        while not await self._sent(kind, body):
            self.repeated += 1
            await let_pass(pause * self._random.uniform(0.5, 1.5), "as clients do before they repeat")
            pause = min(pause * 2, 5.0)
        now = datetime.now(UTC)
        for call in body.get("batch", [body]):
            self.acknowledged.setdefault(call["messageId"], now)

    async def _sent(self, kind: str, body: Mapping[str, Any]) -> bool:
        self.attempts += 1
        self.in_flight += 1
        try:
            answer = await asyncio.wait_for(self.installation.call(kind, body), IMPATIENCE)
        except (httpx2.TransportError, TimeoutError):
            return False
        finally:
            self.in_flight -= 1
        assert answer.status_code in {200, 429, 503}, answer.text
        return answer.status_code == 200 and "rejected" not in answer.json()

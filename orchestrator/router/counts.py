"""What routing did, for ``/metrics``: the router counts, Redis carries, the API shows."""

import contextlib
from collections.abc import Mapping

import redis.asyncio as redis
from redis.exceptions import RedisError

KEY = "sojourn:routing"


class RoutingCounts:
    """Counts since the workspace began, in one Redis hash. They inform; nothing depends on them."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.from_url(redis_url, decode_responses=True)
        self._events = 0
        self._seen: dict[str, int] = {}
        self._calls: dict[str, int] = {}

    def routed(self, events: int, calls: Mapping[str, int]) -> None:
        """So many events more; ``calls``: calls of Temporal by kind since the process began."""
        self._events += events
        for kind, total in calls.items():
            self._calls[kind] = self._calls.get(kind, 0) + total - self._seen.get(kind, 0)
            self._seen[kind] = total

    async def publish(self) -> None:
        """Add what has been counted to Redis; what cannot be added now is added later."""
        deltas = {"events": self._events, **{f"temporal_{kind}": n for kind, n in self._calls.items()}}
        with contextlib.suppress(RedisError, OSError):
            async with self._redis.pipeline(transaction=True) as pipe:
                for name, delta in deltas.items():
                    if delta:
                        pipe.hincrby(KEY, name, delta)
                await pipe.execute()
            self._events, self._calls = 0, {}

    async def read(self) -> dict[str, int]:
        """The totals; empty where Redis is away."""
        with contextlib.suppress(RedisError, OSError):
            return {str(name): int(value) for name, value in (await self._redis.hgetall(KEY)).items()}
        return {}

    async def exposition(self) -> bytes:
        """The totals in Prometheus' text format: events routed, and what they cost on Temporal."""
        totals = await self.read()
        lines = [
            "# HELP sojourn_routed_events_total Events offered to journeys and runs.",
            "# TYPE sojourn_routed_events_total counter",
            f"sojourn_routed_events_total {totals.get('events', 0)}",
            "# HELP sojourn_temporal_calls_total Calls of Temporal by the router.",
            "# TYPE sojourn_temporal_calls_total counter",
        ]
        for kind in ("start", "signal"):
            lines.append(f'sojourn_temporal_calls_total{{kind="{kind}"}} {totals.get(f"temporal_{kind}", 0)}')
        return "\n".join(lines).encode() + b"\n"

    async def close(self) -> None:
        """Let go of the connection."""
        await self._redis.aclose()

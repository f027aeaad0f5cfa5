"""What routing cost is counted by the router and shown by the API."""

from orchestrator.router.counts import RoutingCounts


async def test_counts_add_up_over_batches_and_processes(redis_url: str) -> None:
    first, second = RoutingCounts(redis_url), RoutingCounts(redis_url)
    first.routed(100, {"start": 2})
    first.routed(50, {"start": 3, "signal": 4})
    await first.publish()
    second.routed(10, {"signal": 1})
    await second.publish()
    assert await first.read() == {"events": 160, "temporal_start": 3, "temporal_signal": 5}
    assert b"sojourn_routed_events_total 160\n" in await first.exposition()
    assert b'sojourn_temporal_calls_total{kind="signal"} 5\n' in await first.exposition()
    for counts in (first, second):
        await counts.close()


async def test_without_redis_nothing_is_lost_and_nothing_fails(redis_url: str) -> None:
    away = RoutingCounts("redis://127.0.0.1:1")
    away.routed(10, {"start": 1})
    await away.publish()
    assert await away.read() == {}
    assert b"sojourn_routed_events_total 0\n" in await away.exposition()
    await away.close()

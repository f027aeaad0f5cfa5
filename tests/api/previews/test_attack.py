"""Made-up customers over HTTP: the paths that they find, what they break, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient

from orchestrator.files.yaml_text import load_yaml
from tests.api.previews.test_test_run import document, shop
from tests.core.run.driver import delay, journey

__all__ = ["shop"]


async def attacked(admin: AsyncClient, drawn: dict[str, Any], **more: Any) -> Any:
    answer = await admin.post("/api/journeys/attack", json={"document": drawn, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_path_is_found_with_somebody_who_takes_it(admin: AsyncClient) -> None:
    told = await attacked(admin, document(), customers=300)
    assert told["broken"] == []
    assert told["done"] == told["of"] == len(told["places"])
    place = next(one for one in told["places"] if (one["step"], one["port"]) == ("loyal", "loyal"))
    assert place["count"] > 0
    assert place["text"]["en"] == "*Paid* at least 3 times › *Paid* at least 3 times"


async def test_somebody_who_takes_a_path_takes_it_in_a_test_run(admin: AsyncClient) -> None:
    drawn = document()
    told = await attacked(admin, drawn, customers=300)
    place = next(one for one in told["places"] if (one["step"], one["port"]) == ("pay", "happened"))
    script = place["script"]
    assert script is not None
    again = {"document": drawn, **{name: script[name] for name in ("start", "until", "events", "customer")}}
    played = (await admin.post("/api/journeys/test-run", json=again)).json()
    lines = [(line["step"], line["port"]) for run in played["runs"] for line in run["transitions"]]
    assert ("pay", "happened") in lines


async def test_a_path_that_nobody_can_take_is_shown(admin: AsyncClient) -> None:
    drawn = load_yaml(Path("tests/core/fuzzing/everything.yaml").read_text())  # noqa: ASYNC240 - a small file, read once
    # Who has so high a score leaves at once, so the branch for them is taken by nobody.
    drawn["exits"].append({"id": "rich", "when": {"kind": "attribute", "name": "score", "op": "gte", "value": 5}})
    told = await attacked(admin, drawn)
    missing = [(one["step"], one["port"]) for one in told["places"] if not one["count"]]
    assert missing == [("who", "rich")]
    assert told["done"] == told["of"] - 1


async def test_a_loop_that_hardly_waits_is_found_and_told(admin: AsyncClient) -> None:
    drawn = journey(
        delay("tick", "1m"),
        {"id": "again", "kind": "go_to", "stage": "intake", "settings": {"target": "tick"}},
        edges="entry > tick, tick > again",
        exits=[{"id": "never", "event": "Never"}],
    )
    told = await attacked(admin, drawn, customers=20)
    [broken] = [one for one in told["broken"] if one["rule"] == "endless"]
    assert broken["text"]["ko"] == "끝없이 반복합니다"
    assert broken["lines"]


async def test_the_same_seed_finds_the_same(admin: AsyncClient) -> None:
    one, other = [await attacked(admin, document(), customers=40, seed=7) for _ in range(2)]
    assert one == other


@pytest.mark.parametrize("more", [{"customers": 0}, {"customers": 100_000}, {"seed": -1}, {"seconds": 9}])
async def test_what_cannot_be_asked_is_refused(admin: AsyncClient, more: dict[str, Any]) -> None:
    answer = await admin.post("/api/journeys/attack", json={"document": document(), **more})
    assert answer.status_code == 422 or answer.status_code == 400


async def test_a_journey_with_errors_is_refused_with_them(admin: AsyncClient) -> None:
    answer = await admin.post("/api/journeys/attack", json={"document": {**document(), "edges": []}})
    assert (answer.status_code, answer.json()["code"]) == (409, "journey_has_errors")

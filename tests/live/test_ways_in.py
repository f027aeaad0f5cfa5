"""On real processes: customers enter by request, by a list, by a schedule, and by a trait that their order changed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orchestrator.settings import DEV_ADMIN_TOKEN
from tests.live.installation import Installation
from tests.waiting import until

ADMIN = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


def journey(key: str, *triggers: dict[str, Any], **entry: Any) -> dict[str, Any]:
    wait = {"id": "wait", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "30d"}}
    return {
        "key": key,
        "name": {"en": key, "ko": key},
        "entry": {"triggers": list(triggers), **entry},
        "reentry": {"mode": "after_end"},
        "steps": [wait, {"id": "end", "kind": "exit", "stage": "intake"}],
        "edges": [{"from": "entry", "to": "wait"}, {"from": "wait", "to": "end"}],
    }


async def inside(installation: Installation, key: str) -> set[str]:
    found = await installation.rows(
        "select c.external_id as id from runs r join customers c on c.id = r.customer_id where r.journey_key = %s",
        [key],
    )
    return {row["id"] for row in found}


async def people(installation: Installation, *names: str) -> None:
    for name in names:
        answer = await installation.call("identify", {"userId": name, "traits": {"plan": "trial"}})
        assert answer.status_code == 200, answer.text


@pytest.mark.slow
@pytest.mark.long  # a schedule counts whole minutes
@pytest.mark.timeout(300)
async def test_customers_enter_by_request_by_list_and_when_a_day_comes(installation: Installation) -> None:
    answer = await installation.http.put("/api/traits", json={"orders": {"event": "Bought"}}, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    third = {"kind": "attribute", "name": "computed.orders", "op": "eq", "value": 2}
    soon = datetime.now(ZoneInfo("Asia/Seoul")) + timedelta(minutes=2)
    due = {"kind": "schedule", "on": soon.date().isoformat(), "at": f"{soon:%H:%M}", "zone": "workspace"}
    only_trial = {"kind": "attribute", "name": "plan", "op": "eq", "value": "trial"}
    await installation.publish(journey("due", due, filter=only_trial))
    await installation.publish(journey("asked", {"kind": "request"}))
    await installation.publish(journey("second-order", {"kind": "event", "event": "Bought"}, filter=third))
    await people(installation, "ana", "bo", "cho")

    told = await installation.http.post(
        "/api/journeys/asked/enter", json={"customers": [{"customer": "ana"}, {"customer": "who"}]}, headers=ADMIN
    )
    assert [one["outcome"] for one in told.json()["customers"]] == ["entered", "unknown"], told.text

    sent = await installation.http.post("/api/journeys/asked/enter-list", content="customer\nana\nbo\n", headers=ADMIN)
    operation = sent.json()["operation"]

    async def done() -> bool:
        found = await installation.http.get(f"/api/operations/{operation}", headers=ADMIN)
        return bool(found.json()["status"] == "done")

    await until(done, "the list is through", seconds=60)
    items = (await installation.http.get(f"/api/operations/{operation}/items", headers=ADMIN)).json()
    assert [(one["status"], one["outcome"]) for one in items] == [("passed", "already_in"), ("done", "entered")]
    assert await inside(installation, "asked") == {"ana", "bo"}

    for n in (1, 2):
        await installation.track("cho", "Bought", f"order-{n}", revenue=10_000)

    async def bought_twice() -> bool:
        return await inside(installation, "second-order") == {"cho"}

    await until(bought_twice, "the second order lets its customer in", seconds=30)
    assert (await installation.http.post("/api/traits/refresh", headers=ADMIN)).status_code == 202

    async def learned() -> bool:
        return bool((await installation.http.get("/api/traits", headers=ADMIN)).json()["models"])

    await until(learned, "the night's work is done", seconds=60)

    async def all_due() -> bool:
        return await inside(installation, "due") == {"ana", "bo", "cho"}

    await until(all_due, "the schedule lets everybody in", seconds=240)
    [at] = {
        row["occurred_at"] for row in await installation.rows("select occurred_at from events where name = 'Entry Due'")
    }
    assert at == soon.replace(second=0, microsecond=0).astimezone(UTC)

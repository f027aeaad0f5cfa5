"""An alert arrives, signed, once; what is not taken is told again; and that it is over is told as well."""

from collections.abc import AsyncIterator

import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.webhooks.alerts import Alerts
from activities.webhooks.signature import signed
from orchestrator.core.run.trouble import DEFINITION
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import SYSTEM
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.operations.pauses import Fault, end_pause, pause
from orchestrator.store.workspace import change_settings, ensure_workspace
from tests.activities.webhooks.hook import KEY, SECRET
from tests.protocol_servers.plain_http import Reply, serving

STEP = "step:news/letter"


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def test_an_incident_is_told_once_and_again_where_it_is_not_taken(engine: AsyncEngine) -> None:
    settings = Settings(webhook_secret=SecretStr(SECRET), outgoing_allow=("127.0.0.1",))
    replies = [Reply(status=503)]
    async with serving(lambda _: replies.pop(0) if replies else Reply()) as server:
        async with session_factory(engine)() as session, session.begin():
            await ensure_workspace(session, settings)
            await change_settings(session, {"alerts": {"url": server.url + "/alerts"}})
            fault = Fault(DEFINITION, {"code": "template_not_in_use", "template": "hello"})
            assert await pause(session, STEP, SYSTEM, fault=fault)
        alerts = Alerts(engine, settings)
        await alerts.look()
        assert len(server.requests) == 1
        await alerts.look()
        assert len(server.requests) == 1, "a receiver that cannot now is left alone"
        alerts._not_before = 0.0
        await alerts.look()
        await alerts.look()
        first, second = server.requests
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        stamp = float(second.headers["webhook-timestamp"])
        expected = signed([KEY], second.headers["webhook-id"], second.body, stamp)
        assert second.headers["webhook-signature"] == expected["webhook-signature"]
        told = orjson.loads(second.body)
        assert (told["type"], told["data"]["paused"]) == ("incident.opened", STEP)
        assert "hello" in told["data"]["words"]["ko"]

        async with session_factory(engine)() as session, session.begin():
            assert await end_pause(session, STEP, SYSTEM)
        await alerts.look()
        assert orjson.loads(server.requests[-1].body)["type"] == "incident.closed"
        assert len(server.requests) == 3
        await alerts.close()

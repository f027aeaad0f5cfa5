"""Real receivers for the tests of webhooks."""

from collections.abc import AsyncIterator

import pytest

from tests.activities.shop import Shop
from tests.activities.webhooks.hook import Hook
from tests.protocol_servers.plain_http import Reply, serving


@pytest.fixture
async def hook(shop: Shop) -> AsyncIterator[Hook]:
    made: list[Hook] = []
    async with serving(lambda _: made[0].replies.pop(0) if made[0].replies else Reply()) as server:
        made.append(Hook(shop, server))
        yield made[0]
        for one in made[0].made:
            await one.close()

"""What a goal brought is summed in each currency: a won and a dollar are no two of anything."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.database import create_engine
from orchestrator.store.journeys.live_counts import load_goals
from tests.web import shop

_REACHED = text("""
insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
select :run, 100 + n, 'lifecycle', :customer, :at, 'goal', 's', 1, 'order', cast(note as jsonb)
from unnest(cast(:notes as text[])) with ordinality as given(note, n)
""")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


@pytest.mark.parametrize(
    ("notes", "worth", "value", "currency"),
    [
        (['{"value": 10000, "currency": "KRW"}', '{"value": 5000, "currency": "KRW"}'], {"KRW": 15000}, 15000, "KRW"),
        (
            ['{"value": 10000, "currency": "KRW"}', '{"value": 8, "currency": "USD"}'],
            {"KRW": 10000, "USD": 8},
            None,
            None,
        ),
        (['{"value": 3}', '{"value": 4, "currency": "EUR"}'], {"": 3, "EUR": 4}, None, None),
        (['{"value": 3}', '{"value": "many"}'], {"": 3}, 3, None),
        (["{}"], {}, None, None),
    ],
)
async def test_each_currency_has_its_own_sum(
    engine: AsyncEngine, notes: list[str], worth: dict[str, float], value: float | None, currency: str | None
) -> None:
    given = {"run": shop.RUN, "customer": shop.JIWOO, "at": shop.NOW, "notes": notes}
    async with engine.begin() as db:
        await db.execute(_REACHED, given)
    [goal] = [one for one in await load_goals(engine, "lifecycle") if one.goal == "order"]
    assert (goal.times, goal.runs, goal.worth) == (len(notes), 1, worth)
    assert (goal.value, goal.currency) == (value, currency)

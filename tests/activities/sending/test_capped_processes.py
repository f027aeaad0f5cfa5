"""Three real processes, one cap of two a day, every customer in every journey at once: nobody gets a third.

The small size of ``bench.capped``, which says how the large one ended.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.capped import Found, measure
from orchestrator.settings import PREFIX
from orchestrator.stack import Valkey
from orchestrator.stack.account import make_data_dir

JOURNEYS, CUSTOMERS = 8, 45
ROOT = Path(__file__).parents[3]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A server of its own, to be killed."""
    make_data_dir(tmp_path / "data")
    server = Valkey(tmp_path / "data", durable=False)
    server.start()
    server.wait()
    yield server
    server.process.kill()


def found(database_url: str, valkey: Valkey, tmp_path: Path, *, lost: bool) -> Found:
    given = {"data_dir": str(tmp_path / "data"), "database_url": database_url, "redis_url": valkey.url}
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        **{PREFIX + name.upper(): value for name, value in given.items()},
    }
    size = argparse.Namespace(journeys=JOURNEYS, customers=CUSTOMERS, workers=3)
    return measure(environment, database_url, size, valkey if lost else None)


def test_nobody_gets_a_third(database_url: str, valkey: Valkey, tmp_path: Path) -> None:
    end = found(database_url, valkey, tmp_path, lost=False)
    assert end.most == 2
    assert end.sent == end.in_outbox == 2 * CUSTOMERS
    assert end.ended == {"sent": 2 * CUSTOMERS, "held frequency_cap_held": (JOURNEYS - 2) * CUSTOMERS}


def test_nobody_gets_a_third_when_redis_dies_in_the_middle_and_comes_back_empty(
    database_url: str, valkey: Valkey, tmp_path: Path
) -> None:
    end = found(database_url, valkey, tmp_path, lost=True)
    assert end.most == 2
    assert end.sent == end.in_outbox == end.ended["sent"]
    assert end.ended == {"sent": end.sent, "held frequency_cap_held": JOURNEYS * CUSTOMERS - end.sent}
    # Those who were about to send at that moment may give way to each other; everybody else had their two.
    assert end.sent >= 2 * CUSTOMERS - 3 * 30

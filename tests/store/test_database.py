"""What is written as JSON for the database."""

import json

from orchestrator.store.database import dump_json


def test_a_number_that_jsonb_gives_back_whole_can_be_written_again() -> None:
    """What was written as 1e23 comes back as a whole number of 24 digits."""
    stored = {"a": [10**23, True, 2**63 - 1], "b": {"c": -(10**30)}}
    assert json.loads(dump_json(stored)) == {"a": [1e23, True, 2**63 - 1], "b": {"c": -1e30}}
    assert json.loads(dump_json(float("nan"))) is None

"""A run of a newer router on an older worker: it waits for one that knows its rules, and records nothing by others."""

from datetime import UTC, datetime

import pytest

from orchestrator.core.events.customer_event import CustomerEvent
from workflows.run_input import NEWEST, NewerInput, RunInput, dump_input, load_input

ENTRY = CustomerEvent("m1", "Signed Up", datetime(2026, 3, 1, tzinfo=UTC), {})


def test_rules_that_this_worker_knows_are_taken() -> None:
    for version in range(1, NEWEST + 1):
        assert load_input(dump_input(RunInput(ENTRY, version=version))).version == version


def test_rules_of_a_newer_build_are_left_to_a_newer_worker() -> None:
    with pytest.raises(NewerInput, match=str(NEWEST + 1)):
        load_input(dump_input(RunInput(ENTRY, version=NEWEST + 1)))

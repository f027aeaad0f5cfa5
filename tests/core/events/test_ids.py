"""Derived ids: stable for ever, distinct for distinct causes, silent about people."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.events.ids import message_id, opaque_key, run_id, send_id, workflow_id

CUSTOMER = UUID("11111111-1111-4111-8111-111111111111")
RUN = UUID("22222222-2222-4222-8222-222222222222")


def test_ids_never_change() -> None:
    """A changed derivation would send again what was sent."""
    assert send_id(RUN, "nudge", 1) == UUID("5ba252fa-6cc5-5265-9120-fbebfee72857")
    assert run_id(f"cart/{CUSTOMER}", "m-1") == UUID("aad6ed22-6c24-5863-a530-faeaea3320d7")
    assert message_id(RUN, "nudge", 1, 0) == "1bee2c7d-7c24-56d3-aee4-93e369827963"


def test_a_run_id_means_the_same_as_text_and_as_uuid() -> None:
    assert send_id(str(RUN), "nudge", 2) == send_id(RUN, "nudge", 2)


@pytest.mark.parametrize(
    ("key", "plain"),
    [
        ("cart-17", True),
        ("A_b.c-9", True),
        ("10012", True),
        ("kim@example.com", False),
        ("010-1234-5678", False),
        ("01012345678", False),
        ("+821012345678", False),
        ("장바구니", False),
        ("a/b", False),
        ("x" * 64, True),
        ("x" * 65, False),
        ("a b", False),
        ("cart\n", False),
    ],
)
def test_a_key_that_may_tell_who_somebody_is_becomes_a_hash(key: str, *, plain: bool) -> None:
    assert (opaque_key(key) == key) is plain
    assert key in workflow_id("cart", CUSTOMER, key) if plain else key not in workflow_id("cart", CUSTOMER, key)


def test_a_workflow_id_reads_journey_customer_key() -> None:
    assert workflow_id("cart", CUSTOMER) == f"cart/{CUSTOMER}"
    assert workflow_id("cart", CUSTOMER, "c-1") == f"cart/{CUSTOMER}/c-1"


def test_the_same_address_hashes_differently_for_each_customer() -> None:
    other = UUID(int=7)
    mine, theirs = (workflow_id("j", who, "kim@example.com").rsplit("/", 1)[1] for who in (CUSTOMER, other))
    assert mine != theirs


@given(st.lists(st.tuples(st.text(max_size=8), st.integers(1, 99)), unique=True, min_size=2, max_size=6))
def test_distinct_visits_have_distinct_ids(visits: list[tuple[str, int]]) -> None:
    assert len({send_id(RUN, step, occurrence) for step, occurrence in visits}) == len(visits)


@given(st.text())
def test_an_opaque_key_is_always_plain_or_marked(key: str) -> None:
    hidden = opaque_key(key)
    assert hidden == key or (hidden.startswith("~") and len(hidden) == 17)

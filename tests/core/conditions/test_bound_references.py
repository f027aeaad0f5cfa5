"""References of a condition become values of the run that asks, once."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.model import Condition, leaves
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not
from orchestrator.core.values import Ref
from tests.core.conditions.orders import DAY, ORDER, buyer, order, truth
from tests.strategies.conditions import (
    NOW,
    conditions,
)


def test_references_become_values() -> None:
    def same(ref: str) -> Property:
        return Property(name="x", value=Ref(ref=ref))

    tree = AllOf(of=(same("entry.cart.id"), Not(of=same("event.tags")), AnyOf(of=(same("var.n"), same("var.gone")))))
    bound = bind(tree, order(DAY, cart={"id": "c1"}), order(DAY, tags=["a", None, {"b": 1}, 2]), {"n": 1.5})
    assert [leaf.value for leaf in leaves(bound) if isinstance(leaf, Property)] == ["c1", ("a", 2), 1.5, None]


@pytest.mark.parametrize(
    ("found", "value"),
    [({"a": 1}, None), (float("nan"), None), (float("inf"), None), ("a\0b", "ab"), ("\ud800", "?"), (True, True)],
)
def test_what_no_literal_can_be_is_nothing(found: Any, value: Any) -> None:
    bound = bind(Attribute(name="x", value=Ref(ref="var.v")), variables={"v": found})
    assert isinstance(bound, Attribute)
    assert bound.value == value


def test_since_entry_becomes_an_instant() -> None:
    leaf = History(event=ORDER, since_entry=True, where=Property(name="id", value=Ref(ref="entry.id")))
    bound = bind(leaf, order(DAY, id="c1"), entered_at=NOW - DAY)
    customer = buyer(order(2 * DAY, id="c1"), order(DAY, id="c1"), order(timedelta(0), id="other"))
    assert truth(bound.model_copy(update={"op": "eq", "value": 1}), customer)
    later = bind(leaf.model_copy(update={"after": NOW}), entered_at=NOW - DAY)
    assert isinstance(later, History)
    assert later.after == NOW


@given(conditions())
def test_a_tree_without_references_is_bound_already(condition: Condition) -> None:
    bound = bind(condition)
    assert bind(bound) is bound

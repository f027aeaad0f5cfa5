"""The condition tree as people write it and as it is kept."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from pydantic import TypeAdapter, ValidationError

from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.leaves.stage import InStage
from orchestrator.core.conditions.model import Condition, leaves, wakes_on
from orchestrator.core.conditions.tree import AllOf, Not
from orchestrator.core.events.system_events import CONSENT_CHANGED, CUSTOMER_UPDATED, STAGE_CHANGED
from orchestrator.core.values import Ref
from tests.strategies.conditions import conditions

TREE: TypeAdapter[Condition] = TypeAdapter(Condition)


@given(conditions())
def test_a_tree_survives_json(condition: Condition) -> None:
    text = TREE.dump_json(condition)
    assert TREE.dump_json(TREE.validate_json(text)) == text  # as text, because to Python 1 == True


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("7d", timedelta(days=7)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("2 w", timedelta(weeks=2)),
        ("P7D", timedelta(days=7)),
        ("PT1H", timedelta(hours=1)),
    ],
)
def test_spans_are_short_or_iso(written: str, meant: timedelta) -> None:
    assert History.model_validate({"event": "e", "within": written}).within == meant


@pytest.mark.parametrize("written", ["", "soon", "7x", "-1d", "9999999999999w", "P-1D"])
def test_other_spans_are_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        History.model_validate({"event": "e", "within": written})


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nothing"},
        {"kind": "attribute", "name": ""},
        {"kind": "attribute", "name": "a", "op": "like"},
        {"kind": "attribute", "name": "a", "vaule": 1},
        {"kind": "attribute", "name": "a", "value": float("nan")},
        {"kind": "attribute", "name": "a", "value": float("inf")},
        {"kind": "attribute", "name": "a", "value": {"ref": "customer.name"}},
        {"kind": "attribute", "name": "a", "value": {"ref": "entry."}},
        {"kind": "stage", "of": []},
        {"kind": "history", "event": "e", "measure": "sum"},
        {"kind": "history", "event": "e", "measure": "count", "property": "total"},
        {"kind": "history", "event": "e", "after": "2026-01-01T00:00:00"},
        {"kind": "history", "event": "e", "where": {"kind": "attribute", "name": "a"}},
        {"kind": "history", "event": "e", "where": {"kind": "not", "of": {"kind": "stage", "of": ["intake"]}}},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TREE.validate_python(wrong)


def test_kinds_of_value_are_kept() -> None:
    values = TREE.validate_json('{"kind":"attribute","name":"a","op":"in","value":[true,1,1.0,"1"]}')
    assert isinstance(values, Attribute)
    assert isinstance(values.value, tuple)
    assert [type(one) for one in values.value] == [bool, int, float, str]


def test_nul_is_stripped_as_intake_strips_it() -> None:
    leaf = TREE.validate_python({"kind": "attribute", "name": "a\0b", "value": "x\0"})
    assert leaf == Attribute(name="ab", value="x")


def test_references_may_name_korean_properties() -> None:
    assert Ref(ref="entry.상품.코드").ref == "entry.상품.코드"


def test_a_tree_wakes_on_what_its_leaves_look_at() -> None:
    tree = AllOf(
        of=(
            History(event="Order Completed", where=Property(name="total", op="gt", value=1)),
            Not(of=Attribute(name="plan", value="pro")),
            InStage(of=("retention",)),
            Consent(channel="email"),
        )
    )
    assert [leaf.kind for leaf in leaves(tree)] == ["history", "attribute", "stage", "consent"]
    assert wakes_on(tree) == {"Order Completed", CONSENT_CHANGED, CUSTOMER_UPDATED, STAGE_CHANGED}
    assert wakes_on(Property(name="sku", value="s")) == frozenset()

"""A condition that Sojourn does not have, added as docs/adding-condition.md says; run alone, it tells what came of it.

``python -m tests.adding.leaf URL``: prints as JSON what each part of the product makes of the leaf. It has to run in a
process of its own, because the union of all kinds is made when the product is imported. ``URL``: an empty database.
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from hypothesis import given, settings
from pydantic import Field, TypeAdapter
from sqlalchemy import Text as SqlText
from sqlalchemy import case, create_engine, false, func, literal_column

from orchestrator.core.conditions import leaves
from orchestrator.core.conditions.contract import LASTING, Leaf, Named, Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.labels import called, labelled
from orchestrator.core.paths import lookup
from orchestrator.core.text import Text
from orchestrator.core.values import Name

# --- the first file: the leaf ----------------------------------------------------------------------------------------


class LongEnough(Leaf):
    """Whether an attribute is a text of at least so many characters."""

    model_config = called(Text("Length of an attribute"))
    kind: Literal["long_enough"] = "long_enough"
    name: Name = Field(json_schema_extra=labelled(Text("Attribute"), editor="attribute_name"))
    characters: int = Field(1, ge=0, le=10_000, json_schema_extra=labelled(Text("Characters")))

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        value = lookup(customer.attributes, self.name)
        return LASTING[isinstance(value, str) and len(value) >= self.characters]

    def describe(self) -> Text:
        return Text("{name} has {number} characters or more", name=self.name, number=self.characters)

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        return lookup(customer.attributes, self.name)

    def wakes_on(self) -> frozenset[str]:
        return frozenset({CUSTOMER_UPDATED})

    def names(self) -> Iterator[Named]:
        yield Named("attribute", self.name)


# --- the second: its name in the list --------------------------------------------------------------------------------

assert "orchestrator.core.conditions.model" not in sys.modules, "the union of all kinds has been made already"
leaves.LEAVES += (LongEnough,)


# --- what became of it -----------------------------------------------------------------------------------------------

GIVEN = {"kind": "long_enough", "name": "sku", "characters": 3}
CUSTOMER = Customer(attributes={"sku": "ab"})


def _in_core() -> dict[str, Any]:
    from orchestrator.core.conditions.binding import is_plain
    from orchestrator.core.conditions.contradictions import can_match
    from orchestrator.core.conditions.evaluate import evaluate
    from orchestrator.core.conditions.explain import explain
    from orchestrator.core.conditions.model import Condition, scopes, wakes_on
    from tests.strategies.conditions import NOW

    parsed: Any = TypeAdapter(Condition).validate_python({"kind": "not", "of": GIVEN})
    both: Any = TypeAdapter(Condition).validate_python({"kind": "all", "of": [GIVEN, {"kind": "not", "of": GIVEN}]})
    return {
        "truths": [evaluate(one, CUSTOMER, NOW).truth for one in (parsed.of, parsed)],
        "words": [one.describe().to("en") for one in (parsed.of, parsed)],
        "explained": explain(parsed, CUSTOMER, NOW).to("en"),
        "wakes_on": sorted(wakes_on(parsed)),
        "scopes": sorted(scopes(parsed)),
        "plain": is_plain(parsed),
        "can_match": [can_match(parsed), can_match(both)],
    }


def _in_journeys() -> dict[str, Any]:
    from api.journeys.schemas.step_types import ConditionWords
    from orchestrator.core.journey.graph import journey_schema
    from orchestrator.core.journey.plan import compile_journey
    from orchestrator.core.journey.step_types import condition_words
    from orchestrator.core.journey.vocabulary import Vocabulary
    from tests.core.run.driver import leave, straight
    from tests.test_journey_docs import undocumented

    document = straight(leave(), exits=[{"id": "long", "when": GIVEN}])
    known = Vocabulary(events={"Enter": frozenset()}, attributes=frozenset({"tier"}))
    plan = compile_journey(document).plan
    return {
        "watched": None if plan is None else sorted(plan.watched_names),
        "problems": [(one.code, one.parameters) for one in compile_journey(document, known).problems],
        "form": ConditionWords.model_validate(condition_words()).leaves[-1].model_dump(by_alias=True),
        "in_schema": "LongEnough" in journey_schema()["$defs"],
        "undocumented": undocumented(LongEnough),
    }


def _in_sql(url: str) -> dict[str, Any]:
    from orchestrator.core.conditions.model import Condition
    from orchestrator.store.conditions.condition_sql import to_sql
    from orchestrator.store.conditions.json_sql import Truth, member
    from orchestrator.store.conditions.json_sql import customers as customer_table
    from orchestrator.store.conditions.tree_sql import has_sql, of_customers
    from tests.store.conditions.test_condition_sql import batches, check_agreement, in_rounds
    from tests.strategies.conditions import NOW, conditions, customers

    leaf: Any = TypeAdapter(Condition).validate_python(GIVEN)
    try:
        to_sql(leaf, NOW)
        refused = False
    except LookupError:
        refused = not has_sql(LongEnough)

    # --- the third file: its SQL ---

    @of_customers(LongEnough)
    def long_enough(leaf: LongEnough, now: datetime) -> Truth:
        asked.append(leaf)
        value = member(customer_table.c.attributes, leaf.name)
        text = func.char_length(value.op("#>>", return_type=SqlText())(literal_column("'{}'::text[]")))
        return case((func.jsonb_typeof(value) == "string", text >= leaf.characters), else_=false())

    # ---

    asked: list[LongEnough] = []
    engine = create_engine(url)
    with engine.connect() as connection:

        @settings(in_rounds, max_examples=30, database=None, derandomize=True)
        @given(people=batches(customers()), asked=batches(conditions()))
        def agree(people: list[Customer], asked: list[Any]) -> None:
            check_agreement(connection, people, asked)

        agree()
        check_agreement(connection, [CUSTOMER, Customer(attributes={"sku": "abc"}), Customer()], [leaf])
    engine.dispose()
    return {"refused": refused, "has_sql": has_sql(LongEnough), "drawn": len(set(asked)) > 1}


if __name__ == "__main__":
    print(json.dumps({**_in_core(), **_in_journeys(), **_in_sql(sys.argv[1])}))

"""One condition tree over a customer and the event in scope.

The same models are what the canvas edits, what a branch asks of one customer in memory (``evaluate.py``) and what a
segment asks of all customers in SQL (``orchestrator/store/conditions/condition_sql.py``); Hypothesis holds the last two
equal. Joined here: the nodes of ``tree.py`` and the leaves that ``leaves/__init__.py`` lists.

*The event in scope* is the event a filter looks at: the triggering event in an entry filter, the awaited event in a
wait, each event of the history in ``History.where``, and the run's entry event everywhere else.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from orchestrator.core.conditions.contract import Leaf, Node, Scope
from orchestrator.core.conditions.leaves import LEAVES
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not

GROUPS: tuple[type[Node], ...] = (AllOf, AnyOf, Not)

if TYPE_CHECKING:
    Condition = Node
else:
    Condition = Annotated[Union[(*GROUPS, *LEAVES)], Field(discriminator="kind")]
    for _model in (*GROUPS, *LEAVES):
        _model.model_rebuild(_types_namespace={"Condition": Condition})


def leaves(condition: Node) -> Iterator[Leaf]:
    """Every leaf of the tree, left to right; does not descend into the filter of a leaf."""
    return condition.leaves()


def scopes(condition: Node) -> frozenset[Scope]:
    """What the condition looks at: the customer, the event in scope, both, or (without leaves) neither."""
    return frozenset(leaf.SCOPE for leaf in condition.leaves())


def segments_of(condition: Node) -> frozenset[str]:
    """Keys of the segments that it asks about."""
    return frozenset(key for leaf in condition.leaves() for key in leaf.segments_of())


def wakes_on(condition: Node) -> frozenset[str]:
    """Names of the events that may change this condition's truth (time apart, see ``contract.Verdict.until``)."""
    return frozenset(name for leaf in condition.leaves() for name in leaf.wakes_on())

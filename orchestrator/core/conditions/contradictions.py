"""Conditions that can never hold, found without any customer: a slip that would leave a branch empty for ever.

Sound before complete: "never" is only said where it is sure. The tree is walked as a disjunction of conjunctions; each
conjunction is split by subject (one property, one attribute, one measure of the history …), and every subject is tried
with a finite set of values that is bound to contain a fitting one if there is any. Different subjects are taken as
independent, so contradictions between two of them are not found.
"""

from collections.abc import Mapping

from orchestrator.core.conditions.contract import Leaf, Node
from orchestrator.core.conditions.domains import Demand, Domain
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not

BUDGET, MOST_WAYS = 2_000, 100
"""Nodes looked at, and open disjunctions, before giving up and answering "perhaps"."""


_Demands = dict[str, list[Demand]]
_Wish = tuple[Node, bool]


def can_match(condition: Node | None) -> bool:
    """False where the condition surely never holds, for any customer, event or time; True otherwise."""
    return condition is None or _Search().satisfiable([(condition, True)], [], {}, {})


class _Search:
    """Depth-first over the ways to make everything in ``pending`` come out as demanded."""

    def __init__(self) -> None:
        self.left = BUDGET

    def satisfiable(
        self, pending: list[_Wish], ways: list[list[_Wish]], demands: _Demands, domains: Mapping[str, Domain]
    ) -> bool:
        """``ways``: of each of these lists, one wish has to be met as well."""
        pending, ways, demands, domains = list(pending), list(ways), dict(demands), dict(domains)
        while pending:
            self.left -= 1
            condition, truth = pending.pop()
            if isinstance(condition, Not):
                pending.append((condition.of, not truth))
            elif isinstance(condition, AllOf | AnyOf):
                parts = [(part, truth) for part in condition.of]
                if isinstance(condition, AllOf) is truth:
                    pending.extend(parts)
                else:
                    ways.append(parts)
            elif isinstance(condition, Leaf):
                subject, wanted, domain = condition.claim(truth)
                demands[subject] = [*demands.get(subject, ()), *wanted]
                domains[subject] = domain
            else:
                raise TypeError(f"not a condition: {condition!r}")
        if self.left < 0 or len(ways) > MOST_WAYS:
            return True
        if not all(domains[subject](wanted) for subject, wanted in demands.items()):
            return False
        if not ways:
            return True
        return any(self.satisfiable([wish], ways[1:], demands, domains) for wish in ways[0])

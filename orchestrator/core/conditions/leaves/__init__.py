"""The kinds of leaf: one file each, one name in this list each. Everything else learns of a leaf from its class.

docs/adding-condition.md tells how one is added.
"""

from orchestrator.core.conditions.contract import Leaf
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.leaves.consent_age import ConsentAge
from orchestrator.core.conditions.leaves.contact import Contact
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.leaves.reachable import Reachable
from orchestrator.core.conditions.leaves.segment import InSegment
from orchestrator.core.conditions.leaves.stage import InStage
from orchestrator.core.conditions.leaves.tag import Tag

LEAVES: tuple[type[Leaf], ...] = (
    Attribute,
    Property,
    Tag,
    Contact,
    Reachable,
    Consent,
    ConsentAge,
    InStage,
    InSegment,
    History,
)
"""In the order in which forms offer them."""

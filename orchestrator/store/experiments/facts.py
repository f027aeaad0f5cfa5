"""What of the experiments' store answers facts: the customer's arm, recorded."""

from collections.abc import Mapping

from orchestrator.store.experiments.exposures import take_arm
from orchestrator.store.facts import StoredFact

FACTS: Mapping[str, StoredFact] = {"exposure": take_arm}

"""The four stages of a customer's life with a shop."""

from orchestrator.core.text import Text

STAGE_TITLES: dict[str, Text] = {
    "intake": Text("Intake"),
    "adaptation": Text("Adaptation"),
    "retention": Text("Retention & expansion"),
    "churn_signal": Text("Churn signal"),
}
"""In order; a churn-signal customer who returns is in ``retention`` again."""

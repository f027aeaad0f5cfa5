"""The four stages of a customer's life with a shop."""

from orchestrator.core.text import Text

STAGE_TITLES: dict[str, Text] = {
    "intake": Text("Intake", "유입"),
    "adaptation": Text("Adaptation", "적응"),
    "retention": Text("Retention", "유지/확장"),
    "churn_signal": Text("Churn signal", "이탈 징후"),
}
"""In order; a churn-signal customer who returns is in ``retention`` again."""

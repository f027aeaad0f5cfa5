"""From runs in trouble to the Temporal UI: to one run, and to the list of those with the same problem."""

from urllib.parse import quote

from orchestrator.settings import Settings


def workflow_link(settings: Settings, workflow_id: str) -> str | None:
    """Where it shows a run; None where nobody said where that is."""
    place = _namespace(settings)
    return None if place is None else f"{place}/workflows/{quote(workflow_id, safe='')}"


def trouble_link(settings: Settings, journey: str, problem: str) -> str | None:
    """Where it lists the runs of a journey that bear a problem. Those that are only overdue say nothing of it."""
    place = _namespace(settings)
    if place is None:
        return None
    asked = f'SojournJourney="{journey}" AND SojournProblem="{problem}" AND ExecutionStatus="Running"'
    return f"{place}/workflows?query={quote(asked, safe='')}"


def _namespace(settings: Settings) -> str | None:
    if settings.temporal_ui is None:
        return None
    return f"{settings.temporal_ui}/namespaces/{quote(settings.temporal_namespace, safe='')}"

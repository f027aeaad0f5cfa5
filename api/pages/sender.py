"""Who advertising says it is from, and what of it the workspace has not said yet."""

from api.pages.view import View
from orchestrator.core.sending.advertising import Sender, missing_sender
from orchestrator.core.sending.policies import policy_for


def unsaid(view: View) -> list[str]:
    """What the law asks of an advertisement's sender and the settings do not say, in words. The way out is every
    message's own link."""
    settings = view.workspace.settings if view.workspace else {}
    policy, sender = policy_for(settings.get("sending"), "KR"), Sender.of(settings, "https://")
    return [view.words.of("unsaid", name) for name in missing_sender(policy, sender)]

"""A customer's messages in words: what became of each, why, and what the decision saw."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.console.customers.timeline import reason_in_words
from api.console.runs.decision import Decision, describe_decisions
from api.pages.view import View
from api.pages.words import compact
from orchestrator.store.runs.run_list import plans_of_runs
from orchestrator.store.sending.outbox_list import in_outbox
from orchestrator.store.sending.send_list import SendRow


@dataclass(frozen=True)
class MessageResponse:
    """A message with its words. ``link``: where it can be read in full."""

    send: SendRow
    title: str
    journey: str
    subject: str
    reason: str
    decision: Decision
    link: str


async def describe_messages(view: View, sends: Sequence[SendRow]) -> list[MessageResponse]:
    """The messages as they come."""
    hashes = await plans_of_runs(view.engine, [send.run_id for send in sends])
    plans, names = await view.plans(list(hashes.values())), await view.names()
    kept = await in_outbox(view.engine, [send.id for send in sends])
    decisions = await describe_decisions(view, sends)
    told = []
    for send in sends:
        plan = plans.get(hashes.get(send.run_id, ""))
        title = (
            plan.label(send.step, view.locale, names) if plan and send.step in plan.steps else view.words("step.gone")
        )
        journey = view.name(dict(names.get(("journey", send.journey_key), {})), send.journey_key)
        subject = compact(str(send.content.get("subject") or send.content.get("body") or ""), 120)
        reason = reason_in_words(view, send.reason, send.inputs) if send.status != "sent" else ""
        link = f"/outbox/{send.id}" if send.id in kept else ""
        told.append(MessageResponse(send, title, journey, subject, reason, decisions[send.id], link))
    return told

"""A customer's messages in words: what became of each, why, and what the decision saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.console.page import View
from api.console.timeline import reason_in_words
from api.console.words import compact
from orchestrator.core.text import in_locale
from orchestrator.store.outbox_list import in_outbox
from orchestrator.store.run_list import plans_of_runs
from orchestrator.store.send_list import SendRow


@dataclass(frozen=True)
class ToldMessage:
    """A message with its words. ``inputs``: what the decision saw, by name; ``link``: where it can be read in full."""

    send: SendRow
    title: str
    journey: str
    subject: str
    reason: str
    inputs: list[tuple[str, str]]
    link: str


async def messages_told(view: View, sends: Sequence[SendRow]) -> list[ToldMessage]:
    """The messages as they come."""
    hashes = await plans_of_runs(view.engine, [send.run_id for send in sends])
    plans = await view.plans(list(hashes.values()))
    kept = await in_outbox(view.engine, [send.id for send in sends])
    told = []
    for send in sends:
        plan = plans.get(hashes.get(send.run_id, ""))
        title = plan.label(send.step, view.locale) if plan and send.step in plan.steps else send.step
        journey = in_locale(plan.journey.name, view.locale, send.journey_key) if plan else send.journey_key
        subject = compact(str(send.content.get("subject") or send.content.get("body") or ""), 120)
        reason = reason_in_words(view, send.reason, send.inputs) if send.status != "sent" else ""
        link = f"/outbox/{send.id}" if send.id in kept else ""
        told.append(ToldMessage(send, title, journey, subject, reason, _seen(view, send.inputs), link))
    return told


def _seen(view: View, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the decision saw, in the order in which it looks."""
    words = view.words
    yes_no = {True: words("answer.yes"), False: words("answer.no")}
    told: list[tuple[str, str]] = []
    if isinstance(inputs.get("local"), str):
        there = inputs["local"].replace("T", " ")
        told.append((words("input.local"), f"{there} ({inputs.get('zone', '')})"))
    channels = [name for name in inputs.get("channels") or () if isinstance(name, str)]
    consents = inputs.get("consents") or {}
    for name in channels:
        day = words("consent.yes") if consents.get(name) else words("consent.unknown")
        night = words("consent.night_yes") if consents.get(f"{name}:night") else words("consent.night_no")
        told.append((words("input.consent", channel=words.of("channel", name)), f"{day} · {night}"))
    for name, valid in (inputs.get("contacts") or {}).items():
        told.append((words.of("contact", name), words("input.valid") if valid else words("input.invalid")))
    if inputs.get("journey"):
        told.append((words("input.journey"), words.of("status", inputs["journey"])))
    for name in ("wanted", "run_over"):
        if isinstance(inputs.get(name), bool):
            told.append((words.of("input", name), yes_no[inputs[name]]))
    return told

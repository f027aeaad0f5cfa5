"""What a decision on a message was made from, in words, in the order in which it is looked at."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.channels.contacts import CONTACTS
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.formatting import instant
from orchestrator.core.sending.policies import POLICY_TEXT
from orchestrator.core.text import Text, joined, number_text, verbatim

YES, NO = Text("yes", context="answer"), Text("no", context="answer")


def inputs_in_words(inputs: Mapping[str, Any], tz: ZoneInfo) -> list[tuple[Text, Text]]:
    """Label and value of each. ``inputs``: as the ledger keeps them; what it does not have is not told."""
    return [*_circumstances(inputs), *_consents(inputs), *_rules(inputs, tz)]


def _circumstances(inputs: Mapping[str, Any]) -> Iterator[tuple[Text, Text]]:
    if isinstance(inputs.get("local"), str):
        local = verbatim(inputs["local"][:16].replace("T", " "))
        yield Text("Customer's local time"), Text("{local} ({zone})", local=local, zone=str(inputs.get("zone", "")))
    if inputs.get("class") in ("advertising", "informational"):
        advertising = inputs["class"] == "advertising"
        yield Text("Message class"), Text("Advertising") if advertising else Text("Informational")
    named = {
        "wanted": Text("The step's own condition holds"),
        "run_over": Text("Already out of the journey"),
        "complaint": Text("Has an open complaint"),
        "step_paused": Text("The step is paused"),
    }
    for name, label in named.items():
        if isinstance(inputs.get(name), bool):
            yield label, YES if inputs[name] else NO


def _consents(inputs: Mapping[str, Any]) -> Iterator[tuple[Text, Text]]:
    consents = inputs.get("consents") or {}
    for name in inputs.get("channels") or ():
        if name in CHANNELS and name in consents:
            day = Text("agreed") if consents[name] else Text("not agreed")
            night = consents.get(f"{name}:night")
            told = [day] if night is None else [day, Text("at night too") if night else Text("not at night")]
            yield Text("Advertising by {channel}", channel=CHANNELS[name].in_sentence), joined(told)
    for kind, valid in (inputs.get("contacts") or {}).items():
        if kind in CONTACTS:
            yield CONTACTS[kind].title, Text("there is one") if valid else Text("there is none")


def _rules(inputs: Mapping[str, Any], tz: ZoneInfo) -> Iterator[tuple[Text, Text]]:
    policy = inputs.get("policy")
    if isinstance(policy, Mapping):
        name = str(policy.get("name", ""))
        yield Text("Rules of sending"), POLICY_TEXT.get(name, verbatim(name))
        labels = {"night": Text("Night"), "quiet_hours": Text("Quiet hours")}
        for window, label in labels.items():
            hours = policy.get(window)
            if isinstance(hours, Mapping) and inputs.get("class") == "advertising":
                yield label, verbatim(f"{str(hours['start'])[:5]}–{str(hours['end'])[:5]}")
        if policy.get("caps"):
            yield Text("Messages that caps counted"), number_text(len(inputs.get("counted") or ()))
    for channel, free in (inputs.get("free_at") or {}).items():
        if channel in CHANNELS:
            label = Text("Next free by {channel}", channel=CHANNELS[channel].in_sentence)
            yield label, instant(datetime.fromisoformat(free), tz)

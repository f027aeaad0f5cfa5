"""Why did, or didn't, this customer get this? The inputs of a decision, in words and in the order in which it looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from api.pages.view import View
from orchestrator.core.locale import formatting
from orchestrator.core.sending.frequency import Cap
from orchestrator.core.sending.policies import POLICY_TEXT
from orchestrator.store.sending.send_list import SendRow, name_sends


@dataclass(frozen=True)
class CountedLine:
    """A message that frequency caps counted. ``fills``: it took the room that this one wanted."""

    at: datetime
    channel: str
    title: str
    fills: bool


@dataclass(frozen=True)
class Decision:
    """``inputs``: what the decision saw, by name; ``counted``: the messages before it that caps looked at."""

    inputs: list[tuple[str, str]]
    counted: list[CountedLine]


async def describe_decisions(view: View, sends: Sequence[SendRow]) -> dict[UUID, Decision]:
    """The decisions of messages, by the message's id."""
    ids = {UUID(one[0]) for send in sends for one in _counted(send.inputs)}
    places = await name_sends(view.engine, ids)
    titles = await view.places(places.values())
    names = {identity: titles[place] for identity, place in places.items()}
    return {send.id: describe_decision(view, send.inputs, names) for send in sends}


def describe_decision(view: View, inputs: Mapping[str, Any], names: Mapping[UUID, str]) -> Decision:
    """One decision. ``names``: journey and step of the messages that it counted, in words."""
    filled = set((inputs.get("reason") or {}).get("by") or ())
    lines = []
    for identity, at, channel, *_ in _counted(inputs):
        title = names.get(UUID(identity), "")
        lines.append(CountedLine(datetime.fromisoformat(at), channel, title, identity in filled))
    return Decision([*_circumstances(view, inputs), *_rules(view, inputs)], lines)


def _there(view: View, local: str) -> str:
    """The customer's own clock, as the reader's language writes it."""
    try:
        return formatting.moment(datetime.fromisoformat(local), view.locale, "minute")
    except ValueError:
        return local.replace("T", " ")


def _day(view: View, at: object) -> str:
    try:
        return view.words.local(datetime.fromisoformat(str(at)), "day")
    except ValueError:
        return str(at)[:10]


def _counted(inputs: Mapping[str, Any]) -> list[list[str]]:
    found = inputs.get("counted")
    return [one for one in found if isinstance(one, list) and len(one) >= 3] if isinstance(found, list) else []


def _circumstances(view: View, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    words = view.words
    yes_no = {True: words("answer.yes"), False: words("answer.no")}
    told: list[tuple[str, str]] = []
    if isinstance(inputs.get("local"), str):
        told.append((words("input.local"), f"{_there(view, inputs['local'])} ({inputs.get('zone', '')})"))
    if inputs.get("journey"):
        told.append((words("input.journey"), words.of("status", inputs["journey"])))
    for name in ("wanted", "run_over", "complaint", "same_goods"):
        if isinstance(inputs.get(name), bool):
            told.append((words.of("input", name), yes_no[inputs[name]]))
    channels = [name for name in inputs.get("channels") or () if isinstance(name, str)]
    consents, dates = inputs.get("consents") or {}, inputs.get("consented_at") or {}
    for name in channels:
        day = words("consent.yes") if consents.get(name) else words("consent.unknown")
        night = words("consent.night_yes") if consents.get(f"{name}:night") else words("consent.night_no")
        since = f" ({_day(view, dates[name])})" if name in dates else ""
        told.append((words("input.consent", channel=words.channel(name)), f"{day}{since} · {night}"))
    for name, valid in (inputs.get("contacts") or {}).items():
        told.append((words.contact(name), words("input.valid") if valid else words("input.invalid")))
    if inputs.get("tags"):
        told.append((words("input.tags"), ", ".join(map(str, inputs["tags"]))))
    return told


def _rules(view: View, inputs: Mapping[str, Any]) -> list[tuple[str, str]]:
    words, policy = view.words, inputs.get("policy")
    if not isinstance(policy, Mapping):
        return []
    name = str(policy.get("name", ""))
    told = [(words("input.policy"), POLICY_TEXT[name].to(view.locale) if name in POLICY_TEXT else name)]
    for window in ("night", "quiet_hours"):
        hours = policy.get(window)
        if isinstance(hours, Mapping):
            told.append((words.of("input", window), f"{str(hours['start'])[:5]}–{str(hours['end'])[:5]}"))
    for one in policy.get("caps") or ():
        try:
            told.append((words("input.cap"), Cap.model_validate(one).text.to(view.locale)))
        except ValidationError:  # of a version to come, or long gone
            told.append((words("input.cap"), words("input.unreadable")))
    for channel, free in (inputs.get("free_at") or {}).items():
        at = words.local(datetime.fromisoformat(free), "second")
        told.append((words("input.free_at", channel=words.channel(channel)), at))
    return told

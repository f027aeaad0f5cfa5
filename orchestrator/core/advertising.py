"""What the law wants written on an advertisement: the label in front, who sends it, and how to be left alone.

Source: Enforcement Decree of the Korean Network Act, Annex 6. "(광고)" stands exactly so at the very beginning (of the
subject of an e-mail, of the text elsewhere); spelling it otherwise, with spaces or other brackets, counts as evading
the rule and is put right here. The sender's name follows it on SMS; a free way to opt out ends the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.core.conditions import MessageClass
from orchestrator.core.sending import Policy

_LIKE_A_LABEL = re.compile(r"\s*[(\[{<（［｛〔【〈《「『]\s*광[\s\-_.,·*/|~]*고\s*[)\]}>）］｝〕】〉》」』]")
_LABEL_IN_SUBJECT = frozenset({"email", "push"})


@dataclass(frozen=True, slots=True)
class Words:
    """What the receiver reads."""

    subject: str
    body: str
    preheader: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a workspace's messages come from; read from its settings, every name optional."""

    name: str = ""
    contact: str = ""
    opt_out_number: str = ""
    opt_out_url: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Sender":
        """From ``sender_name``, ``sender_contact``, ``opt_out_number`` and ``opt_out_url``."""
        names = ("sender_name", "sender_contact", "opt_out_number", "opt_out_url")
        return cls(*(str(settings.get(name) or "") for name in names))


def labelled(text: str, label: str) -> str:
    """The text with the label at its very beginning: once, spelled exactly so, whatever stood there."""
    rest = text
    while found := _LIKE_A_LABEL.match(rest):
        rest = rest[found.end() :]
    if rest is not text and text == label + rest:
        return text
    return f"{label} {rest.lstrip()}".rstrip()


def dressed(
    words: Words, channel: str, message_class: MessageClass, policy: Policy, sender: Sender, locale: str
) -> Words:
    """The words of a message as they may go out. Information goes as it is."""
    if message_class != "advertising":
        return words
    words = _with_opt_out(words, channel, sender, locale)
    if not policy.label:
        return words
    if channel == "sms":
        words = replace(words, body=_named(words.body, policy.label, sender.name))
    if words.subject or channel == "email":
        return replace(words, subject=labelled(words.subject, policy.label))
    return words if channel == "sms" else replace(words, body=labelled(words.body, policy.label))


def _named(body: str, label: str, name: str) -> str:
    """``(광고)[Shop] text``; a name that the author already wrote into the first line is not said twice."""
    text = labelled(body, label)
    if not name or name in text.partition("\n")[0]:
        return text
    return f"{label}[{name}] {text.removeprefix(label).lstrip()}"


def _with_opt_out(words: Words, channel: str, sender: Sender, locale: str) -> Words:
    korean = locale.startswith("ko")
    if channel == "sms" and sender.opt_out_number and sender.opt_out_number not in words.body:
        line = f"무료수신거부 {sender.opt_out_number}" if korean else f"Free opt-out {sender.opt_out_number}"
        return replace(words, body=f"{words.body}\n{line}")
    if channel == "email" and sender.opt_out_url and sender.opt_out_url not in words.body:
        who = " · ".join(part for part in (sender.name, sender.contact) if part)
        way = f"수신거부: {sender.opt_out_url}" if korean else f"Unsubscribe: {sender.opt_out_url}"
        return replace(words, body="\n".join(filter(None, (f"{words.body}\n\n--", who, way))))
    return words

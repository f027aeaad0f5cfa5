"""What the law wants written on an advertisement: the label in front, who sends it, and how to be left alone.

Source: Enforcement Decree of the Korean Network Act, Annex 6. "(광고)" stands exactly so at the very beginning (of the
subject of an e-mail, of the text elsewhere); spelling it otherwise, with spaces or other brackets, counts as evading
the rule and is put right here. The sender's name follows it on SMS; a free way to opt out ends the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.core.channels.channel import AdvertisingMarks
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.sending.policies import Policy
from orchestrator.core.values import MessageClass

_LIKE_A_LABEL = re.compile(r"\s*[(\[{<（［｛〔【〈《「『]\s*광[\s\-_.,·*/|~]*고\s*[)\]}>）］｝〕】〉》」』]")


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
    """The workspace's own page, or the link of this very message."""
    opt_out_in_app: str = ""
    """Where an app's own settings turn its pushes off, in words."""

    @classmethod
    def of(cls, settings: Mapping[str, Any], opt_out_url: str = "") -> "Sender":
        """From the settings of the same names, ``sender_name`` and ``sender_contact``; ``opt_out_url`` where the
        workspace has no page of its own."""
        names = ("sender_name", "sender_contact", "opt_out_number", "opt_out_url", "opt_out_in_app")
        known = cls(*(str(settings.get(name) or "") for name in names))
        return known if known.opt_out_url else replace(known, opt_out_url=opt_out_url)

    @property
    def opt_outs(self) -> tuple[str, ...]:
        """Every way to opt out that there is."""
        return tuple(way for way in (self.opt_out_number, self.opt_out_url, self.opt_out_in_app) if way)


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
    """The words of a message as they may go out. Information goes as it is, as does what its channel marks itself."""
    marks = CHANNELS[channel].marks
    if message_class != "advertising" or marks.by_owner:
        return words
    if policy.marked:
        words = _with_opt_out(words, marks, sender, locale)
    if not policy.label:
        named = policy.marked and marks.sender == "after_label"
        return replace(words, body=_named(words.body, "", sender.name)) if named else words
    first = "subject" if words.subject or marks.label == "subject" else "body"
    if marks.sender == "after_label":
        words = replace(words, body=_named(words.body, policy.label, sender.name))
    elif marks.label == "both" or first == "body":
        words = replace(words, body=labelled(words.body, policy.label))
    return words if first == "body" else replace(words, subject=labelled(words.subject, policy.label))


def missing_sender(policy: Policy, sender: Sender) -> tuple[str, ...]:
    """What a workspace has not said of itself and every advertisement under a policy needs: of ``sender``,
    ``contact``, ``opt_out``. Asked for in set-up, and before anything is published."""
    if not policy.marked:
        return ()
    given = {"sender": sender.name, "contact": sender.contact if policy.contact else "-", "opt_out": sender.opt_outs}
    return tuple(name for name, value in given.items() if not value)


def missing_marks(
    words: Words, channel: str, message_class: MessageClass, policy: Policy, sender: Sender
) -> tuple[str, ...]:
    """What the law asks of an advertisement and these words do not say: of ``label``, ``sender``, ``opt_out``.

    Asked of every message before it goes out, however its words came about: it looks at the words alone.
    """
    marks = CHANNELS[channel].marks
    if message_class != "advertising" or marks.by_owner:
        return ()
    missing = []
    always = marks.label == "subject"
    first = words.subject or ("" if always else words.body)
    starts = [first, words.body] if marks.label == "both" else [first]
    if policy.label and not all(start.startswith(policy.label) for start in starts if start or always):
        missing.append("label")
    named = sender.name and sender.name in f"{words.subject}\n{words.body}"
    # An app, a browser or a page of the shop shows whose it is; elsewhere the words themselves have to say it.
    if policy.marked and marks.sender != "shown" and not named:
        missing.append("sender")
    if policy.marked and not any(way in words.body for way in sender.opt_outs):
        missing.append("opt_out")
    return tuple(missing)


def _named(body: str, label: str, name: str) -> str:
    """``(광고)[Shop] text``; a name that the author already wrote into the first line is not said twice. Where the law
    asks for no label, the name stands alone: ``[Shop] text``."""
    text = labelled(body, label) if label else body
    if not name or name in text.partition("\n")[0]:
        return text
    return f"{label}[{name}] {text.removeprefix(label).lstrip()}".rstrip()


def _with_opt_out(words: Words, marks: AdvertisingMarks, sender: Sender, locale: str) -> Words:
    """The text with a way out at its end; one that stands there already is not said twice."""
    if marks.sender == "footer":
        return _with_footer(words, sender, locale.startswith("ko"))
    first = {"number": sender.opt_out_number, "app": sender.opt_out_in_app}.get(marks.opt_out)
    way = first or sender.opt_out_url or sender.opt_out_number
    if not way or any(one in words.body for one in sender.opt_outs):
        return words
    return replace(words, body=f"{words.body}\n{marks.opt_out_text.to(locale)} {way}")


def _with_footer(words: Words, sender: Sender, korean: bool) -> Words:
    who = [part for part in (sender.name, sender.contact) if part and part not in words.body]
    lines = [" · ".join(who)] if who else []
    way = sender.opt_out_url or sender.opt_out_number
    if way and way not in words.body:
        lines.append(f"{'수신거부' if korean else 'Unsubscribe'}: {way}")
    return replace(words, body="\n".join([f"{words.body}\n\n--", *lines])) if lines else words

"""Why a message was not sent, or not at once: every reason in both languages, as people read it in the console.

``docs/sending.md`` explains each, by test.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from orchestrator.core.channels.contacts import contact_title
from orchestrator.core.channels.registry import channel_in_sentence
from orchestrator.core.formatting import instant
from orchestrator.core.text import Text, joined, verbatim

ReasonCode = Literal[
    "journey_paused",
    "step_paused",
    "channel_paused",
    "late",
    "moved",
    "recalled",
    "journey_stopped",
    "run_over",
    "not_wanted",
    "class_not_allowed",
    "no_consent",
    "no_address",
    "complaint_open",
    "consent_expired",
    "frequency_cap",
    "frequency_cap_held",
    "frequency_cap_too_long",
    "legal_night",
    "channel_closed",
    "quiet_hours",
    "rate_limit",
    "no_sender",
    "unmarked",
    "no_content",
    "missing_variable",
    "template_failed",
    "unreachable",
    "ambiguous",
    "interrupted",
    "not_accepted",
    "not_delivered",
    "temporary",
    "counts_away",
    "overtaken",
    "definition_error",
    "template_not_in_use",
    "webhook_refused",
    "webhook_failed",
    "webhook_answer",
    "webhook_secret",
]

REASONS: dict[ReasonCode, Text] = {
    "journey_paused": Text("Paused: waits until somebody resumes, and is decided again then"),
    "step_paused": Text("This step is paused: waits until somebody resumes it, and is decided again then"),
    "channel_paused": Text("{channel} is paused: waits until somebody resumes it, and is decided again then"),
    "late": Text("Came due during a pause, and was skipped when it was resumed"),
    "moved": Text("Was held when an operator moved the run to another step"),
    "recalled": Text("Was held when its broadcast was recalled"),
    "journey_stopped": Text("The journey is stopped"),
    "run_over": Text("The customer had left the journey"),
    "not_wanted": Text("The step's “Send only if” condition was no longer met"),
    "class_not_allowed": Text("{channel} does not allow {class} messages"),
    "no_consent": Text("No consent to advertising by {channel}"),
    "no_address": Text("No valid {contact}"),
    "complaint_open": Text("The customer has an open complaint"),
    "consent_expired": Text("Consent to advertising by {channel} needs to be reconfirmed"),
    "frequency_cap": Text("Frequency cap reached: {cap}"),
    "frequency_cap_held": Text("Frequency cap reached ({cap}): held until {until} ({zone})"),
    "frequency_cap_too_long": Text("Frequency cap reached ({cap}), and no room within the time it may wait"),
    "legal_night": Text("No night-time consent: held until {until} ({zone})"),
    "channel_closed": Text("{channel} does not send at this hour: held until {until} ({zone})"),
    "quiet_hours": Text("Quiet hours: held until {until} ({zone})"),
    "rate_limit": Text("{channel} is at its limit: held until {until}"),
    "no_sender": Text("Settings are missing what advertising must include: {marks}"),
    "unmarked": Text("An advertisement must also say: {marks}"),
    "no_content": Text("The message has no content in any language"),
    "missing_variable": Text("Variables without a value: {names}"),
    "template_failed": Text("The template failed on this customer's data"),
    "unreachable": Text("Not reachable by {channel}"),
    "ambiguous": Text("Handed over by {channel}; result unknown"),
    "interrupted": Text("Interrupted while sending by {channel}; not sent again, because it may have arrived"),
    "not_accepted": Text("The {channel} provider never accepted it"),
    "not_delivered": Text("Not delivered by {channel}"),
    "temporary": Text("{channel} was temporarily unavailable; trying again"),
    "counts_away": Text("Frequency caps could not be checked; trying again"),
    "overtaken": Text("Something changed at that moment; decided again"),
    "definition_error": Text("The message is set up wrong: {detail}"),
    "template_not_in_use": Text("Its template “{template}” is archived or was never published"),
    "webhook_refused": Text("This address is not allowed: {detail}"),
    "webhook_failed": Text("The call failed: {detail}"),
    "webhook_answer": Text("The response could not be read: {detail}"),
    "webhook_secret": Text("A secret used by this step is not available: {detail}"),
}

PAUSES = frozenset({"journey_paused", "step_paused", "channel_paused"})
"""Reasons of what waits until somebody resumes it."""

FAULTS = frozenset({"definition_error", "template_not_in_use", "unmarked"})
"""Reasons of what goes to nobody until somebody puts right how it is set up."""

OUTCOMES: dict[str, Text] = {
    "sent": Text("Sent by {channel}"),
    "held": Text("Held"),
    "claimed": Text("Being sent"),
    "skipped": Text("Not sent"),
    "failed": Text("Not sent", context="failed"),
    "unknown": Text("Outcome unknown"),
}
CLASS_TEXT = {"advertising": Text("advertising"), "informational": Text("informational")}
_WEBHOOK = Text("webhook")
"""No channel of messages; the ledger writes calls to other systems down under it."""


MARKS: dict[str, Text] = {
    "label": Text("the label (광고)"),
    "sender": Text("who sends it"),
    "contact": Text("how its sender can be reached"),
    "opt_out": Text("how to opt out"),
}
"""What an advertisement must say (``missing_marks`` and ``missing_sender`` of ``core.sending.advertising``)."""

IN_FEW_WORDS: Mapping[str, Text] = {
    "no_consent": Text("no consent"),
    "consent_expired": Text("consent older than two years"),
    "no_address": Text("no valid contact"),
    "no_sender": Text("the sender is not set in Settings"),
    "complaint_open": Text("a complaint is open"),
    "class_not_allowed": Text("the channel does not allow this type of message"),
    "legal_night": Text("held for the night"),
    "quiet_hours": Text("held for quiet hours"),
    "channel_closed": Text("held while the channel is closed"),
    "frequency_cap": Text("over the frequency cap"),
    "frequency_cap_held": Text("held by the frequency cap"),
    "frequency_cap_too_long": Text("given up after waiting for the frequency cap"),
    "not_wanted": Text("the step's own condition"),
    "channel_paused": Text("the channel is paused"),
    "rate_limit": Text("held at the channel's rate limit"),
    "unmarked": Text("the advertisement lacks required marks"),
    "missing_variable": Text("variables without a value"),
    "unreachable": Text("not reachable"),
    "ambiguous": Text("handed over, result unknown"),
    "interrupted": Text("interrupted while sending"),
    "not_accepted": Text("not accepted by the provider"),
    "not_delivered": Text("not delivered"),
    "temporary": Text("the channel was unavailable for a while"),
    "definition_error": Text("the message is set up wrong"),
    "template_not_in_use": Text("the template is not in use"),
    "webhook_refused": Text("the address is not allowed"),
    "webhook_failed": Text("the call failed"),
    "webhook_answer": Text("the response could not be read"),
    "webhook_secret": Text("a secret is not available"),
}
"""Reasons of decisions in few words, where the customer and the instant are not known."""


def in_few_words(reason: str) -> Text:
    """A reason in few words."""
    return IN_FEW_WORDS.get(reason, verbatim(reason))


def words_of_reason(phrase: Text, parameters: Mapping[str, Any]) -> Text:
    """A reason's phrase with its parameters as they are; what is words already, by language, is shown so."""
    return phrase.format(
        **{name: verbatim(value) if isinstance(value, Mapping) else value for name, value in parameters.items()}
    )


def reason_in_words(reason: Mapping[str, Any], tz: ZoneInfo) -> Text:
    """A reason as the ledger keeps it (``Reason.as_json``), with its channels, classes and instants in words."""
    phrase = REASONS.get(reason.get("code", ""))
    if phrase is None:
        return verbatim(str(reason.get("code", "")))
    said = {name: _said(name, value, tz) for name, value in reason.items()}
    return phrase.format(**{**dict.fromkeys(phrase.placeholders, ""), **said})


def outcome_in_words(
    outcome: str,
    channel: str | None,
    reason: Mapping[str, Any] | None,
    passed: Mapping[str, Mapping[str, Any]],
    tz: ZoneInfo,
) -> Text:
    """What became of a message: "Held: no night-time consent …", "Sent by e-mail (app push: no valid push token)".

    ``passed``: why channels before it were passed over. A reason that is the whole outcome's is not said twice.
    """
    name, phrase = _channel(channel or ""), OUTCOMES.get(outcome, verbatim(outcome))
    said = phrase.format(channel=name)
    if reason is not None:
        why = reason_in_words(reason, tz)
        said = Text("{said}: {why}", said=said, why=why)
    told = [
        Text("{channel}: {why}", channel=_channel(one), why=reason_in_words(why, tz))
        for one, why in passed.items()
        if why != reason
    ]
    if not told:
        return said
    return Text("{said} ({reasons})", said=said, reasons=joined(told))


def _channel(name: str) -> Text:
    return _WEBHOOK if name == "webhook" else channel_in_sentence(name)


def _class(name: str) -> Text:
    return CLASS_TEXT.get(name, verbatim(name))


_NAMED: Mapping[str, Callable[[str], Text]] = {"channel": _channel, "class": _class, "contact": contact_title}
"""Parameters that name something which has words of its own."""


def _said(name: str, value: Any, tz: ZoneInfo) -> Text:
    if isinstance(value, str) and name in _NAMED:
        return _NAMED[name](value)
    if isinstance(value, Mapping):
        return verbatim({str(locale): str(words) for locale, words in value.items()})
    if name == "marks" and isinstance(value, list):
        marks = [MARKS.get(str(mark), verbatim(str(mark))) for mark in value]
        return joined(marks)
    if name == "until" and isinstance(value, str) and "T" in value:
        return instant(datetime.fromisoformat(value), tz)
    words = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return verbatim(words)

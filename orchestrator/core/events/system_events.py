"""The events that the product itself adds to a customer's log, for conditions, waits and entries of journeys.

They are stored as any other event is (kind ``system``), each with a message id that is derived from its cause, so that
what is reported twice happens once.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.text import Text

CUSTOMER_UPDATED = "Customer Updated"
"""Name of the event that every change of a customer's attributes, consents or contact leaves in the log."""
STAGE_CHANGED = "Lifecycle Stage Changed"
JOURNEY_REQUESTED = "Journey Requested"
"""Name of the event by which a *start journey* step (or the API) asks for an entry; property ``journey`` is its key."""
SEGMENT_ENTERED = "Segment Entered"
SEGMENT_LEFT = "Segment Left"
"""Names of the events that a change of membership leaves in the log; property ``segment`` is the segment's key."""
ENTRY_DUE = "Entry Due"
"""Name of the event by which a date or a schedule lets a customer in; property ``journey`` is the journey's key."""

MESSAGE_SENT = "Message Sent"
MESSAGE_DELIVERED = "Message Delivered"
MESSAGE_OPENED = "Message Opened"
MESSAGE_SEEN = "Message Seen"
MESSAGE_CLOSED = "Message Closed"
MESSAGE_CLICKED = "Message Clicked"
MESSAGE_BOUNCED = "Message Bounced"
MESSAGE_COMPLAINED = "Message Complained"
UNSUBSCRIBED = "Unsubscribed"
CONSENT_CHANGED = "Consent Changed"
SURVEY_ANSWERED = "Survey Answered"
COMPLAINT_OPENED = "Complaint Opened"
COMPLAINT_RESOLVED = "Complaint Resolved"
COUPON_REDEEMED = "Coupon Redeemed"

MESSAGE_EVENTS: dict[str, Text] = {
    MESSAGE_DELIVERED: Text("The provider reports that it was delivered"),
    MESSAGE_OPENED: Text("An e-mail was opened for the first time"),
    MESSAGE_SEEN: Text("An on-site message was shown on a page"),
    MESSAGE_CLOSED: Text("An on-site message was closed"),
    MESSAGE_CLICKED: Text("A link in a message was clicked"),
    MESSAGE_BOUNCED: Text("The provider reports that it could not be delivered"),
    MESSAGE_COMPLAINED: Text("The recipient reported it as spam"),
    UNSUBSCRIBED: Text("The customer opted out of a channel"),
    CONSENT_CHANGED: Text("Consent was given, confirmed or withdrawn"),
    SURVEY_ANSWERED: Text("A survey was answered"),
    COMPLAINT_OPENED: Text("A complaint was opened"),
    COMPLAINT_RESOLVED: Text("A complaint was resolved"),
    COUPON_REDEEMED: Text("A coupon was used"),
}
"""What is told by default, and when. ``Message Sent`` is not: the ledger has it."""

SYSTEM_EVENTS = frozenset(
    {CUSTOMER_UPDATED, STAGE_CHANGED, JOURNEY_REQUESTED, ENTRY_DUE, SEGMENT_ENTERED, SEGMENT_LEFT, *MESSAGE_EVENTS}
)

CUSTOMERS_ACTS = frozenset(
    {
        MESSAGE_OPENED,
        MESSAGE_SEEN,
        MESSAGE_CLOSED,
        MESSAGE_CLICKED,
        MESSAGE_COMPLAINED,
        UNSUBSCRIBED,
        SURVEY_ANSWERED,
        COUPON_REDEEMED,
    }
)
"""Those of the product's own events by which it tells what the customer did; the others tell what was done to them."""

OF_A_SEND = ("journey", "step", "run", "occurrence", "channel", "message")
"""Properties that every event about one message has. ``message``: the send's id."""
OWN_PROPERTIES: dict[str, tuple[str, ...]] = {
    ENTRY_DUE: ("journey", "trigger", "day", "attribute"),
    MESSAGE_SENT: OF_A_SEND,
    MESSAGE_DELIVERED: OF_A_SEND,
    MESSAGE_OPENED: OF_A_SEND,
    MESSAGE_SEEN: OF_A_SEND,
    MESSAGE_CLOSED: OF_A_SEND,
    MESSAGE_CLICKED: (*OF_A_SEND, "link", "url"),
    MESSAGE_BOUNCED: (*OF_A_SEND, "reason"),
    MESSAGE_COMPLAINED: OF_A_SEND,
    UNSUBSCRIBED: OF_A_SEND,
    CONSENT_CHANGED: ("granted", "withdrawn", "confirmed", "source"),
    SURVEY_ANSWERED: (*OF_A_SEND, "survey", "kind", "score", "group", "choices", "comment"),
    COMPLAINT_OPENED: ("complaint", "source", "reference"),
    COMPLAINT_RESOLVED: ("complaint", "source", "reference"),
    COUPON_REDEEMED: ("pool", "code"),
    SEGMENT_ENTERED: ("segment", "cause", "version", "quiet"),
    SEGMENT_LEFT: ("segment", "cause", "version", "quiet"),
}
"""What each event says. ``link``: number of the link in the message, from 0; ``granted``, ``withdrawn`` and
``confirmed``: lists of consents (``email``, ``sms:night``); ``cause``: ``event``, ``time``, ``definition`` or
``merge``; ``version``: of the segment's condition; ``quiet``: a change of definition, which starts no journey."""


def about_send(send: Mapping[str, Any]) -> dict[str, Any]:
    """The properties :data:`OF_A_SEND` from a row of the ledger (``id``, ``run_id``, ``journey_key``, …)."""
    return {
        "journey": send["journey_key"],
        "step": send["step"],
        "run": str(send["run_id"]),
        "occurrence": send["occurrence"],
        "channel": send["channel"],
        "message": str(send["id"]),
    }


def event_of_send(name: str, send_id: UUID, n: object = "") -> str:
    """Message id of what happens once to a send (or, told apart by ``n``, to a part of it)."""
    return derived_event_id(name, str(send_id), str(n))

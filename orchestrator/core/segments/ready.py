"""Segments that most shops want, to be taken over as they are or changed: nothing is kept of them until then.

Amounts and days are beginnings, not truths: whoever takes one over sets their own.
"""

from collections.abc import Mapping
from datetime import timedelta

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.leaves.consent_age import ConsentAge
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.reachable import Reachable
from orchestrator.core.conditions.leaves.stage import InStage
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.tree import AllOf, AnyOf
from orchestrator.core.segments.document import SegmentDocument
from orchestrator.core.text import Text
from orchestrator.core.values import STAGE_TEXT, STAGES

SIGNED_UP, ORDERED, REVENUE = "Signed Up", "Order Completed", "revenue"
RENEWAL = timedelta(days=700)
"""Korea's Network Act, Art. 50 (8), has consents confirmed every two years; a month is left to do it in."""


def _made(name: Text, description: Text, condition: Condition) -> SegmentDocument:
    return SegmentDocument(name=name.by_locale(), description=description.by_locale(), condition=condition)


def _orders(count: int, op: str = "gte", within: int | None = None) -> History:
    days = None if within is None else timedelta(days=within)
    return History.model_validate({"event": ORDERED, "op": op, "value": count, "within": days})


def _silent(days: int) -> History:
    return History(event=ORDERED, measure="days_since_last", op="gte", value=days)


def _spent(amount: int, within: int) -> History:
    days = timedelta(days=within)
    return History(event=ORDERED, measure="sum", property=REVENUE, within=days, op="gte", value=amount)


def _unreachable() -> Condition:
    """By no kind of address: of channels with the same kind, one is asked about."""
    channels = {
        channel.contact.name: name for name, channel in reversed(CHANNELS.items()) if channel.contact.kept != "id"
    }
    return AllOf(of=tuple(Reachable(channel=name, reachable=False) for name in reversed(channels.values())))


def _to_renew() -> Condition:
    channels = [name for name, channel in CHANNELS.items() if channel.advertises]
    return AnyOf(of=tuple(ConsentAge(channel=name, op="gte", age=RENEWAL) for name in channels))


READY: Mapping[str, SegmentDocument] = {
    "signed-up-not-bought": _made(
        Text("Signed up, not bought"),
        Text("Signed up and has never ordered."),
        AllOf(of=(History(event=SIGNED_UP), _orders(0, "eq"))),
    ),
    "bought-once-and-silent": _made(
        Text("Bought once, then silent"),
        Text("One order, 60 days ago or more."),
        AllOf(of=(_orders(1, "eq"), _silent(60))),
    ),
    "active": _made(
        Text("Active"),
        Text("Ordered within the last 90 days."),
        _orders(1, within=90),
    ),
    "vip": _made(
        Text("VIP"),
        Text("Three orders or more and 500,000 spent within a year."),
        AllOf(of=(_orders(3, within=365), _spent(500_000, 365))),
    ),
    "at-risk": _made(
        Text("At risk"),
        Text("The last order is half as long again ago as they usually wait between two."),
        History(event=ORDERED, measure="overdue", op="gte", value=1.5),
    ),
    "consent-to-renew": _made(
        Text("Consent to be confirmed again"),
        Text("A consent to advertising is 700 days old or more."),
        _to_renew(),
    ),
    "unreachable": _made(
        Text("Unreachable"),
        Text("Neither an e-mail address, a phone number nor a device is known."),
        _unreachable(),
    ),
    **{
        f"stage-{stage.replace('_', '-')}": _made(
            Text("Stage: {stage}", stage=STAGE_TEXT[stage]),
            Text("In this lifecycle stage now."),
            InStage(of=(stage,)),
        )
        for stage in STAGES
    },
}
"""By key."""

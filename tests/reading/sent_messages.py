"""A message for every outcome and reason that there is, as the ledger and the outbox keep it."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid5

from orchestrator.core.sending.reasons import OUTCOMES, REASONS
from orchestrator.store.tables.sending import OutboxMessage, SendRecord
from tests.reading.renamed import NAMED
from tests.reading.world import (
    HOUR,
    KNOWN,
    NAMELESS,
    NOW,
    SPACE,
    plans,
)

CAP = {"at_most": 2, "within": "P1D"}


def reason(code: str) -> dict[str, Any]:
    """A reason as the ledger keeps it, with all that any of them tells."""
    return {
        "code": code,
        "channel": "push",
        "class": "advertising",
        "contact": "push_token",
        "zone": "Asia/Seoul",
        "until": (NOW + HOUR).isoformat(),
        "marks": ["sender", "contact", "opt_out"],
        "names": "customer.name",
        "cap": {"en": "at most 2 in 24 hours", "ko": "24시간에 최대 2건"},
        "detail": {"en": "no answer", "ko": "응답 없음"},
    }


def sent_messages() -> Iterator[object]:
    plan = plans()[0]
    step = next(one.id for one in plan.journey.steps if one.kind == "message")
    counted = [[str(uuid5(SPACE, "send0")), NOW.isoformat(), "email"]]
    seen = {
        "local": "2026-12-03T14:10:00",
        "zone": "Asia/Seoul",
        "journey": "live",
        "wanted": True,
        "run_over": False,
        "complaint": False,
        "channels": ["email", "push"],
        "consents": {"email": True},
        "consented_at": {"email": NOW.isoformat()},
        "contacts": {"email": True, "push_token": False},
        "policy": {
            "name": "KR",
            "night": {"start": "21:00:00", "end": "08:00:00"},
            "caps": [{"at_most": 3, "per": "day"}, {"no": "cap"}],
        },
        "free_at": {"email": NOW.isoformat()},
        "counted": counted,
        "passed": {"push": reason("no_address")},
    }
    told: list[tuple[str, str]] = [
        ("sent", ""),
        *((one, "") for one in OUTCOMES),
        *(("skipped", code) for code in REASONS),
    ]
    for n, (status, code) in enumerate(told):
        yield SendRecord(
            id=uuid5(SPACE, f"send{n}"),
            run_id=uuid5(SPACE, "run1"),
            journey_key=plan.key,
            step=step,
            occurrence=n,
            customer_id=NAMELESS if n % 2 else KNOWN,
            message_class="advertising" if n % 2 else "informational",
            status=status,
            reason=code,
            channel="email",
            provider="smtp",
            inputs={**seen, **({"reason": reason(code)} if code else {})},
            content={"subject": NAMED["ko"]},
            created_at=NOW,
            sent_at=NOW if status == "sent" else None,
            hold_until=NOW + HOUR,
        )
    for n, channel in enumerate(("email", "push", "sms", "alimtalk", "in_app")):
        yield OutboxMessage(
            id=uuid5(SPACE, f"send{n}"),
            customer_id=NAMELESS if n % 2 else KNOWN,
            journey_key=plan.key,
            channel=channel,
            recipient="jiwoo@example.com",
            locale="ko",
            content={"subject": NAMED["ko"], "body": NAMED["en"]},
            at=NOW,
        )

"""A small shop in a database: two journeys, a customer with a story, a message, decisions both ways."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.journey.plan import compile_journey
from orchestrator.store.database import session_factory
from orchestrator.store.tables.customers import Customer, IdentityLink
from orchestrator.store.tables.events import StoredEvent
from orchestrator.store.tables.journeys import Journey, JourneyVersion, Plan
from orchestrator.store.tables.runs import EntryDecision, Run, RunTransition
from orchestrator.store.tables.sending import OutboxMessage, SendRecord
from orchestrator.store.tables.workspace import Workspace

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NOW = datetime(2026, 12, 3, 5, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPACE = UUID(int=42)
JIWOO, MALLORY = uuid5(SPACE, "jiwoo"), uuid5(SPACE, "mallory")
RUN, CART_RUN, LETTER, PUSH, HELD = (uuid5(SPACE, name) for name in ("run", "cart-run", "letter", "push", "held"))
HOSTILE = '<script>alert("x")</script>'


async def fill(engine: AsyncEngine) -> None:
    """Everything above, in journey time around :data:`NOW`."""
    async with session_factory(engine)() as session, session.begin():
        session.add(
            Workspace(
                id=1,
                day_seconds=20.0,
                clock_real=datetime.now(UTC),
                clock_journey=NOW,
                settings={"sender_name": "오늘찻집", "sender_contact": "02-123-4567"},
            )
        )
        for row in (*_journeys(), *_customers(), *_story(), *_messages()):
            session.add(row)


def _journeys() -> list[object]:
    rows: list[object] = []
    for key in ("lifecycle", "cart-recovery"):
        document = yaml.safe_load((EXAMPLES / f"{key}.yaml").read_text())
        plan = compile_journey(document).plan
        assert plan is not None
        rows += [
            Plan(hash=plan.hash, body=plan.body, created_at=NOW),
            Journey(
                key=key,
                name=dict(plan.journey.name),
                draft=json.loads(json.dumps(document)),
                status="live",
                live_version=1,
                created_at=NOW,
                updated_at=NOW,
            ),
            JourneyVersion(journey_key=key, version=1, plan_hash=plan.hash, published_at=NOW),
        ]
    broken: dict[str, Any] = {
        "key": "broken",
        "name": {"en": "Broken"},
        "entry": {"triggers": [{"kind": "event", "event": "X"}]},
    }
    document = {
        **broken,
        "steps": [{"id": "wait", "kind": "delay", "settings": {"mode": "duration", "duration": "1d"}}],
    }
    rows.append(
        Journey(key="broken", name=broken["name"], draft=document, status="draft", created_at=NOW, updated_at=NOW)
    )
    return rows


def _customers() -> list[object]:
    jiwoo = Customer(
        id=JIWOO,
        external_id="shop-1",
        email="jiwoo@example.com",
        phone="+821023450001",
        locale="ko-KR",
        time_zone="Asia/Seoul",
        attributes={"name": "김지우", "first_name": "지우", "birthday": "1990-03-01"},
        consents={"email": True, "push": False, "email:night": True},
        tags=["단골"],
        stage="intake",
        stage_since=NOW - 40 * HOUR,
        created_at=NOW - 41 * HOUR,
        updated_at=NOW,
    )
    mallory = Customer(
        id=MALLORY, external_id="shop-2", attributes={"name": HOSTILE}, created_at=NOW - HOUR, updated_at=NOW
    )
    return [jiwoo, mallory, IdentityLink(kind="user", value="shop-1", customer_id=JIWOO)]


def plan_hash(key: str) -> str:
    plan = compile_journey(yaml.safe_load((EXAMPLES / f"{key}.yaml").read_text())).plan
    assert plan is not None
    return plan.hash


def _story() -> list[object]:
    begun = NOW - 40 * HOUR
    lifecycle, cart = plan_hash("lifecycle"), plan_hash("cart-recovery")
    about = {"customer_id": JIWOO, "version": 1}
    return [
        _event("m1", "Signed Up", begun, {"method": "kakao"}),
        _event("m2", "Product Added", NOW - 2 * HOUR, {"cart_id": "c1", "name": "세작 녹차", "price": 18000}),
        _event("m3", "Lifecycle Stage Changed", begun, {"from": None, "to": "intake"}, "system"),
        _run(RUN, "lifecycle", lifecycle, "first-order-soon", "intake", begun, NOW + 32 * HOUR),
        _run(CART_RUN, "cart-recovery", cart, "came-back", "retention", NOW - 2 * HOUR, None, key="c1"),
        _step(RUN, "lifecycle", 1, begun, "entered", "welcome"),
        _step(RUN, "lifecycle", 2, begun, "left", "welcome", "next"),
        _step(RUN, "lifecycle", 3, begun, "entered", "first-order-soon"),
        _step(CART_RUN, "cart-recovery", 1, NOW - 2 * HOUR, "entered", "still-filling"),
        _step(CART_RUN, "cart-recovery", 2, NOW - HOUR, "left", "still-filling", "timeout"),
        _step(CART_RUN, "cart-recovery", 3, NOW - HOUR, "goal", "still-filling", "recovered", {"value": 18000}),
        _entry("d1", "lifecycle", begun, True, "admitted", RUN, **about),
        _entry("d2", "cart-recovery", NOW - HOUR, False, "already_in", None, **about),
    ]


def _event(message: str, name: str, at: datetime, properties: dict[str, object], kind: str = "track") -> StoredEvent:
    return StoredEvent(
        message_id=message,
        customer_id=JIWOO,
        kind=kind,
        name=name,
        properties=properties,
        occurred_at=at,
        received_at=at,
        routed_at=at,
    )


def _run(
    identity: UUID,
    journey: str,
    plan: str,
    step: str,
    stage: str,
    entered: datetime,
    until: datetime | None,
    key: str = "",
) -> Run:
    workflow = f"{journey}/{JIWOO}" + (f"/{key}" if key else "")
    return Run(
        id=identity,
        workflow_id=workflow,
        journey_key=journey,
        version=1,
        plan_hash=plan,
        customer_id=JIWOO,
        key=key,
        status="running",
        step=step,
        stage=stage,
        waiting_until=until,
        entered_at=entered,
    )


def _step(
    run: UUID,
    journey: str,
    seq: int,
    at: datetime,
    what: str,
    step: str,
    port: str = "",
    note: dict[str, object] | None = None,
) -> RunTransition:
    return RunTransition(
        run_id=run,
        seq=seq,
        journey_key=journey,
        customer_id=JIWOO,
        at=at,
        what=what,
        step=step,
        port=port,
        note=note or {},
    )


def _entry(
    name: str, journey: str, at: datetime, admitted: bool, reason: str, run: UUID | None, **about: Any
) -> EntryDecision:
    return EntryDecision(
        id=uuid5(SPACE, name),
        journey_key=journey,
        message_id="m1" if admitted else "m2",
        at=at,
        admitted=admitted,
        reason=reason,
        run_id=run,
        **about,
    )


def _messages() -> list[object]:
    words = {"subject": "지우님, 가입해 주셔서 감사합니다", "body": "반갑습니다.\n\n궁금한 점은 답장해 주세요."}
    html = f"<p>반갑습니다.</p>{HOSTILE}<img src='https://tracker.example/x.png'>"
    return [
        _send(LETTER, "lifecycle", "welcome", "sent", "email", "informational", content=words),
        _send(PUSH, "cart-recovery", "reminder", "sent", "push", "advertising", content={"subject": "장바구니"}),
        _send(
            HELD,
            "lifecycle",
            "nudge",
            "skipped",
            None,
            "advertising",
            reason="no_consent",
            inputs={"reason": {"code": "no_consent", "channel": "push"}, "passed": {}},
        ),
        _letter(LETTER, "lifecycle", "email", "jiwoo@example.com", {**words, "html": html}),
        _letter(PUSH, "cart-recovery", "push", "token-1", {"subject": "(광고) 장바구니", "body": HOSTILE}),
    ]


def _send(
    identity: UUID, journey: str, step: str, status: str, channel: str | None, message_class: str, **more: Any
) -> SendRecord:
    return SendRecord(
        id=identity,
        run_id=RUN,
        journey_key=journey,
        step=step,
        occurrence=1,
        customer_id=JIWOO,
        message_class=message_class,
        status=status,
        channel=channel,
        created_at=NOW - HOUR,
        **more,
    )


def _letter(identity: UUID, journey: str, channel: str, recipient: str, content: dict[str, object]) -> OutboxMessage:
    return OutboxMessage(
        id=identity,
        customer_id=JIWOO,
        journey_key=journey,
        channel=channel,
        recipient=recipient,
        locale="ko",
        content=content,
        at=NOW - HOUR,
    )

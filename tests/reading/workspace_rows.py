"""The rows of a workspace in which everything is named by hand and every id is marked: what pages are read over."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.system_events import OWN_PROPERTIES, SYSTEM_EVENTS
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.routing import REASONS as ENTRY_REASONS
from orchestrator.core.run.trouble import CAUSES, problem_at
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.survey import Survey as SurveyStep
from orchestrator.core.surveys.invitations import new_document
from orchestrator.message_gallery import ready_made
from orchestrator.store.database import session_factory
from orchestrator.store.tables.accounts import ApiToken, User, WriteKey
from orchestrator.store.tables.coupons import CouponCode, CouponPool
from orchestrator.store.tables.customers import ConsentChange, Customer, HeldMerge, IdentityLink
from orchestrator.store.tables.events import StoredEvent, TrackedName
from orchestrator.store.tables.journeys import Journey, JourneyVersion
from orchestrator.store.tables.journeys import Plan as StoredPlan
from orchestrator.store.tables.runs import EntryDecision, ExperimentRecord, Exposure, Run, RunTransition
from orchestrator.store.tables.secrets import SecretChange, WorkspaceSecret
from orchestrator.store.tables.segments import Segment, SegmentChange, SegmentMember, SegmentSize
from orchestrator.store.tables.surveys import Complaint, Survey, SurveyResponse
from orchestrator.store.tables.templates import MessageTemplate, TemplateRevision
from orchestrator.store.tables.workspace import Workspace
from tests.reading.data_rows import data_rows
from tests.reading.renamed import NAMED, renamed
from tests.reading.sent_messages import sent_messages
from tests.reading.world import (
    EXPERIMENT,
    HOUR,
    KNOWN,
    NAMELESS,
    NOW,
    POOL,
    ROLES,
    SEGMENT,
    SOURCES,
    SPACE,
    SURVEY,
    TEMPLATE,
    documents,
    plans,
)


async def fill(engine: AsyncEngine) -> None:
    async with session_factory(engine)() as session, session.begin():
        for row in rows():
            session.add(row)
            await session.flush()


def rows() -> Iterator[object]:
    yield Workspace(
        id=1, clock_real=datetime.now(UTC), clock_journey=NOW, settings={"sender_name": "Jiwoo", "sender_contact": "02"}
    )
    for document in documents():
        yield from _journey(document)
    broken = renamed(
        {
            "key": "broken",
            "name": NAMED,
            "entry": {"triggers": []},
            "steps": [{"id": "wait", "kind": "delay", "settings": {}}],
        }
    )
    yield Journey(key=broken["key"], name=NAMED, draft=broken, status="draft", created_at=NOW, updated_at=NOW)
    yield from _customers()
    yield from data_rows()
    yield from _things()
    yield from _runs()
    yield from sent_messages()
    yield from _events()
    yield from _experiments()
    yield from _people()


def _journey(document: dict[str, Any]) -> Iterator[object]:
    plan = compile_journey(document).plan
    assert plan is not None
    about: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
    yield StoredPlan(hash=plan.hash, body=plan.body, created_at=NOW)
    yield Journey(key=plan.key, name=dict(plan.journey.name), draft=document, status="live", live_version=1, **about)
    yield JourneyVersion(journey_key=plan.key, version=1, plan_hash=plan.hash, published_at=NOW, document=document)


def _customers() -> Iterator[object]:
    about: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
    yield Customer(
        id=KNOWN,
        external_id="Jiwoo",
        email="jiwoo@example.com",
        phone="+821023450001",
        locale="ko-KR",
        time_zone="Asia/Seoul",
        attributes={"name": "Jiwoo"},
        consents={"email": True, "sms": False},
        tags=[],
        stage="churn_signal",
        stage_since=NOW - HOUR,
        **about,
    )
    yield Customer(id=NAMELESS, **about)
    yield IdentityLink(kind="user", value="Jiwoo", customer_id=KNOWN)
    yield IdentityLink(kind="anonymous", value=str(NAMELESS), customer_id=NAMELESS)
    for n, source in enumerate(SOURCES):
        yield ConsentChange(
            customer_id=NAMELESS if n % 2 else KNOWN,
            name="email:night" if n % 2 else "email",
            granted=bool(n % 3),
            at=NOW,
            source=source,
            evidence={"message": str(KNOWN)},
            act=bool(n % 2),
            counts=bool(n % 2),
        )
    for n, decision in enumerate((None, "merged", "apart")):
        yield HeldMerge(
            id=uuid5(SPACE, f"merge{n}"),
            source_id=NAMELESS,
            target_id=uuid5(SPACE, f"t{n}"),
            reason="emails",
            detail={"emails": ["jiwoo@example.com"] * 3},
            held_at=NOW,
            decided_at=NOW if decision else None,
            decided_by="Mina",
            decision=decision,
        )


def _things() -> Iterator[object]:
    about: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
    pool = {"name": NAMED, "worth": NAMED, "percent": "10", "valid_days": 7}
    for key in sorted(
        {POOL, *(one.settings.pool for plan in plans() for one in plan.journey.steps if isinstance(one, Coupon))}
    ):
        yield CouponPool(key=key, document=pool, **about)
    given: dict[str, Any] = {"taken_by": "x", "customer_id": NAMELESS, "taken_at": NOW, "journey_key": plans()[0].key}
    yield CouponCode(pool_key=POOL, code="AAAA", **given)
    yield CouponCode(pool_key=POOL, code="BBBB", redeemed_at=NOW, revenue=Decimal(10), currency="KRW", taken_at=NOW)
    yield CouponCode(pool_key=POOL, code="CCCC")
    yield from _segments()
    survey = {**new_document("nps"), "name": NAMED}
    for key in sorted(
        {
            SURVEY,
            *(one.settings.survey for plan in plans() for one in plan.journey.steps if isinstance(one, SurveyStep)),
        }
    ):
        yield Survey(key=key, document=survey, **about)
    step = next(iter(plans()[0].steps))
    for n, group in enumerate(("promoter", "passive", "detractor")):
        yield SurveyResponse(
            id=uuid5(SPACE, f"answer{n}"),
            survey_key=SURVEY,
            survey_revision=1,
            customer_id=KNOWN,
            run_id=KNOWN,
            journey_key=plans()[0].key,
            step=step,
            channel="email",
            locale="ko",
            score=9,
            group=group,
            comment="Jiwoo",
            asked_at=NOW,
            answered_at=NOW,
        )
    for n, source in enumerate(("survey", "event", "ticket", "console")):
        detail = (
            {"survey": SURVEY, "score": 2, "answer": str(uuid5(SPACE, "answer0"))}
            if source == "survey"
            else {"event": "Jiwoo", "reason": "Jiwoo", "by": "Mina"}
        )
        for done in (False, True):
            yield Complaint(
                id=uuid5(SPACE, f"complaint{n}{done}"),
                customer_id=NAMELESS if n % 2 else KNOWN,
                source=source,
                reference=str(KNOWN),
                detail=detail,
                opened_at=NOW,
                resolved_at=NOW if done else None,
            )
    document = {**ready_made()[0].copy(), "name": NAMED}
    yield MessageTemplate(key=TEMPLATE, document=document, live_revision=1, **about)
    yield TemplateRevision(template_key=TEMPLATE, revision=1, document=document, at=NOW)


def _runs() -> Iterator[object]:
    many = plans()
    ends = [(many[0], one) for one in ("completed", "stopped", "moved", "merged", "operator")]
    ends += [(plan, f"goal:{goal.id}") for plan in many for goal in plan.journey.goals]
    ends += [(plan, rule.reason or rule.id) for plan in many for rule in plan.journey.exits]
    ends += [(plan, step.exit_reason() or "") for plan in many for step in plan.journey.steps if step.exit_reason()]
    n = 0
    for plan in many:
        for step in plan.steps:
            n += 1
            yield _run(n, plan, step, None)
            yield _line(n, 1, plan, "entered", step)
            for seq, port in enumerate(plan.steps[step].ports()):
                yield _line(n, seq + 2, plan, "left", step, port.name)
        for seq, goal in enumerate(plan.journey.goals):
            yield _line(n, 90 + seq, plan, "goal", goal.id, goal.id)
    for cause in (*CAUSES, "commit.TimeoutError", "ValueError"):
        n += 1
        yield _run(n, many[0], next(iter(many[0].steps)), None, problem_at(next(iter(many[0].steps)), cause))
    for own, reason in dict.fromkeys((plan.key, reason) for plan, reason in ends):
        n += 1
        plan = next(plan for plan in many if plan.key == own)
        yield _run(n, plan, None, reason)
        yield _line(n, 1, plan, "ended", next(iter(plan.steps)), reason)
    for m, reason in enumerate(ENTRY_REASONS):
        yield EntryDecision(
            id=uuid5(SPACE, f"entry{m}"),
            journey_key=many[0].key,
            version=1,
            customer_id=NAMELESS if m % 2 else KNOWN,
            message_id="m1",
            at=NOW,
            admitted=reason == "admitted",
            reason=reason,
        )


def _run(n: int, plan: Plan, step: str | None, reason: str | None, problem: str | None = None) -> Run:
    return Run(
        id=uuid5(SPACE, f"run{n}"),
        workflow_id=f"{plan.key}/{n}",
        journey_key=plan.key,
        version=1,
        plan_hash=plan.hash,
        customer_id=NAMELESS if n % 2 else KNOWN,
        status="running" if step else "finished",
        step=step,
        stage="churn_signal",
        entered_at=NOW - HOUR,
        waiting_until=NOW + HOUR if n % 3 else None,
        finished_at=None if step else NOW,
        reason=reason,
        problem=problem,
    )


def _line(n: int, seq: int, plan: Plan, what: str, step: str, port: str = "") -> RunTransition:
    return RunTransition(
        run_id=uuid5(SPACE, f"run{n}"),
        seq=seq,
        journey_key=plan.key,
        customer_id=NAMELESS if n % 2 else KNOWN,
        at=NOW - HOUR,
        what=what,
        step=step,
        port=port,
        note={"value": 10} if what == "goal" else {},
    )


MORE = {"Lifecycle Stage Changed": ("from", "to"), "Journey Requested": ("journey",)}
"""Properties that are not among those that sending knows."""


def _events() -> Iterator[object]:
    plan = plans()[0]
    step = next(iter(plan.steps))
    said = {
        "journey": plan.key,
        "step": step,
        "run": str(KNOWN),
        "occurrence": 1,
        "channel": "email",
        "message": str(KNOWN),
        "survey": SURVEY,
        "group": "promoter",
        "score": 9,
        "pool": POOL,
        "code": "AAAA",
        "source": "survey",
        "from": "intake",
        "to": "churn_signal",
        "complaint": str(KNOWN),
        "granted": ["email"],
        "withdrawn": ["sms:night"],
    }
    for n, name in enumerate(sorted(SYSTEM_EVENTS)):
        own = {key: said[key] for key in (*OWN_PROPERTIES.get(name, ()), *MORE.get(name, ())) if key in said}
        yield _event(n, name, "system", own)
    for n, kind in enumerate(("track", "identify", "page", "screen", "group", "alias")):
        yield _event(100 + n, "Signed Up", kind, {"method": "kakao"})
    yield TrackedName(kind="event", name="Signed Up", type="", first_seen=NOW)
    for n, shape in enumerate(("string", "number", "boolean", "object", "array", "")):
        yield TrackedName(kind="property", event="Signed Up", name=f"method{'abcdef'[n]}", type=shape, first_seen=NOW)


def _event(n: int, name: str, kind: str, properties: dict[str, Any]) -> StoredEvent:
    return StoredEvent(
        message_id=f"m{n}",
        customer_id=NAMELESS if n % 2 else KNOWN,
        kind=kind,
        name=name,
        properties=properties,
        occurred_at=NOW - HOUR,
        received_at=NOW - HOUR,
        routed_at=NOW,
    )


def _experiments() -> Iterator[object]:
    decision = {"decision": "winner", "arm": "zq-benefit", "version": 1}
    about: dict[str, Any] = {
        "learned": "Jiwoo",
        "learned_at": NOW,
        "learned_by": "Mina",
        "allocation": {"zq-benefit": 80},
    }
    about |= {"journey_key": "zq-lifecycle", "name": "zq-first-order-benefit", "first_exposed_at": NOW}
    yield ExperimentRecord(id=EXPERIMENT, decided_at=NOW, decision=decision, **about)
    for arm, customer in (("zq-benefit", KNOWN), ("zq-control", NAMELESS)):
        weights = {"zq-benefit": 80, "zq-control": 20}
        about = {"version": 1, "step": "zq-benefit-test", "run_id": uuid5(SPACE, arm), "at": NOW - HOUR}
        yield Exposure(experiment_id=EXPERIMENT, customer_id=customer, arm=arm, weights=weights, **about)


def _people() -> Iterator[object]:
    about: dict[str, Any] = {"created_at": NOW, "created_by": "Mina"}
    for role in ROLES:
        yield ApiToken(id=uuid5(SPACE, f"t{role}"), token=role.encode(), start="sj_a", name="Mina", role=role, **about)
    for kind in ("server", "browser"):
        yield WriteKey(
            id=uuid5(SPACE, kind), name="Mina", kind=kind, key_hash=kind.encode(), start="sk", browsed_at=NOW, **about
        )
    yield WorkspaceSecret(name="mina", hosts=["example.com"], previous_until=NOW + HOUR, sealed=b"x", **about)
    for what in ("created", "rotated", "hosts", "revoked"):
        yield SecretChange(id=uuid5(SPACE, what), name="mina", what=what, by="Mina", at=NOW)


def colleagues() -> Iterator[object]:
    """Accounts of every role. With the first of them, whoever reads has to sign in."""
    for n, role in enumerate(ROLES):
        yield User(id=uuid5(SPACE, role), email=f"mina{n}@example.com", name="Mina", role=role, created_at=NOW)


def _segments() -> Iterator[Any]:
    """One that is in use, one being built, one that failed; and how somebody came in and left, for every cause."""
    condition = {"kind": "history", "event": "Order Completed", "within": "P30D"}
    document = {"name": NAMED, "description": NAMED, "condition": condition}
    about: dict[str, Any] = {"document": document, "created_at": NOW, "updated_at": NOW}
    live: dict[str, Any] = {"live_build": 1, "live_version": 1, "live_condition": condition, "builds": 1}
    build: dict[str, Any] = {
        "build": 2,
        "build_version": 1,
        "build_condition": condition,
        "build_done": 3,
        "build_of": 9,
    }
    yield Segment(key=SEGMENT, **about, **live)
    yield Segment(key=f"{SEGMENT}-building", **about, **build)
    yield Segment(key=f"{SEGMENT}-failed", **about, **live, **build, build_error="unreadable")
    for one in (KNOWN, NAMELESS):
        yield SegmentMember(customer_id=one, segment_key=SEGMENT, build=1, member=True, since=NOW)
    for n, cause in enumerate(("event", "time", "definition", "merge")):
        about = {"segment_key": SEGMENT, "version": 1, "customer_id": KNOWN, "at": NOW, "cause": cause}
        yield SegmentChange(**about, entered=n % 2 == 0)
    for hours in range(5):
        yield SegmentSize(segment_key=SEGMENT, at=NOW - hours * HOUR, size=hours)

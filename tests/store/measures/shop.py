"""A shop with a past: currencies, zones, merged and erased customers, orders without a value, holdout, late reports."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

BEGAN = datetime(2026, 1, 5, 15, 30, tzinfo=UTC)
NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)
STAGES = (None, "intake", "adaptation", "retention", "churn_signal")
CHANNELS = ("email", "sms", "alimtalk")
TABLES = {
    "customers": "id, email, attributes, stage, stage_since, created_at, updated_at, merged_into",
    "events": "message_id, customer_id, kind, name, properties, occurred_at, received_at, routed_at",
    "runs": "id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at, finished_at, reason",
    "transitions": "run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note",
    "sends": "id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, channel, "
    "template, attempts, created_at, sent_at, delivery, delivered_at, opened_at, clicked_at, bounced_at, complained_at",
    "consent_log": "customer_id, name, granted, at, source, evidence, act, counts",
    "entry_decisions": "id, journey_key, version, customer_id, message_id, at, admitted, reason, run_id",
}


@dataclass
class Shop:
    """Rows by table, in the order of :data:`TABLES`."""

    draw: random.Random
    since: datetime = BEGAN
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in TABLES})
    people: list[UUID] = field(default_factory=list)

    def id(self) -> UUID:
        return UUID(int=self.draw.getrandbits(128))

    def some(self, after: datetime | None = None) -> datetime:
        begun = after or self.since
        span = self.since + timedelta(days=170) - begun
        return begun + timedelta(seconds=self.draw.randrange(max(1, int(span.total_seconds()))))

    def soon(self, after: datetime, chance: float, days: float = 3) -> datetime | None:
        if self.draw.random() > chance:
            return None
        return after + timedelta(seconds=self.draw.randrange(int(days * 86_400)))


def _customer(shop: Shop) -> None:
    who, seen, draw = shop.id(), shop.some(), shop.draw
    shop.people.append(who)
    path = [None, *draw.sample(STAGES[1:], draw.randrange(4))]
    attributes = {"computed": {"clv": round(draw.random() * 1e5, 4)}} if draw.random() < 0.6 else {"city": "Seoul"}
    domain = draw.choice(["mail.example", "post.example", "own-domain.example", ""])
    email = f"p{len(shop.people)}@{domain}" if domain else None
    since = shop.some(seen)
    shop.rows["customers"].append((who, email, Jsonb(attributes), path[-1], since, seen, NOW, None))
    for before, after in pairwise(path):
        at = shop.some(seen)
        _event(shop, who, "Lifecycle Stage Changed", at, {"from": before, "to": after}, "system")
    for _ in range(draw.choice([0, 0, 1, 2, 3, 8])):
        _event(shop, who, "Order Completed", shop.some(seen), _order(draw))
    _event(shop, who, "Product Viewed", shop.some(seen), {"value": 5})
    for _ in range(draw.randrange(4)):
        _run(shop, who, shop.some(seen))
    _consents(shop, who, seen)


def _order(draw: random.Random) -> dict[str, Any]:
    amount: Any = draw.choice(
        [draw.randrange(100, 90_000), f"{draw.randrange(1, 99)},{draw.randrange(100, 999)}.5", None]
    )
    amount = draw.choice([amount, amount, round(draw.random() * 1000, 3), True, "free", "1e3"])
    currency: dict[str, Any] = draw.choice(
        [{}, {}, {"currency": "usd"}, {"currency": "EUR"}, {"currency": "won"}, {"currency": 7}]
    )
    return {draw.choice(["revenue", "total", "amount"]): amount, **currency}


def _event(shop: Shop, who: UUID, name: str, at: datetime, properties: Any, kind: str = "track") -> None:
    received = at + timedelta(minutes=shop.draw.choice([0, 0, 3, 60 * 24 * 20]))
    shop.rows["events"].append((str(shop.id()), who, kind, name, Jsonb(properties), at, received, received))


def _run(shop: Shop, who: UUID, at: datetime) -> None:
    draw, run, journey = shop.draw, shop.id(), shop.draw.choice(["welcome", "win-back"])
    version, reason = draw.choice([1, 2]), draw.choice(["admitted", "holdout", "workspace_holdout", "filter"])
    admitted = reason == "admitted"
    row = (shop.id(), journey, version, who, "m", at, admitted, reason, run if admitted else None)
    shop.rows["entry_decisions"].append(row)
    if not admitted:
        return
    over = shop.soon(at, 0.7, 30)
    status = "finished" if over else "running"
    shop.rows["runs"].append((run, str(run), journey, version, "h", who, status, at, over, "ended" if over else None))
    lines: list[tuple[str, str, str, Any]] = []
    for step in ("hello", "wait", "offer")[: draw.randrange(1, 4)]:
        lines += [("entered", step, "", {}), ("left", step, draw.choice(["next", "a", "b"]), {})]
        if draw.random() < 0.3:
            worth = draw.choice([{}, {"value": draw.randrange(100), "currency": draw.choice(["KRW", "USD"])}])
            lines.append(("goal", step, draw.choice(["bought", "signed"]), worth))
        if step != "wait":
            _send(shop, who, run, journey, step, at)
    if over:
        lines.append(("ended", lines[-1][1], "ended", {}))
    for seq, (what, step, port, note) in enumerate(lines):
        passed = at + timedelta(hours=7 * seq)
        shop.rows["transitions"].append((run, seq, journey, who, passed, what, step, 1, port, Jsonb(note)))


def _send(shop: Shop, who: UUID, run: UUID, journey: str, step: str, at: datetime) -> None:
    draw, send, channel = shop.draw, shop.id(), shop.draw.choice(CHANNELS)
    status, reason = draw.choice([("sent", ""), ("sent", ""), ("sent", ""), ("skipped", "no_consent"), ("failed", "x")])
    sent = at + timedelta(minutes=1) if status == "sent" else None
    told = [shop.soon(at, chance, 9) if sent else None for chance in (0.7, 0.4, 0.2, 0.05, 0.03)]
    delivery = draw.choice(["delivered", None, "failed"]) if sent else None
    template = draw.choice([None, "spring", "autumn"])
    shop.rows["sends"].append(
        (
            send,
            run,
            journey,
            step,
            1,
            who,
            "advertising",
            status,
            reason,
            channel,
            template,
            1,
            at,
            sent,
            delivery,
            *told,
        )
    )
    if sent and draw.random() < 0.15:
        evidence = draw.choice([{"send": str(send)}, {"message": str(send), "bounce": "550 5.1.1 no such user"}])
        source = "provider" if "bounce" in evidence else "unsubscribe"
        opted = sent + timedelta(hours=5)
        shop.rows["consent_log"].append((who, channel, False, opted, source, Jsonb(evidence), True, True))


def _consents(shop: Shop, who: UUID, seen: datetime) -> None:
    for _ in range(shop.draw.randrange(4)):
        name = shop.draw.choice(["email", "sms", "email:night"])
        granted, counts = shop.draw.random() < 0.7, shop.draw.random() < 0.9
        row = (who, name, granted, shop.some(seen), "intake", Jsonb({}), True, counts)
        shop.rows["consent_log"].append(row)


def make_shop(customers: int = 60, seed: int = 7, since: datetime = BEGAN) -> Shop:
    """Rows of a shop, the same for a seed, from an instant on."""
    shop = Shop(random.Random(seed), since)
    for _ in range(customers):
        _customer(shop)
    return shop


def fill(url: str, shop: Shop) -> None:
    """Store them; and a workspace in Korea, a segment of every third customer, a visitor who turned out to be known."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(
            "insert into workspace (id, time_zone, locale) values (1, 'Asia/Seoul', 'en') on conflict do nothing"
        )
        with db.cursor() as cursor:
            for table, columns in TABLES.items():
                marks = ", ".join(["%s"] * len(columns.split(",")))
                cursor.executemany(f"insert into {table} ({columns}) values ({marks})".encode(), shop.rows[table])
        db.execute(
            "insert into segments (key, document, builds, live_build, created_at, updated_at) "
            "values ('third', '{}', 1, 1, now(), now()) on conflict do nothing"
        )
        for who in shop.people[::3]:
            db.execute("insert into segment_members values (%s, 'third', 1, true, now(), null)", [who])

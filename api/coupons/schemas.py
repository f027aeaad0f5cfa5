"""What the API says of coupon pools and their codes."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from orchestrator.core.coupons.pool import LINE_PROBLEMS, PoolDocument
from orchestrator.core.text import Locale
from orchestrator.store.coupons.codes import CodeRow, Upload
from orchestrator.store.coupons.pools import JourneyPart, Pool


class StockBody(BaseModel):
    """Codes of a pool."""

    total: int
    taken: int
    free: int
    redeemed: int


class PoolBody(BaseModel):
    """A coupon pool."""

    key: str
    pool: PoolDocument
    stock: StockBody
    state: str = Field(description="`ready`, `low`, `empty`, `over` (past its last day) or `archived`.")
    created_at: datetime
    updated_at: datetime
    edited_by: str | None
    archived_at: datetime | None


class PoolList(BaseModel):
    """Every pool, those in use first."""

    items: list[PoolBody]


class NewPool(BaseModel):
    """A pool to be made."""

    key: str | None = Field(
        None, description="Lower-case letters, digits and hyphens; never changes. Made from the name unless given."
    )
    pool: dict[str, Any] = Field(description="`name`, `worth` and so on; see `GET /api/coupons`.")


class LineBody(BaseModel):
    """A line that was left out."""

    line: int
    code: str
    problem: str
    message: str


class UploadBody(BaseModel):
    """What became of codes that were sent."""

    added: int
    left_out: int
    problems: dict[str, int] = Field(description="Lines that were left out, by reason.")
    lines: list[LineBody] = Field(description="Those lines, the first 1,000.")


class CodesRequest(BaseModel):
    """How many codes to make."""

    number: int = Field(ge=1, le=100_000)


class CodeBody(BaseModel):
    """One code, and what became of it."""

    pool: str
    code: str
    customer_id: UUID | None
    run_id: UUID | None
    journey: str | None
    taken_at: datetime | None
    valid_until: datetime | None
    redeemed_at: datetime | None
    revenue: Decimal | None
    currency: str | None


class CodeList(BaseModel):
    """Codes, and the cursor of the next page."""

    items: list[CodeBody]
    next: str | None


class JourneyPartBody(BaseModel):
    """What came of a pool's codes in one journey."""

    journey: str | None = Field(description="Null: redeemed, but given by no journey.")
    taken: int
    redeemed: int
    revenue: dict[str, Decimal] = Field(description="By currency; the empty one where the order did not say.")


class ReportBody(BaseModel):
    """Taken, redeemed and revenue of a pool."""

    stock: StockBody
    journeys: list[JourneyPartBody]


class RedemptionRequest(BaseModel):
    """A code that a customer used."""

    code: str = Field(min_length=1, max_length=64)
    order: str = Field("", max_length=200, description="Your number of the order; told in the event.")
    revenue: Decimal | None = Field(None, description="What the order came to.", max_digits=16, decimal_places=4)
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    at: datetime | None = Field(None, description="When; now, unless given.")


class RedemptionResponse(BaseModel):
    """What was counted."""

    outcome: Literal["redeemed", "redeemed_before"]


def pool_body(pool: Pool, now: datetime, time_zone: str) -> dict[str, Any]:
    """A pool as JSON."""
    return {
        "key": pool.key,
        "pool": pool.document.model_dump(mode="json"),
        "stock": vars(pool.stock),
        "state": pool.standing(now, time_zone),
        "created_at": pool.created_at,
        "updated_at": pool.updated_at,
        "edited_by": pool.edited_by,
        "archived_at": pool.archived_at,
    }


def upload_body(done: Upload, locale: Locale) -> dict[str, Any]:
    """What became of an upload, in the reader's words."""
    return {
        "added": done.added,
        "left_out": sum(done.problems.values()),
        "problems": done.problems,
        "lines": [
            {
                "line": line.number,
                "code": line.code,
                "problem": line.problem,
                "message": LINE_PROBLEMS[str(line.problem)].to(locale),
            }
            for line in done.lines
        ],
    }


def code_body(row: CodeRow) -> dict[str, Any]:
    """A code as JSON."""
    return {
        "pool": row.pool_key,
        "code": row.code,
        "customer_id": row.customer_id,
        "run_id": row.run_id,
        "journey": row.journey_key,
        "taken_at": row.taken_at,
        "valid_until": row.valid_until,
        "redeemed_at": row.redeemed_at,
        "revenue": None if row.revenue is None else str(row.revenue),
        "currency": row.currency,
    }


def part_body(part: JourneyPart) -> dict[str, Any]:
    """One journey's part as JSON."""
    return {
        "journey": part.journey,
        "taken": part.taken,
        "redeemed": part.redeemed,
        "revenue": {currency: str(amount) for currency, amount in part.revenue.items()},
    }

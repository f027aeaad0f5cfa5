"""Coupon pools and codes."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Numeric, Text, text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class CouponPool(SQLModel, table=True):
    """Codes of one promise."""

    __tablename__ = "coupon_pools"
    key: str = Field(primary_key=True)
    document: dict[str, Any] = json_value()
    """``core.coupons.pool.PoolDocument`` as JSON."""
    created_at: datetime = instant()
    updated_at: datetime = instant()
    edited_by: str | None = Field(default=None, sa_column=Column(Text))
    archived_at: datetime | None = instant(nullable=True)


class CouponCode(SQLModel, table=True):
    """One code; ``taken_by`` is what took it (a derived id), and takes no other. No two pools have the same code, so
    that whoever redeems it need not say of which."""

    __tablename__ = "coupon_codes"
    __table_args__ = (
        Index(
            "coupon_codes_free", "pool_key", "seq", postgresql_where=text("taken_by is null and redeemed_at is null")
        ),
        Index("coupon_codes_customer", "customer_id", postgresql_where=text("customer_id is not null")),
        Index("coupon_codes_taken", "pool_key", "taken_at", postgresql_where=text("taken_at is not null")),
        Index("coupon_codes_code", "code", unique=True),
    )
    pool_key: str = Field(primary_key=True)
    code: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
    taken_by: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    customer_id: UUID | None = None
    run_id: UUID | None = None
    taken_at: datetime | None = instant(nullable=True)
    journey_key: str | None = Field(default=None, description="Of the run that took it")
    valid_until: datetime | None = instant(nullable=True)
    redeemed_at: datetime | None = instant(nullable=True)
    redeemed_by: str | None = Field(default=None, sa_column=Column(Text), description="Message id of the event")
    revenue: Decimal | None = Field(default=None, sa_column=Column(Numeric(16, 4)))
    """Of the order that it was redeemed with, in ``currency``."""
    currency: str | None = Field(default=None, sa_column=Column(Text))

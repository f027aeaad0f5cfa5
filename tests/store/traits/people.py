"""Customers with events, for tests of traits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_CUSTOMER = text("""
insert into customers (id, attributes, created_at, updated_at) values (:id, cast(:attributes as jsonb), :at, :at)
""")
_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, occurred_at, received_at, routed_at)
values (:id, :customer, 'track', :name, cast(:properties as jsonb), :at, :at, :at)
""")
_WORKSPACE = text("""
insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'en', cast(:settings as jsonb))
on conflict (id) do update set settings = excluded.settings
""")
_ATTRIBUTES = text("select attributes from customers where id = :id")


async def add_customer(engine: AsyncEngine, at: datetime, attributes: Mapping[str, Any] | None = None) -> UUID:
    """A new customer."""
    customer = uuid4()
    async with engine.begin() as db:
        given = {"id": customer, "attributes": orjson.dumps(dict(attributes or {})).decode(), "at": at}
        await db.execute(_CUSTOMER, given)
    return customer


async def add_act(engine: AsyncEngine, customer: UUID, name: str, at: datetime, **properties: Any) -> str:
    """Something that they did; its message id. It counts as routed."""
    message = str(uuid4())
    async with engine.begin() as db:
        given = {"id": message, "customer": customer, "name": name, "at": at}
        await db.execute(_EVENT, {**given, "properties": orjson.dumps(properties).decode()})
    return message


async def set_traits(engine: AsyncEngine, settings: Mapping[str, Any] | None) -> None:
    """What the workspace computes."""
    told = {} if settings is None else {"traits": settings}
    async with engine.begin() as db:
        await db.execute(_WORKSPACE, {"settings": orjson.dumps(told).decode()})


async def attributes_of(engine: AsyncEngine, customer: UUID) -> dict[str, Any]:
    """Their attributes as they are stored."""
    async with engine.connect() as db:
        found: dict[str, Any] = (await db.execute(_ATTRIBUTES, {"id": customer})).scalar_one()
    return found

"""The data converter: a plan travels by its hash and is never copied into a history.

A plan is a payload of its own encoding. Before anything reaches Temporal, the storage driver keeps the plan's bytes
under their content hash and leaves a reference; all runs of one version share one stored plan.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, cast

import orjson
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    ExternalStorage,
    JSONPlainPayloadConverter,
    PayloadConverter,
    StorageDriver,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverSelectContext,
    StorageDriverStoreContext,
)

from orchestrator.core.journey.plan import Plan, load_plan

ENCODING = b"binary/plan"
LoadPlan = Callable[[str], Awaitable[bytes]]
SavePlan = Callable[[str, bytes], Awaitable[None]]


class PlanPayloadConverter(EncodingPayloadConverter):
    """A plan as its canonical JSON."""

    @property
    def encoding(self) -> str:
        return ENCODING.decode()

    def to_payload(self, value: Any) -> Payload | None:
        return Payload(metadata={"encoding": ENCODING}, data=value.body) if isinstance(value, Plan) else None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        return load_plan(payload.data)


class Utf8Json(JSONPlainPayloadConverter):
    """The default JSON, but in UTF-8: a Hangul syllable of a label is three bytes of history instead of six."""

    def to_payload(self, value: Any) -> Payload | None:
        try:
            data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # what only the SDK's own encoder knows
            return super().to_payload(value)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=data)


class JourneyPayloadConverter(CompositePayloadConverter):
    """The default converters, with JSON of our own, and one for plans before them."""

    def __init__(self) -> None:
        own = Utf8Json()
        default = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(PlanPayloadConverter(), *(own if one.encoding == own.encoding else one for one in default))


@cache
def _converter() -> PayloadConverter:
    """It has no state, and the SDK asks for a new one several times an activation."""
    return JourneyPayloadConverter()


class PlanStorage(StorageDriver):
    """Plans by content hash, in the store; once read, kept in memory (they never change)."""

    def __init__(self, load: LoadPlan, save: SavePlan) -> None:
        self._load = load
        self._save = save
        self._known: dict[str, bytes] = {}

    def name(self) -> str:
        return "plans"

    async def store(self, context: StorageDriverStoreContext, payloads: Sequence[Payload]) -> list[StorageDriverClaim]:
        claims = []
        for payload in payloads:
            digest = load_plan(payload.data).hash
            if digest not in self._known:
                await self._save(digest, payload.data)
                self._known[digest] = payload.data
            claims.append(StorageDriverClaim({"hash": digest}))
        return claims

    async def retrieve(
        self, context: StorageDriverRetrieveContext, claims: Sequence[StorageDriverClaim]
    ) -> list[Payload]:
        bodies = await asyncio.gather(*(self._body(claim.claim_data["hash"]) for claim in claims))
        return [Payload(metadata={"encoding": ENCODING}, data=body) for body in bodies]

    async def _body(self, digest: str) -> bytes:
        if digest not in self._known:
            self._known[digest] = await self._load(digest)
        return self._known[digest]


def data_converter(load: LoadPlan, save: SavePlan) -> DataConverter:
    """The converter of every client, worker and replayer. ``load`` raises for an unknown hash."""
    storage = PlanStorage(load, save)

    def select(context: StorageDriverSelectContext, payload: Payload) -> StorageDriver | None:
        return storage if payload.metadata.get("encoding") == ENCODING else None

    external = ExternalStorage(drivers=[storage], driver_selector=select, payload_size_threshold=0)
    make = cast(type[PayloadConverter], _converter)
    return replace(DataConverter.default, payload_converter_class=make, external_storage=external)

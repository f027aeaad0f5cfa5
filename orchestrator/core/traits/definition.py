"""What a workspace computes of its customers: what an order is, and traits of its own."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from orchestrator.core.conditions.model import Condition, leaves
from orchestrator.core.events.system_events import CUSTOMER_UPDATED, MESSAGE_CLICKED, MESSAGE_OPENED, MESSAGE_SEEN
from orchestrator.core.events.system_events import SURVEY_ANSWERED as ANSWERED
from orchestrator.core.text import Frozen, LocalText
from orchestrator.core.values import Duration, Name

NAMESPACE = "computed"
"""The attribute under which computed traits stand: ``computed.orders``. Nobody else writes it."""
MOST_OWN = 50
TRAIT_KEY = r"^[a-z][a-z0-9_]{0,62}$"
ENGAGED = timedelta(days=180)
"""How far back the preferred channel looks."""
ACTS_ON_MESSAGES: dict[str, int] = {MESSAGE_CLICKED: 3, ANSWERED: 3, MESSAGE_OPENED: 1, MESSAGE_SEEN: 1}
"""What a customer does with messages, and how much it says of the channel that they came by."""

COUNTED = (
    "orders",
    "order_total",
    "order_mean",
    "first_order_at",
    "last_order_at",
    "order_interval_days",
    "order_interval_deviation_days",
    "preferred_channel",
)
"""Counted of a customer's own events, at each of them."""
NIGHTLY = ("best_hour", "rfm", "p_alive", "expected_orders_30", "expected_orders_90", "clv", "as_of")
"""Learned from all customers, once a night."""


def is_computed(name: str) -> bool:
    """Whether an attribute's name belongs to computed traits, which nobody else sets."""
    return name == NAMESPACE or name.startswith(f"{NAMESPACE}.")


TYPES: dict[str, str] = {
    "orders": "number",
    "order_total": "object",
    "order_mean": "object",
    "first_order_at": "string",
    "last_order_at": "string",
    "order_interval_days": "number",
    "order_interval_deviation_days": "number",
    "preferred_channel": "string",
    "best_hour": "number",
    "rfm.recency": "number",
    "rfm.frequency": "number",
    "rfm.monetary": "number",
    "p_alive": "number",
    "expected_orders_30": "number",
    "expected_orders_90": "number",
    "clv": "number",
}
"""JSON types of what is computed for everybody."""

OwnMeasure = Literal["count", "sum", "average", "minimum", "maximum", "first", "last", "most_frequent", "distinct"]
OF_EVENTS_ALONE = frozenset({"count"})
OF_ANY_TYPE = frozenset({"first", "last", "most_frequent"})


class Orders(Frozen):
    """Which event is an order, and where it says what it came to."""

    event: Name = "Order Completed"
    amount: tuple[Name, ...] = Field(
        ("revenue", "total", "value", "amount"), max_length=10, description="Properties, the first that is a number."
    )
    currency_property: Name = "currency"
    currency: str = Field(
        "KRW", pattern=r"^[A-Z]{3}$", description="Of orders that name none; models of value count its orders."
    )


class OwnTrait(Frozen):
    """A trait of one's own: a measure of a customer's events of one name."""

    key: str = Field(pattern=TRAIT_KEY, description="Conditions and templates know it by computed.KEY.")
    name: LocalText = Field(default_factory=dict, description="Its name, by language.")
    event: Name
    where: Condition | None = Field(None, description="On the event's properties.")
    within: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(days=36_525))] | None = Field(
        None, description="Only events of the last so long; none: ever."
    )
    measure: OwnMeasure = "count"
    property: Name | None = Field(None, description="What is measured, of every measure but count.")

    @model_validator(mode="after")
    def _fits(self) -> "OwnTrait":
        if self.key in (*COUNTED, *NIGHTLY):
            raise PydanticCustomError("trait_taken", "{key} is computed already", {"key": self.key})
        if self.event == CUSTOMER_UPDATED:
            raise PydanticCustomError("trait_of_traits", "{event} tells of traits", {"event": CUSTOMER_UPDATED})
        if (self.measure in OF_EVENTS_ALONE) == (self.property is not None):
            raise PydanticCustomError("trait_property", "measure and property do not go together")
        if self.where is not None and any(leaf.SCOPE != "event" for leaf in leaves(self.where)):
            raise PydanticCustomError("trait_where", "only properties of the event")
        return self


class TraitSettings(Frozen):
    """All of it."""

    orders: Orders = Orders()
    traits: tuple[OwnTrait, ...] = Field((), max_length=MOST_OWN)

    @model_validator(mode="after")
    def _each_once(self) -> "TraitSettings":
        keys = [trait.key for trait in self.traits]
        if len(set(keys)) < len(keys):
            raise PydanticCustomError("trait_twice", "two traits have the same key")
        return self

    @property
    def events(self) -> frozenset[str]:
        """Names of the events at which a customer's traits may change."""
        return frozenset({self.orders.event, *ACTS_ON_MESSAGES, *(trait.event for trait in self.traits)})

    def since(self, now: datetime) -> dict[str, datetime]:
        """From when on events of a name matter; of a name that is not there, ever."""
        ever = {self.orders.event} | {trait.event for trait in self.traits if trait.within is None}
        spans = [(trait.event, trait.within) for trait in self.traits if trait.within is not None]
        found: dict[str, datetime] = {}
        for name, within in [*spans, *((name, ENGAGED) for name in ACTS_ON_MESSAGES)]:
            if name not in ever:
                found[name] = min(found.get(name, now), now - within)
        return found

    @property
    def counted(self) -> tuple[str, ...]:
        """Keys of everything that is counted of a customer's own events."""
        return (*COUNTED, *(trait.key for trait in self.traits))


def computed_names(settings: TraitSettings) -> dict[str, str]:
    """Every attribute that is computed, by the name that conditions know it by, with its JSON type."""
    names = {name: kind for name, kind in TYPES.items() if kind != "object"}
    names |= {f"{name}.{settings.orders.currency}": "number" for name in ("order_total", "order_mean")}
    names |= {trait.key: "" if trait.measure in OF_ANY_TYPE else "number" for trait in settings.traits}
    return {NAMESPACE: "object"} | {f"{NAMESPACE}.{name}": kind for name, kind in names.items()}

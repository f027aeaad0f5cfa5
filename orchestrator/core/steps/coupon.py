"""coupon: takes one code from a pool, exactly once for each visit."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Transition
from orchestrator.core.coupons.facts import coupon_fact
from orchestrator.core.coupons.pool import POOL_KEY
from orchestrator.core.events.run_events import Committed
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import NEXT, Answer, ExitPort, Outcome, Port, Request, Step, StepContext
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.steps.references import Reference
from orchestrator.core.text import Frozen, Named, Text


class CouponSettings(Frozen):
    """From which pool, and under which name messages find it."""

    pool: str = Field(
        pattern=POOL_KEY,
        json_schema_extra=labelled(
            Text("Coupon pool"),
            editor="coupon_pool",
            help=Text("Upload or generate codes under Coupons."),
        ),
    )
    variable: str = Field(
        "coupon",
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="Messages say {{ var.coupon.code }}, {{ var.coupon.valid_until|date }}, {{ var.coupon.worth }}.",
        json_schema_extra=labelled(
            Text("Name in messages"),
            advanced=True,
            help=Text("With the name “coupon”, use {{ var.coupon.code }} in messages."),
        ),
    )
    once: bool = Field(
        False,
        description="One code of the pool for each customer, over all journeys and runs.",
        json_schema_extra=labelled(
            Text("Once per customer"),
            help=Text("Customers who already got a code from this pool, in any journey, take “Already has a code”."),
        ),
    )


class Coupon(Step):
    """The code is taken in the run's commit, known by this very visit: a commit carried out again finds the same
    code. It is never given back, for it may have been seen."""

    kind: Literal["coupon"] = "coupon"
    settings: CouponSettings

    TITLE: ClassVar[Text] = Text("Coupon")
    MEANING: ClassVar[Text] = Text("Issues a code from a coupon pool.")
    HELP: ClassVar[Text] = Text(
        "Use it before a message that promises a coupon. Each customer gets their own code, shown in the "
        "message with {{ var.coupon.code }}. When the pool runs out, customers take “No code left”: connect "
        "it to a message without a coupon. Example: a welcome coupon, valid for 7 days."
    )
    FAMILY: ClassVar = "action"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"pool": ""}
    ICON: ClassVar[str] = "ticket-percent"
    EMPTY: ClassVar[Port] = Port("empty", Text("No code left"))
    HAD: ClassVar[Port] = Port("had", Text("Already has a code"))
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (NEXT, EMPTY)

    def ports(self) -> tuple[Port, ...]:
        return (NEXT, self.EMPTY, self.HAD) if self.settings.once else (NEXT, self.EMPTY)

    @classmethod
    def rough_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        return (NEXT, cls.EMPTY, cls.HAD) if settings.get("once") is True else (NEXT, cls.EMPTY)

    def sets(self) -> tuple[str, ...]:
        return (self.settings.variable,)

    def fills(self, port: str) -> tuple[str, ...]:
        return self.sets() if port == NEXT.name else ()

    def says(self) -> tuple[tuple[str, Text], ...]:
        name = f"var.{self.settings.variable}"
        return (
            (f"{name}.code", Text("Coupon code")),
            (f"{name}.valid_until | date", Text("Coupon valid until")),
            (f"{name}.worth", Text("Coupon benefit")),
        )

    def summary(self) -> Text:
        pool = Named("coupon_pool", self.settings.pool)
        if self.settings.once:
            return Text("A code of {pool}, once per customer", pool=pool)
        return Text("A code of {pool}", pool=pool)

    def references(self) -> Iterator[Reference]:
        yield Reference("coupon_pool", self.settings.pool, "settings.pool")

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        pool, code = Named("coupon_pool", self.settings.pool), left.note.get("code")
        if code is not None:
            return Text("Got code {code} from the pool “{pool}”", code=code, pool=pool)
        if left.port == self.HAD.name:
            return self.through(left.port, Text("already has a code from this pool"))
        return self.through(left.port, Text("the pool “{pool}” had no code", pool=pool))

    def enter(self, context: StepContext) -> Outcome:
        return Request(facts=(coupon_fact(self.settings.pool, context.id_for("coupon"), self.settings.once),))

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        if not isinstance(answer, Committed):
            return None
        taken = answer.facts[0]
        if taken is None:
            return ExitPort("empty")
        if taken.get("had"):
            return ExitPort("had")
        return ExitPort("next", {"code": taken["code"]}, {self.settings.variable: taken})

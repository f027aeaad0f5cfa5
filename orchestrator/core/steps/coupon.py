"""coupon: takes one code from a pool, exactly once for each visit."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.coupons.facts import coupon_fact
from orchestrator.core.coupons.pool import POOL_KEY
from orchestrator.core.events.run_events import Committed
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import NEXT, Answer, ExitPort, Outcome, Port, Request, Step, StepContext
from orchestrator.core.steps.references import Reference
from orchestrator.core.text import Frozen, Text


class CouponSettings(Frozen):
    """From which pool, and under which name messages find it."""

    pool: str = Field(
        pattern=POOL_KEY,
        json_schema_extra=labelled(
            "Coupon pool",
            "쿠폰 풀",
            editor="coupon_pool",
            help=("Codes are uploaded or made under Coupons.", "코드는 쿠폰 메뉴에서 올리거나 만듭니다."),
        ),
    )
    variable: str = Field(
        "coupon",
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="Messages say {{ var.coupon.code }}, {{ var.coupon.valid_until|date }}, {{ var.coupon.worth }}.",
        json_schema_extra=labelled(
            "Name in messages",
            "메시지에서 쓸 이름",
            advanced=True,
            help=(
                "With the name “coupon”, messages say {{ var.coupon.code }}.",
                "이름이 coupon이면 메시지에 {{ var.coupon.code }}로 씁니다.",
            ),
        ),
    )
    once: bool = Field(
        False,
        description="One code of the pool for each customer, over all journeys and runs.",
        json_schema_extra=labelled(
            "Once per customer",
            "고객당 한 번만",
            help=(
                "Who has had a code of this pool, in whatever journey, leaves by “Had one already”.",
                "다른 여정을 포함해 이 풀의 코드를 받은 적이 있는 고객은 “이미 받음”으로 갑니다.",
            ),
        ),
    )


class Coupon(Step):
    """The code is taken in the run's commit, known by this very visit: a commit carried out again finds the same
    code. It is never given back, for it may have been seen."""

    kind: Literal["coupon"] = "coupon"
    settings: CouponSettings

    TITLE: ClassVar[Text] = Text("Coupon", "쿠폰")
    MEANING: ClassVar[Text] = Text("Takes one code from a coupon pool.", "쿠폰 풀에서 코드를 하나 발급합니다.")
    HELP: ClassVar[Text] = Text(
        "Use it before a message that promises a coupon. Each customer who comes here gets a code of their own, and "
        "the message says it with {{ var.coupon.code }}. When the pool has no code left, “No code left” is taken: lead "
        "it to a message without a coupon. Example: a welcome coupon, good for 7 days.",
        "쿠폰을 약속하는 메시지 앞에 둡니다. 이 단계에 온 고객마다 서로 다른 코드를 발급하고, 메시지에서는 "
        "{{ var.coupon.code }}로 보여 줍니다. 코드가 다 떨어지면 “코드 없음”으로 가니 쿠폰 없는 메시지로 이어 주세요. "
        "예: 7일 동안 쓸 수 있는 환영 쿠폰.",
    )
    FAMILY: ClassVar = "action"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"pool": ""}
    ICON: ClassVar[str] = "ticket-percent"
    EMPTY: ClassVar[Port] = Port("empty", Text("No code left", "코드 없음"))
    HAD: ClassVar[Port] = Port("had", Text("Had one already", "이미 받음"))
    OWN_PORTS: ClassVar[tuple[Port, ...]] = (NEXT, EMPTY)

    def ports(self) -> tuple[Port, ...]:
        return (NEXT, self.EMPTY, self.HAD) if self.settings.once else (NEXT, self.EMPTY)

    @classmethod
    def rough_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        return (NEXT, cls.EMPTY, cls.HAD) if settings.get("once") is True else (NEXT, cls.EMPTY)

    def sets(self) -> tuple[str, ...]:
        return (self.settings.variable,)

    def says(self) -> tuple[tuple[str, Text], ...]:
        name = f"var.{self.settings.variable}"
        return (
            (f"{name}.code", Text("Coupon code", "쿠폰 번호")),
            (f"{name}.valid_until | date", Text("Coupon good until", "쿠폰 사용 기한")),
            (f"{name}.worth", Text("What the coupon is worth", "쿠폰 혜택")),
        )

    def summary(self) -> Text:
        pool = self.settings.pool
        if self.settings.once:
            return Text(f"A code of {pool}, once per customer", f"{pool} 코드 발급, 고객당 한 번")
        return Text(f"A code of {pool}", f"{pool} 코드 발급")

    def references(self) -> Iterator[Reference]:
        yield Reference("coupon_pool", self.settings.pool, "settings.pool")

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

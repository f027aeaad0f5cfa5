"""update customer: set, increment or remove attributes; tags; consent."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core import commands
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import ExitPort, Outcome, Step, StepContext
from orchestrator.core.text import Frozen, Text
from orchestrator.core.values import Ref, Scalar

Operation = Literal["set", "increment", "remove", "add_tag", "remove_tag", "grant", "withdraw"]


OPERATION_TITLES: dict[str, Text] = {
    "set": Text("Set attribute", "속성 설정"),
    "increment": Text("Add to attribute", "속성 더하기"),
    "remove": Text("Remove attribute", "속성 삭제"),
    "add_tag": Text("Add tag", "태그 추가"),
    "remove_tag": Text("Remove tag", "태그 삭제"),
    "grant": Text("Record consent", "수신 동의 처리"),
    "withdraw": Text("Withdraw consent", "수신 동의 철회"),
}


class CustomerChange(Frozen):
    """One change. ``name``: of the attribute or tag; of a consent, its channel (``email``, ``email:night``)."""

    op: Operation = Field("set", json_schema_extra=labelled("What to do", "변경", options=OPERATION_TITLES))
    name: str = Field(
        min_length=1,
        max_length=200,
        json_schema_extra=labelled(
            "Name",
            "이름",
            editor="attribute_name",
            help=(
                "Of the attribute or tag; of a consent, its channel (email, email:night).",
                "속성이나 태그의 이름, 수신 동의라면 채널(email, email:night)입니다.",
            ),
        ),
    )
    value: Scalar | Ref | None = Field(None, json_schema_extra=labelled("Value", "값", editor="value"))


class UpdateCustomerSettings(Frozen):
    """The changes, applied in order, each once."""

    changes: tuple[CustomerChange, ...] = Field(
        min_length=1,
        max_length=100,
        json_schema_extra=labelled(
            "Changes", "변경 내용", item=("Change", "변경"), new={"op": "set", "name": "", "value": ""}
        ),
    )


class UpdateCustomer(Step):
    """What follows in the journey sees the customer as changed."""

    kind: Literal["update_customer"] = "update_customer"
    settings: UpdateCustomerSettings

    TITLE: ClassVar[Text] = Text("Update customer", "고객 정보 변경")
    MEANING: ClassVar[Text] = Text("Changes attributes, tags or consent.", "속성, 태그, 수신 동의를 바꿉니다.")
    HELP: ClassVar[Text] = Text(
        "Use it to write something onto the customer: an attribute, a tag, or a consent. The changes are made in "
        "order, and the steps that follow see them. Example: add the tag “vip” after the tenth order.",
        "속성, 태그, 수신 동의 등 고객 정보를 바꿀 때 씁니다. 위에서부터 차례로 적용되며 다음 단계부터 바뀐 정보를 "
        "봅니다. 예: 열 번째 주문 뒤 “vip” 태그 추가.",
    )
    FAMILY: ClassVar = "action"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"changes": [{"op": "add_tag", "name": ""}]}
    ICON: ClassVar[str] = "user-pen"

    def summary(self) -> Text:
        line = ", ".join(f"{change.op} {change.name}" for change in self.settings.changes)
        return Text(line, line)

    def emits(self) -> Mapping[str, frozenset[str] | None]:
        return {CUSTOMER_UPDATED: None}

    def writes(self) -> tuple[str, ...]:
        return tuple(change.name for change in self.settings.changes)

    def enter(self, context: StepContext) -> Outcome:
        return ExitPort(
            changes=tuple(
                commands.Change(context.id_for(f"change-{n}"), change.op, change.name, context.value(change.value))
                for n, change in enumerate(self.settings.changes)
            )
        )

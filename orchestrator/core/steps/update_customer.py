"""update customer: set, increment or remove attributes; tags; consent."""

from typing import ClassVar, Literal

from pydantic import Field

from orchestrator.core import commands
from orchestrator.core.conditions import Ref, Scalar
from orchestrator.core.steps.contract import Leave, Moment, Outcome, Step
from orchestrator.core.text import Frozen, Text

Operation = Literal["set", "increment", "remove", "add_tag", "remove_tag", "grant", "withdraw"]


class CustomerChange(Frozen):
    """One change. ``name``: of the attribute or tag; of a consent, its channel (``email``, ``email:night``)."""

    op: Operation = "set"
    name: str = Field(min_length=1, max_length=200)
    value: Scalar | Ref | None = None


class UpdateCustomerSettings(Frozen):
    """The changes, applied in order, each once."""

    changes: tuple[CustomerChange, ...] = Field(min_length=1)


class UpdateCustomer(Step):
    """What follows in the journey sees the customer as changed."""

    kind: Literal["update_customer"] = "update_customer"
    settings: UpdateCustomerSettings

    TITLE: ClassVar[Text] = Text("Update customer", "고객 정보 변경")
    MEANING: ClassVar[Text] = Text("Changes attributes, tags or consent.", "속성, 태그, 수신 동의를 바꿉니다.")
    FAMILY: ClassVar = "action"
    ICON: ClassVar[str] = "user-pen"

    def summary(self) -> Text:
        line = ", ".join(f"{change.op} {change.name}" for change in self.settings.changes)
        return Text(line, line)

    def enter(self, at: Moment) -> Outcome:
        return Leave(
            changes=tuple(
                commands.Change(at.id_for(f"change-{n}"), change.op, change.name, at.value(change.value))
                for n, change in enumerate(self.settings.changes)
            )
        )

"""update customer: set, increment or remove attributes; tags; consent."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core import commands
from orchestrator.core.commands import Transition
from orchestrator.core.conditions.explain import in_words
from orchestrator.core.events.system_events import CONSENT_CHANGED, CUSTOMER_UPDATED
from orchestrator.core.labels import labelled
from orchestrator.core.steps.contract import ExitPort, Outcome, Step, StepContext
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.steps.references import EmittedEvent
from orchestrator.core.text import Frozen, Text, joined
from orchestrator.core.values import Comparable, Ref, Scalar

Operation = Literal["set", "increment", "remove", "add_tag", "remove_tag", "grant", "withdraw"]


OPERATION_TITLES: dict[str, Text] = {
    "set": Text("Set attribute"),
    "increment": Text("Increase attribute"),
    "remove": Text("Remove attribute"),
    "add_tag": Text("Add tag"),
    "remove_tag": Text("Remove tag"),
    "grant": Text("Record consent"),
    "withdraw": Text("Withdraw consent"),
}


_CHANGES = {
    "set": Text("Set {name} to {value}"),
    "increment": Text("Added {value} to {name}"),
    "remove": Text("Removed {name}"),
    "add_tag": Text("Added the tag {name}"),
    "remove_tag": Text("Removed the tag {name}"),
    "grant": Text("Recorded consent: {name}"),
    "withdraw": Text("Recorded consent withdrawal: {name}"),
}


_PLANNED = {
    "set": Text("Set {name}"),
    "increment": Text("Increase {name}"),
    "remove": Text("Remove {name}"),
    "add_tag": Text("Add the tag {name}"),
    "remove_tag": Text("Remove the tag {name}"),
    "grant": Text("Record consent: {name}"),
    "withdraw": Text("Record consent withdrawal: {name}"),
}


class CustomerChange(Frozen):
    """One change. ``name``: of the attribute or tag; of a consent, its channel (``email``, ``email:night``)."""

    op: Operation = Field("set", json_schema_extra=labelled(Text("What to do"), options=OPERATION_TITLES))
    name: Comparable = Field(
        min_length=1,
        max_length=200,
        json_schema_extra=labelled(
            Text("Name"),
            editor="attribute_name",
            help=Text("Of the attribute or tag; of a consent, its channel (email, email:night)."),
        ),
    )
    value: Scalar | Ref | None = Field(None, json_schema_extra=labelled(Text("Value"), editor="value"))


class UpdateCustomerSettings(Frozen):
    """The changes, applied in order, each once."""

    changes: tuple[CustomerChange, ...] = Field(
        min_length=1,
        max_length=100,
        json_schema_extra=labelled(Text("Changes"), item=Text("Change"), new={"op": "set", "name": "", "value": ""}),
    )


class UpdateCustomer(Step):
    """What follows in the journey sees the customer as changed."""

    kind: Literal["update_customer"] = "update_customer"
    settings: UpdateCustomerSettings

    TITLE: ClassVar[Text] = Text("Update customer")
    MEANING: ClassVar[Text] = Text("Changes attributes, tags or consent.")
    HELP: ClassVar[Text] = Text(
        "Use it to change the customer's data: an attribute, a tag, or a consent. Changes are made in order, "
        "and later steps see them. Example: add the tag “vip” after the tenth order. A consent recorded here "
        "never overrides the customer's own refusal."
    )
    FAMILY: ClassVar = "action"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"changes": [{"op": "add_tag", "name": ""}]}
    ICON: ClassVar[str] = "user-pen"

    def summary(self) -> Text:
        return joined(_PLANNED[change.op].format(name=change.name) for change in self.settings.changes)

    def emits(self) -> Mapping[str, frozenset[str] | None]:
        return {CUSTOMER_UPDATED: None}

    def emitted(self) -> tuple[EmittedEvent, ...]:
        changes = self.settings.changes
        updated = EmittedEvent(CUSTOMER_UPDATED, {one.name: one.value for one in changes if one.op == "set"})
        if not any(one.op in ("grant", "withdraw") for one in changes):
            return (updated,)
        return (updated, EmittedEvent(CONSENT_CHANGED, guarded=True))

    def writes(self) -> tuple[str, ...]:
        return tuple(change.name for change in self.settings.changes)

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        return joined(
            _CHANGES[change.op].format(name=change.name, value=in_words(narration.scope.value(change.value)))
            for change in self.settings.changes
        )

    def enter(self, context: StepContext) -> Outcome:
        return ExitPort(
            changes=tuple(
                commands.Change(context.id_for(f"change-{n}"), change.op, change.name, context.value(change.value))
                for n, change in enumerate(self.settings.changes)
            )
        )

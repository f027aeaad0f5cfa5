"""What the compiler can find wrong: code, severity, and the words for it in both languages."""

# ruff: noqa: E501 - a table of sentences, one a line

from dataclasses import dataclass, replace
from dataclasses import field as default
from typing import Any, Literal

from orchestrator.core.text import Names, Text

Severity = Literal["error", "warning"]

PROBLEMS: dict[str, tuple[Severity, Text]] = {
    "invalid_value": (
        "error",
        Text("{label}: {message}. Correct the value."),
    ),
    "empty_value": (
        "error",
        Text("“{label}” is still empty. Fill it in."),
    ),
    "unknown_field": (
        "error",
        Text("There is no field “{field}” here. Correct its name or remove it."),
    ),
    "missing_field": (
        "error",
        Text("“{label}” is missing. Add it."),
    ),
    "unknown_kind": (
        "error",
        Text("There is no step kind “{kind}”. Use one of: {kinds}."),
    ),
    "duplicate_id": (
        "error",
        Text("Two {what}s are called “{id}”. Rename one of them."),
    ),
    "reserved_id": (
        "error",
        Text("“{id}” names the entry. Give this step another id."),
    ),
    "unknown_step": (
        "error",
        Text("An edge leads from or to “{id}”, which does not exist. Remove it or add the step."),
    ),
    "unknown_port": (
        "error",
        Text("This step has no port “{port}”. It has: {ports}."),
    ),
    "duplicate_edge": (
        "error",
        Text("Two edges leave port “{port}”. Keep one."),
    ),
    "missing_edge": (
        "error",
        Text("“{port}” leads nowhere yet. Add a step after it, or connect it to one."),
    ),
    "no_entry_edge": (
        "error",
        Text("The entry leads nowhere yet. Add the first step, or connect it to one."),
    ),
    "unreachable_step": (
        "error",
        Text("No customer can get to this step. Connect it or delete it."),
    ),
    "loop_without_wait": (
        "error",
        Text("The loop {loop} never waits: a customer would run round it without end. Add a delay or a wait."),
    ),
    "endless_chain": (
        "error",
        Text("These journeys set each other off without end: {loop}. Let one of them wait at least an hour on the way, or let customers enter it only once."),
    ),
    "possible_chain": (
        "warning",
        Text("These journeys may set each other off again and again: {loop}. Make sure that a condition ends it; after a few rounds within an hour further entries are refused."),
    ),
    "no_exit": (
        "error",
        Text("No path ends and no exit rule is set: nobody could ever leave. Add an exit."),
    ),
    "stage_missing": (
        "error",
        Text("This step lies in no lifecycle stage. Move it into a lane."),
    ),
    "stage_set_by_others": (
        "warning",
        Text("{journeys} sets the lifecycle stage too: a customer in both is in the stage that was written last. Turn it off in one of them."),
    ),
    "weights_zero": (
        "error",
        Text("The weights add up to 0. Give at least one arm a weight."),
    ),
    "too_many_controls": (
        "error",
        Text("{count} arms are marked as the control. Mark one."),
    ),
    "no_control": (
        "warning",
        Text("No arm is marked as the control, so lift cannot be told. Mark one."),
    ),
    "exit_shape": (
        "error",
        Text("Exit rule “{id}” needs either an event or a condition, and only one of them."),
    ),
    "filter_never_matches": (
        "error",
        Text("“{place}” can never hold: {condition}. Correct the condition."),
    ),
    "empty_condition": (
        "warning",
        Text("“{place}” asks nothing, so it always holds. Add a condition."),
    ),
    "filter_asks_customer": (
        "error",
        Text("“{place}” may look at the event's properties only. Ask about the customer in a branch step."),
    ),
    "wait_without_end": (
        "error",
        Text("Neither time nor any event can change this condition: who does not meet it at once waits for ever. Add a window, or use a branch."),
    ),
    "same_goods_without_sale": (
        "error",
        Text("A message that goes without consent to buyers of the same kind of goods has to ask for the sale: in “Send only if”, an event of theirs in the last 180 days. Add it, or turn the exception off."),
    ),
    "sample_text": (
        "warning",
        Text("The {language} text is still the sample. Write your own, or remove that language."),
    ),
    "template_syntax": (
        "error",
        Text("“{part}” ({locale}) cannot be read. {message}. Correct it."),
    ),
    "unknown_event": (
        "warning",
        Text("No event called “{name}” has been seen yet. Check the spelling."),
    ),
    "unknown_property": (
        "warning",
        Text("Event “{event}” has not been seen with a property “{name}”. Check the spelling."),
    ),
    "unknown_attribute": (
        "warning",
        Text("No customer has an attribute “{name}” yet. Check the spelling."),
    ),
    "unknown_variable": (
        "error",
        Text("“{name}” in “{part}” means nothing here. Use customer.…, entry.…, event.… or var.…"),
    ),
    "undeclared_variable": (
        "error",
        Text("“var.{name}” is not among the journey's variables. Declare it."),
    ),
    "variable_sometimes_unset": (
        "warning",
        Text("Not every way here passes “{steps}” and gets “var.{name}” there; without a value the message is not sent. Lead the others elsewhere."),
    ),
    "variable_never_set": (
        "error",
        Text("No way here gets “var.{name}” from “{steps}”: it never has a value here. Use it only behind the way on which it is given."),
    ),
    "approved_text_needed": (
        "error",
        Text("{channel} carries only texts that have been approved. Choose a template with an approved text and its code."),
    ),
    "unknown_survey": (
        "error",
        Text("There is no survey “{name}”. Choose another, or write it under Surveys first."),
    ),
    "survey_groups_differ": (
        "error",
        Text("The ways of this step are not the answer groups of the survey “{name}”: {groups}. Choose the survey again."),
    ),
    "unknown_secret": (
        "error",
        Text("There is no secret “{name}” in this workspace. Make it under Settings › Secrets, or correct the name."),
    ),
    "literal_secret": (
        "warning",
        Text("A secret is written out here, and stays in every copy of the journey. Make it a secret of the workspace (Settings › Secrets) and write {example} in its place."),
    ),
    "secret_to_enter": (
        "error",
        Text("The secret here was hidden when the journey was exported, by another installation or for another address. Enter it again, or better write {example}."),
    ),
    "unknown_journey": (
        "warning",
        Text("There is no journey “{name}”. Publish it first, or correct the key."),
    ),
    "no_words": (
        "error",
        Text("This message has no words. Write them here, or choose a template."),
    ),
    "words_and_template": (
        "error",
        Text("This message has words of its own and a template. Keep one of the two."),
    ),
    "unknown_message_template": (
        "error",
        Text("There is no template “{name}”. Choose another, or make it first."),
    ),
    "template_archived": (
        "error",
        Text("Template “{name}” is archived and is not sent. Choose another, or bring it back."),
    ),
    "template_not_in_use": (
        "error",
        Text("Template “{name}” was never put into use. Open it and put it into use first."),
    ),
    "template_lacks_channel": (
        "error",
        Text("Template “{name}” has no words for {channel}. Add them to the template, or choose another channel."),
    ),
    "template_is_advertising": (
        "warning",
        Text("Template “{name}” is advertising, so this message counts as advertising too."),
    ),
    "unknown_coupons": (
        "warning",
        Text("There is no coupon pool “{name}” yet: everybody would leave through “No code left”. Make the pool, or choose another."),
    ),
    "coupons_archived": (
        "warning",
        Text("The coupon pool “{name}” was archived and gives no codes. Choose another."),
    ),
    "coupons_over": (
        "warning",
        Text("The last day of the coupon pool “{name}” has gone by: it gives no codes. Choose another, or move the day."),
    ),
    "coupons_gone": (
        "warning",
        Text("The coupon pool “{name}” has no code left. Add codes."),
    ),
    "coupons_low": (
        "warning",
        Text("The coupon pool “{name}” runs low. Add codes."),
    ),
}  # fmt: skip
"""Every code, with its severity and words. ``docs/problems.md`` explains each (a test holds it to that)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a journey."""

    code: str
    step: str | None = None
    parameters: dict[str, Any] = default(default_factory=dict)
    """What the words need; a :class:`Text` among them is said in the language of the rest."""
    field: str | None = default(default=None, compare=False)
    """The place, dotted: within the step, if it is a step's problem, else within the file."""

    @property
    def kind(self) -> tuple[Severity, Text]:
        """What its code stands for."""
        return PROBLEMS[self.code]

    @property
    def severity(self) -> Severity:
        return self.kind[0]

    @property
    def text(self) -> Text:
        return self.kind[1].format(**self.parameters)

    def naming(self, names: Names) -> "Problem":
        """The same, with the workspace's things called by their names."""
        told = {name: one.naming(names) for name, one in self.parameters.items() if isinstance(one, Text)}
        return replace(self, parameters={**self.parameters, **told}) if told else self

    def as_json(self) -> dict[str, Any]:
        """As the API answers it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "step": self.step,
            "field": self.field,
            "parameters": {
                name: one.by_locale() if isinstance(one, Text) else one for name, one in self.parameters.items()
            },
            "text": self.text.by_locale(),
        }

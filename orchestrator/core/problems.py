"""What the compiler can find wrong: code, severity, and the words for it in both languages."""

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
        Text("The {what} id “{id}” is used twice. Change one of them."),
    ),
    "reserved_id": (
        "error",
        Text("“{id}” is reserved for the entry. Give this step another id."),
    ),
    "unknown_step": (
        "error",
        Text("A line connects to a step that does not exist (“{id}”). Remove the line or add the step."),
    ),
    "unknown_port": (
        "error",
        Text("This step has no path “{port}”. It has: {ports}."),
    ),
    "duplicate_edge": (
        "error",
        Text("Two lines leave the path “{port}”. Keep one."),
    ),
    "missing_edge": (
        "error",
        Text("“{port}” is not connected yet. Add a step after it, or connect it to one."),
    ),
    "no_entry_edge": (
        "error",
        Text("The entry is not connected yet. Add a first step, or connect it to one."),
    ),
    "unreachable_step": (
        "error",
        Text("No customer can reach this step. Connect it or delete it."),
    ),
    "loop_without_wait": (
        "error",
        Text("The loop {loop} has no wait, so a customer would go around forever. Add a delay or a wait."),
    ),
    "endless_chain": (
        "error",
        Text("These journeys start each other endlessly: {loop}. Add a wait of at least an hour to one of them, or"
             " let customers enter it only once."),
    ),
    "possible_chain": (
        "warning",
        Text("These journeys may keep starting each other: {loop}. Make sure that a condition ends it; after a few"
             " rounds within an hour, further entries are refused."),
    ),
    "no_exit": (
        "error",
        Text("No path ends and there is no exit rule, so nobody could ever leave. Add an exit step."),
    ),
    "stage_missing": (
        "error",
        Text("This step has no lifecycle stage. Move it into a lane."),
    ),
    "stage_set_by_others": (
        "warning",
        Text("{journeys} sets the lifecycle stage too, so customers in both get whichever was set last. Turn it "
             "off in one of them."),
    ),
    "weights_zero": (
        "error",
        Text("The weights add up to 0. Give at least one variant a weight."),
    ),
    "too_many_controls": (
        "error",
        Text("{count} variants are set as the control. Keep one."),
    ),
    "no_control": (
        "warning",
        Text("No variant is set as the control, so lift cannot be measured. Choose one."),
    ),
    "exit_shape": (
        "error",
        Text("Exit rule “{id}” needs an event or a condition, not both."),
    ),
    "filter_never_matches": (
        "error",
        Text("“{place}” can never match: {condition}. Correct the condition."),
    ),
    "empty_condition": (
        "warning",
        Text("“{place}” is empty, so it always matches. Add a condition."),
    ),
    "filter_asks_customer": (
        "error",
        Text("“{place}” can only check the event's properties. Use a branch step for conditions on the customer."),
    ),
    "wait_without_end": (
        "error",
        Text("Neither time nor an event can change this condition, so customers who do not match right away wait "
             "forever. Set a time limit, or use a branch."),
    ),
    "same_goods_without_sale": (
        "error",
        Text("A message sent without consent to buyers of similar goods must check the purchase: under “Send only "
             "if”, add a purchase event in the last 180 days, or turn the exception off."),
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
    "schedule_for_everybody": (
        "warning",
        Text("A schedule without “Only customers who” lets every customer in each time. Say who is meant."),
    ),
    "computed_attribute": (
        "error",
        Text("“{name}” is counted by Sojourn and cannot be set. Choose another attribute."),
    ),
    "unknown_variable": (
        "error",
        Text("“{name}” in “{part}” is not a known variable. Use customer.…, entry.…, event.… or var.…"),
    ),
    "undeclared_variable": (
        "error",
        Text("“var.{name}” is not one of the journey's variables. Add it."),
    ),
    "variable_sometimes_unset": (
        "warning",
        Text("Not every path to this step gets “var.{name}” from “{steps}”. Without a value the message is not "
             "sent. Route the other paths elsewhere."),
    ),
    "variable_never_set": (
        "error",
        Text("No path to this step gets “var.{name}” from “{steps}”, so it never has a value here. Use it only "
             "after the path that sets it."),
    ),
    "approved_text_needed": (
        "error",
        Text("{channel} sends approved texts only. Choose a template with an approved text and its code."),
    ),
    "unknown_survey": (
        "error",
        Text("There is no survey “{name}”. Choose another, or create it under Surveys first."),
    ),
    "survey_groups_differ": (
        "error",
        Text("The paths of this step do not match the answer groups of the survey “{name}”: {groups}. Choose the "
             "survey again."),
    ),
    "unknown_secret": (
        "error",
        Text("There is no secret “{name}” in this workspace. Create it under Settings › Secrets, or correct the "
             "name."),
    ),
    "literal_secret": (
        "warning",
        Text("A secret is written in plain text here and would be in every copy of the journey. Save it under "
             "Settings › Secrets and write {example} instead."),
    ),
    "secret_to_enter": (
        "error",
        Text("This secret was hidden when the journey was exported, and cannot be restored here. Enter it again, "
             "or use {example}."),
    ),
    "unknown_journey": (
        "warning",
        Text("There is no journey “{name}”. Publish it first, or correct the key."),
    ),
    "no_words": (
        "error",
        Text("This message has no content. Write it here, or choose a template."),
    ),
    "words_and_template": (
        "error",
        Text("This message has its own content and a template. Keep one of the two."),
    ),
    "unknown_message_template": (
        "error",
        Text("There is no template “{name}”. Choose another, or create it first."),
    ),
    "template_archived": (
        "error",
        Text("Template “{name}” is archived and cannot be sent. Choose another, or restore it."),
    ),
    "template_not_in_use": (
        "error",
        Text("Template “{name}” has never been published. Open it and publish it first."),
    ),
    "template_lacks_channel": (
        "error",
        Text("Template “{name}” has no {channel} content. Add it to the template, or choose another channel."),
    ),
    "template_is_advertising": (
        "warning",
        Text("Template “{name}” is advertising, so this message counts as advertising too."),
    ),
    "unknown_segment": (
        "error",
        Text("There is no segment “{name}”, so nobody can be told to be in it or not. Choose another, or create it "
             "under Segments first."),
    ),
    "segment_archived": (
        "error",
        Text("The segment “{name}” is archived and has no members any more. Choose another, or restore it."),
    ),
    "segment_building": (
        "warning",
        Text("The members of the segment “{name}” are still being worked out. Until that is done, nobody counts as "
             "in it or outside of it."),
    ),
    "segment_failed": (
        "error",
        Text("The members of the segment “{name}” could not be worked out. Open the segment to see why."),
    ),
    "unknown_coupons": (
        "warning",
        Text("There is no coupon pool “{name}” yet, so everyone would take “No code left”. Create the pool, or "
             "choose another."),
    ),
    "coupons_archived": (
        "warning",
        Text("The coupon pool “{name}” is archived and issues no codes. Choose another."),
    ),
    "coupons_over": (
        "warning",
        Text("The coupon pool “{name}” has expired and issues no codes. Choose another, or extend it."),
    ),
    "coupons_gone": (
        "warning",
        Text("The coupon pool “{name}” has no code left. Add codes."),
    ),
    "coupons_low": (
        "warning",
        Text("The coupon pool “{name}” is running low. Add codes."),
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

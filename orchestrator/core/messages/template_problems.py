"""What can be wrong with a message template: code, severity, and the words for it in both languages."""

# ruff: noqa: E501 - a table of sentences, one a line

from orchestrator.core.problems import PROBLEMS, Problem, Severity
from orchestrator.core.text import Text

TEMPLATE_PROBLEMS: dict[str, tuple[Severity, Text]] = {
    "template_without_words": (
        "error",
        Text("This template has no content yet. Choose a channel and start writing."),
    ),
    "subject_missing": (
        "error",
        Text("{where}: an e-mail needs a subject. Write one."),
    ),
    "template_syntax": (
        "error",
        Text("{where}, “{label}”: {message}. Correct it."),
    ),
    "template_failed": (
        "warning",
        Text("{where}: it fails when its variables have no value, and would not be sent. Check its filters and "
             "calculations."),
    ),
    "unknown_variable": (
        "error",
        Text("{where}, “{label}”: “{name}” is not a known variable. Use customer.…, entry.…, event.…, var.… or "
             "links.…"),
    ),
    "unknown_attribute": (
        "warning",
        Text("{where}, “{label}”: no customer has an attribute “{name}” yet. Check the spelling."),
    ),
    "unknown_property": (
        "warning",
        Text("{where}, “{label}”: no event has been seen with a property “{name}”. Check the spelling."),
    ),
    "default_missing": (
        "warning",
        Text("There is no {language} text for when “{name}” has no value."),
    ),
    "rule_without_variable": (
        "warning",
        Text("There is a rule for “{name}”, but no text uses it. Remove the rule, or use the variable."),
    ),
    "too_long_for_channel": (
        "error",
        Text("{where}: {measured} {unit} even before variables are filled, and the channel carries {limit}. Shorten it."),
    ),
    "sms_becomes_lms": (
        "warning",
        Text("{where}: more than 90 bytes, so it goes out as a long message (LMS), which costs more."),
    ),
    "title_too_long": (
        "error",
        Text("{where}: the title of a long message holds {limit} bytes. Shorten it."),
    ),
    "letters_refused": (
        "error",
        Text("{where}: carriers reject these characters: {letters}. Remove them."),
    ),
    "class_not_carried": (
        "error",
        Text("{channel} allows informational messages only, and this template is advertising. Remove it, or use "
             "another channel."),
    ),
    "looks_like_advertising": (
        "warning",
        Text("{where}: “{word}” looks like advertising, and the template is informational. If it is, change the class."),
    ),
    "too_many_variables": (
        "error",
        Text("{where}: {count} variables, and an Alimtalk may have {limit}."),
    ),
    "variable_without_value": (
        "error",
        Text("{where}: nothing is set for “#{{{name}}}” of the approved text. Give it a value."),
    ),
    "value_without_variable": (
        "warning",
        Text("{where}: the approved text has no “#{{{name}}}”. Remove the value."),
    ),
    "too_many_buttons": (
        "error",
        Text("{where}: {count} buttons, and there may be {limit} here. Remove some."),
    ),
    "button_name_too_long": (
        "error",
        Text("{where}: button “{name}” has more than {limit} letters. Shorten it."),
    ),
    "button_without_link": (
        "error",
        Text("{where}: button “{name}” has no link. Add one."),
    ),
    "image_missing": (
        "error",
        Text("{where}: this bubble needs an image. Give its address, or choose a text bubble."),
    ),
    "coupon_title_form": (
        "error",
        Text("{where}: “{name}” is not an allowed coupon title. Use one of: {forms}."),
    ),
    "coupon_text_too_long": (
        "error",
        Text("{where}: the coupon's description has more than {limit} letters. Shorten it."),
    ),
    "part_missing": (
        "error",
        Text("{where}, “{label}”: it is empty, and this message needs it. Fill it in."),
    ),
    "part_too_long": (
        "error",
        Text("{where}, “{label}”: more than {limit} letters. Shorten it."),
    ),
    "part_breaks": (
        "error",
        Text("{where}, “{label}”: more line breaks than {limit}. Take some out."),
    ),
    "how_many": (
        "error",
        Text("{where}, “{label}”: there are {count}, and there must be {least} to {most}."),
    ),
    "number_form": (
        "error",
        Text("{where}, “{label}”: this is no number up to {limit}. Write digits only, such as 29000."),
    ),
    "discount_form": (
        "error",
        Text("{where}: a sale price goes with a discount, in % or in won. Fill in both, or neither."),
    ),
    "video_elsewhere": (
        "error",
        Text("{where}: Kakao plays videos of KakaoTV only. Give an address that starts with {home}"),
    ),
    "button_missing": (
        "error",
        Text("{where}, “{label}”: there must be at least one. Add one."),
    ),
    "button_kind_here": (
        "error",
        Text("{where}: button “{name}” is of a kind that this message does not have. Choose another kind."),
    ),
    "link_form": (
        "error",
        Text("{where}, “{label}”: a link must start with https://. Correct it."),
    ),
    "language_missing": (
        "warning",
        Text("{channel} has no {language} text, but other channels do: those customers get another language."),
    ),
    "sample_text": (
        "warning",
        Text("{where}: the text is still the sample. Write your own, or remove it."),
    ),
}  # fmt: skip
"""Every code of its own, with its severity and words. ``docs/templates.md`` explains each, by test."""


class TemplateProblem(Problem):
    """One thing that is wrong with a template; ``field`` is dotted, within its document."""

    __slots__ = ()

    @property
    def kind(self) -> tuple[Severity, Text]:
        return TEMPLATE_PROBLEMS.get(self.code) or PROBLEMS[self.code]

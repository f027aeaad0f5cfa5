"""The words of a form, declared beside the fields that they name.

They travel in the model's JSON Schema as ``x-`` keywords, which other readers of the schema ignore. So whoever draws
a form (the canvas, the documentation) needs to know nothing of a kind but its schema.

=============  =====================================================================================================
``x-label``    what the field, or the variant of a union, is called, by language
``x-help``     one sentence on what it does
``x-editor``   what kind of thing is edited, where the JSON type does not tell
``x-options``  the words for each allowed value
``x-item``     what one entry of a list is called
``x-new``      what a new entry of a list starts with
``x-advanced`` rarely needed: may be folded away
``x-when``     by the name of a field beside it, the values of that field with which this one is shown
=============  =====================================================================================================
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from orchestrator.core.text import Text

Editor = Literal[
    "attribute_name",
    "condition",
    "content",
    "coupon_pool",
    "currency",
    "date",
    "duration",
    "event_name",
    "journey_key",
    "local_text",
    "message_template",
    "picture",
    "port",
    "property_name",
    "secret",
    "segment",
    "step_id",
    "survey",
    "tags",
    "template",
    "time",
    "value",
    "value_map",
]


Words = Callable[[dict[str, Any]], None]
"""Adds words to a JSON Schema when it is made, in the languages that there are then."""


def labelled(
    label: Text,
    *,
    help: Text | None = None,
    editor: Editor | None = None,
    options: Mapping[Any, Text] | None = None,
    item: Text | None = None,
    new: Any = None,
    advanced: bool = False,
    when: Mapping[str, Sequence[str]] | None = None,
) -> Words:
    """A field's words: to be given as ``Field(json_schema_extra=labelled(…))``."""

    def add(schema: dict[str, Any]) -> None:
        schema["x-label"] = label.by_locale()
        if help is not None:
            schema["x-help"] = help.by_locale()
        if editor is not None:
            schema["x-editor"] = editor
        if options is not None:
            schema["x-options"] = {value: text.by_locale() for value, text in options.items()}
        if item is not None:
            schema["x-item"] = item.by_locale()
        if new is not None:
            schema["x-new"] = new
        if advanced:
            schema["x-advanced"] = True
        if when is not None:
            schema["x-when"] = {name: list(values) for name, values in when.items()}

    return add


def called(label: Text) -> ConfigDict:
    """A model's own name, for the choice between the variants of a union: to be given as ``model_config``."""
    return ConfigDict(json_schema_extra=labelled(label))


class _AsWritten(GenerateJsonSchema):
    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:
        """Keeps the order of declaration, which is a form's; what is rarely needed comes last."""
        _advanced_last(value)
        return value


def _advanced_last(node: Any) -> None:
    if isinstance(node, dict):
        fields = node.get("properties")
        if isinstance(fields, dict):
            node["properties"] = dict(sorted(fields.items(), key=lambda field: _is_advanced(field[1])))
        for member in node.values():
            _advanced_last(member)
    elif isinstance(node, list):
        for member in node:
            _advanced_last(member)


def _is_advanced(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("x-advanced") is True


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """A model's JSON Schema (draft 2020-12), as files spell it."""
    return model.model_json_schema(by_alias=True, schema_generator=_AsWritten)

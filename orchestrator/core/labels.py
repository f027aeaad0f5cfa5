"""The words of a form, declared beside the fields that they name.

They travel in the model's JSON Schema as ``x-`` keywords, which other readers of the schema ignore. So whoever draws
a form (the canvas, the documentation) needs to know nothing of a kind but its schema.

=============  =====================================================================================================
``x-label``    what the field, or the variant of a union, is called: ``{"en", "ko"}``
``x-help``     one sentence on what it does
``x-editor``   what kind of thing is edited, where the JSON type does not tell
``x-options``  the words for each allowed value
``x-item``     what one entry of a list is called
``x-new``      what a new entry of a list starts with
``x-advanced`` rarely needed: may be folded away
=============  =====================================================================================================
"""

from collections.abc import Mapping
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
    "port",
    "property_name",
    "step_id",
    "survey",
    "tags",
    "template",
    "time",
    "value",
    "value_map",
]


def labelled(
    en: str,
    ko: str,
    *,
    help: tuple[str, str] | None = None,
    editor: Editor | None = None,
    options: Mapping[Any, Text] | None = None,
    item: tuple[str, str] | None = None,
    new: Any = None,
    advanced: bool = False,
) -> dict[str, Any]:
    """A field's words: to be given as ``Field(json_schema_extra=labelled(…))``."""
    words = named(Text(en, ko))
    if help is not None:
        words["x-help"] = words_of(Text(*help))
    if editor is not None:
        words["x-editor"] = editor
    if options is not None:
        words["x-options"] = {value: words_of(text) for value, text in options.items()}
    if item is not None:
        words["x-item"] = words_of(Text(*item))
    if new is not None:
        words["x-new"] = new
    if advanced:
        words["x-advanced"] = True
    return words


def named(label: Text) -> dict[str, Any]:
    """The same, of what has a name already."""
    return {"x-label": words_of(label)}


def called(en: str, ko: str) -> ConfigDict:
    """A model's own name, for the choice between the variants of a union: to be given as ``model_config``."""
    return ConfigDict(json_schema_extra={"x-label": {"en": en, "ko": ko}})


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


def words_of(text: Text) -> dict[str, str]:
    """A text as JSON."""
    return {"en": text.en, "ko": text.ko}

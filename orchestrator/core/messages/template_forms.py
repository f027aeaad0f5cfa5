"""What an editor of templates must know of their shape: all of it taken from the models."""

from functools import cache
from typing import Any

from orchestrator.core.channels.channel import Channel
from orchestrator.core.channels.kinds.email import EmailWords
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.email.blocks import Theme
from orchestrator.core.email.samples import sample_of
from orchestrator.core.journey.step_types import self_contained_schema
from orchestrator.core.labels import schema_of
from orchestrator.core.messages.template_document import TemplateDocument, VariableRule

_SETTINGS = ("name", "class", "tags")
_FIRST = ("code", "bubble", "look", "subject", "preheader", "body")
"""The fields that one fills in first, in this order."""
ICONS = {
    "heading": "heading",
    "text": "text",
    "button": "rectangle-horizontal",
    "image": "image",
    "divider": "minus",
    "spacer": "move-vertical",
    "coupon": "ticket",
    "survey": "clipboard-list",
    "columns": "columns-2",
    "products": "shopping-bag",
    "social": "share-2",
    "footer": "panel-bottom",
}


@cache
def template_forms() -> dict[str, Any]:
    """The forms of a template's settings, of one variable's rule, of each channel, of an e-mail's blocks and theme."""
    whole = schema_of(TemplateDocument)
    properties = {name: whole["properties"][name] for name in _SETTINGS}
    settings = {"type": "object", "properties": properties, "required": ["name"]}
    return {
        "settings": self_contained_schema(settings, whole["$defs"]),
        "variable": schema_of(VariableRule),
        "channels": [_channel(channel) for channel in CHANNELS.values()],
        "blocks": _blocks(),
        "theme": _theme(),
    }


def with_brand(forms: dict[str, Any], brand: Theme | None) -> dict[str, Any]:
    """The same forms, in which a theme begins with the workspace's brand."""
    if brand is None or forms["theme"] is None:
        return forms
    own = brand.model_dump(mode="json")
    fields = {name: {**field, "default": own[name]} for name, field in forms["theme"]["properties"].items()}
    return {**forms, "theme": {**forms["theme"], "properties": fields}}


def _channel(channel: Channel) -> dict[str, Any]:
    schema = schema_of(channel.words)
    fields = {name: field for name, field in schema["properties"].items() if name not in ("blocks", "theme")}
    first = {name: fields[name] for name in _FIRST if name in fields}
    schema["properties"] = {**first, **fields}
    return {
        "channel": channel.name,
        "title": channel.title.by_locale(),
        "schema": self_contained_schema(schema, schema.get("$defs", {})),
        "defaults": {locale: dict(words) for locale, words in channel.new_words.items()},
    }


def _blocks() -> list[dict[str, Any]]:
    """The variants of an e-mail's block, each with the schema of its own form."""
    whole = schema_of(EmailWords)
    union = whole.get("properties", {}).get("blocks", {}).get("items", {})
    found = []
    for kind, reference in union.get("discriminator", {}).get("mapping", {}).items():
        schema = self_contained_schema({"$ref": reference}, whole["$defs"])
        schema["properties"] = {name: field for name, field in schema["properties"].items() if name != "kind"}
        found.append(
            {
                "kind": kind,
                "title": schema.get("x-label"),
                "icon": ICONS.get(kind, "square"),
                "schema": schema,
                "defaults": sample_of(kind),
            }
        )
    return found


def _theme() -> dict[str, Any] | None:
    whole = schema_of(EmailWords)
    node = whole.get("properties", {}).get("theme")
    if node is None:
        return None
    return self_contained_schema(next(one for one in node["anyOf"] if "$ref" in one), whole["$defs"])

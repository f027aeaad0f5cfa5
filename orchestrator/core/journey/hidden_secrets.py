"""Literal secrets of a journey file, exchanged: for what hides them when the file is shown, and back when it is saved.

Works on files as they are written, however unfinished.
"""

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.core.steps.webhook import Webhook
from orchestrator.core.templating.request_secrets import (
    change_body,
    change_url,
    is_literal_secret,
    is_secret_name,
    origin_of,
)

Exchange = Callable[[str, str], str]
"""Of the place that a secret is for (scheme and host; empty for a variable) and the secret as it stands: what is to
stand there."""

_KIND: str = Webhook.model_fields["kind"].default


def exchange_secrets(document: Mapping[str, Any], exchange: Exchange) -> dict[str, Any]:
    """The same file with something else in place of each literal secret; what has none is not copied."""
    found = dict(document)
    steps, variables = document.get("steps"), document.get("variables")
    if isinstance(steps, list | tuple):
        found["steps"] = [_step(one, exchange) if _is_request(one) else one for one in steps]
    if isinstance(variables, Mapping):
        found["variables"] = _members(variables, lambda secret: exchange("", secret))
    return found


def _is_request(node: Any) -> bool:
    return isinstance(node, Mapping) and node.get("kind") == _KIND and isinstance(node.get("settings"), Mapping)


def _step(node: Mapping[str, Any], exchange: Exchange) -> dict[str, Any]:
    settings = dict(node["settings"])
    url, body, headers, secret = (settings.get(name) for name in ("url", "body", "headers", "secret"))
    origin = origin_of(url) if isinstance(url, str) else ""

    def change(value: str) -> str:
        return exchange(origin, value)

    if isinstance(url, str):
        settings["url"] = change_url(url, change)
    if isinstance(body, str):
        settings["body"] = change_body(body, change)
    if isinstance(headers, Mapping):
        settings["headers"] = _members(headers, change)
    if isinstance(secret, str) and secret and not is_secret_name(secret):
        settings["secret"] = change(secret)  # a value where a name belongs
    return {**node, "settings": settings}


def _members(given: Mapping[Any, Any], change: Callable[[str], str]) -> dict[Any, Any]:
    return {
        name: change(value) if isinstance(value, str) and is_literal_secret(str(name), value) else value
        for name, value in given.items()
    }

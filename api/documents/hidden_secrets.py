"""Secrets that are written out in a journey file: hidden wherever the file leaves, filled in again when it comes back.

What stands in their place is sealed with the installation's secret key and bound to the host that the secret is for:
brought back unchanged it is the secret again; in another installation, or beside another host, it is not, and the
compiler asks for it (``secret_to_enter``).
"""

import secrets as random
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import Request

from api.http.lists import resources_of
from orchestrator.core.journey.hidden_secrets import exchange_secrets
from orchestrator.core.templating.request_secrets import SEALED
from orchestrator.store.secret_box import NotOurs, TextSeal

_own_key = random.token_hex(32)
"""Where no secret key is set, this process has one of its own."""


def hidden(request: Request, document: Mapping[str, Any]) -> dict[str, Any]:
    """The file without its secrets, for an answer. Of a large file it takes a while: not for the event loop."""
    seal = _seal_of(request)

    def hide(place: str, secret: str) -> str:
        return secret if secret.startswith(SEALED) else SEALED + seal.close(secret, place)

    return exchange_secrets(document, hide)


def revealed(request: Request, document: Mapping[str, Any]) -> dict[str, Any]:
    """The file with its secrets as they were, for what stores or reads it. Not for the event loop, either."""
    seal = _seal_of(request)

    def reveal(place: str, secret: str) -> str:
        try:
            return seal.open(secret.removeprefix(SEALED), place) if secret.startswith(SEALED) else secret
        except NotOurs:
            return secret

    return exchange_secrets(document, reveal)


def _seal_of(request: Request) -> TextSeal:
    return _seal(resources_of(request).settings.secret_key.get_secret_value() or _own_key)


@lru_cache(maxsize=4)
def _seal(secret_key: str) -> TextSeal:
    return TextSeal(secret_key, "secrets in journey files")

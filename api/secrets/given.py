"""What somebody gives for a secret: a name, a value, the hosts that it may be sent to."""

import re
from collections.abc import Iterable

from api.http.problems import ApiProblem
from orchestrator.core.templating.request_secrets import LEAST_SECRET, MOST_SECRET, is_secret_name
from orchestrator.store.secrets.named import WHSEC, new_value, signing_bytes

MOST_HOSTS = 20
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,30}|[0-9a-f:.]{2,45}")
_KEY_BYTES = range(24, 65)
"""Bytes that Standard Webhooks wants of a key."""


def name_given(name: str) -> str:
    """The name. Raises the problem ``invalid_parameter``."""
    if not is_secret_name(name):
        raise ApiProblem("invalid_parameter", "name", reason="a-z 0-9 _")
    return name


def value_given(value: str | None) -> str:
    """The value, or a new one where none is given. Raises the problem ``secret_value``, which does not tell it."""
    if not value:
        return new_value()
    value = value.strip()
    if not LEAST_SECRET <= len(value) <= MOST_SECRET or not (value.isascii() and value.isprintable()):
        raise ApiProblem("secret_value", "value", least=LEAST_SECRET, most=MOST_SECRET)
    try:
        key = signing_bytes(value)
    except ValueError:
        key = b""
    if value.startswith(WHSEC) and len(key) not in _KEY_BYTES:
        raise ApiProblem("secret_value", "value", least=LEAST_SECRET, most=MOST_SECRET)
    return value


def hosts_given(hosts: Iterable[str]) -> list[str]:
    """The hosts, in lower case, each once. Raises the problem ``invalid_parameter``."""
    found = list(dict.fromkeys(host.strip().lower().strip("[]") for host in hosts if host.strip()))
    if len(found) > MOST_HOSTS or not all(_HOST.fullmatch(host) for host in found):
        raise ApiProblem("invalid_parameter", "hosts", reason=f"api.example.com, ≤ {MOST_HOSTS}")
    return found

"""Reserved traits: those that say how, in which language and with whose consent a customer can be reached."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import phonenumbers

from api.http.problems import ApiProblem
from api.intake.consent_traits import read_consents
from orchestrator.core.channels.email_address import read_email
from orchestrator.core.customers.traits import Traits
from orchestrator.core.timing import known_zones
from orchestrator.core.traits.definition import is_computed

PHONE_REGION = "KR"
"""Whose numbers are meant by numbers without a country code."""

_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_LONGEST_NAME, _SHOWN = 200, 60

_RESERVED = {
    "email": ("email", "invalid_email"),
    "phone": ("phone", "invalid_phone"),
    "locale": ("locale", "invalid_locale"),
    "language": ("locale", "invalid_locale"),
    "timezone": ("time_zone", "invalid_time_zone"),
}
"""By trait: the field of the profile, and the warning when the value is none."""


def read_traits(traits: Mapping[str, Any], at: datetime, path: str, warnings: list[ApiProblem]) -> Traits:
    """Traits as a change of a profile. A reserved trait that cannot be used stays an attribute, with a warning."""
    said = Traits(at)
    for name, value in traits.items():
        if name == "consents":
            read_consents(value, said, f"{path}.consents", warnings)
        elif name in _RESERVED:
            field, problem = _RESERVED[name]
            read = _READERS[field](value) if isinstance(value, str) and len(value) <= 320 else None
            if read is not None or value is None:
                said.contact[field] = read
            else:
                warnings.append(ApiProblem(problem, f"{path}.{name}"))
                said.attributes[name] = value
        elif is_computed(name):
            warnings.append(ApiProblem("computed_attribute", f"{path}.{name[:_SHOWN]}"))
        elif 0 < len(name) <= _LONGEST_NAME:
            said.attributes[name] = value
        else:  # stays in the event, and is no attribute: that is told
            warnings.append(ApiProblem("attribute_name", f"{path}.{name[:_SHOWN]}", limit=_LONGEST_NAME))
    return said


@lru_cache(maxsize=4096)
def _read_phone(value: str) -> str | None:
    """E.164."""
    try:
        number = phonenumbers.parse(value, PHONE_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _read_locale(value: str) -> str | None:
    """BCP 47; POSIX spelling (``ko_KR``) is common and means the same."""
    value = value.strip()
    return value.replace("_", "-") if _LOCALE.fullmatch(value) else None


def _read_time_zone(value: str) -> str | None:
    return value.strip() if value.strip() in known_zones() else None


_READERS: dict[str, Callable[[str], str | None]] = {
    "email": read_email,
    "phone": _read_phone,
    "locale": _read_locale,
    "time_zone": _read_time_zone,
}

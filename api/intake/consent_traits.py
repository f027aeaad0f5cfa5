"""What a call says of consents: statements, and acts of the customer that it proves.

``{"email": true}`` states how it stands. ``{"email": {"granted": true, "at": "2026-03-02T10:15:00+09:00", "evidence":
"double opt-in 8841"}}`` is the customer's own act: dated, with what proves it. Only an act gives back what they
themselves had refused.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from api.http.problems import ApiProblem
from orchestrator.core.customers.consent_record import ConsentAct
from orchestrator.core.customers.traits import Traits

_CONSENT = re.compile(r"[a-z][a-z0-9_]{0,39}(:night)?")
_PARTS = frozenset({"granted", "at", "evidence"})
_MOST_EVIDENCE = 2_000
"""Bytes of JSON."""
_YEARS = range(1900, 9900)


def read_consents(value: Any, said: Traits, path: str, warnings: list[ApiProblem]) -> None:
    """Add to ``said`` what the trait ``consents`` says. What is not said beyond doubt is not applied, with a warning;
    an act without a date or without evidence counts as a statement, with a warning."""
    if not isinstance(value, dict):
        warnings.append(ApiProblem("invalid_consent", path))
        return
    for name, word in value.items():
        place = f"{path}.{name[:60]}"
        granted = word.get("granted") if isinstance(word, dict) else word
        if not isinstance(granted, bool) or not _CONSENT.fullmatch(name):
            warnings.append(ApiProblem("invalid_consent", place))
        elif not isinstance(word, dict):
            said.consents[name] = granted
        elif (act := _read_act(granted, word, said.at)) is not None:
            said.acts[name] = act
        else:
            said.consents[name] = granted
            warnings.append(ApiProblem("unproven_consent", place))


def _read_act(granted: bool, word: Mapping[str, Any], told: datetime) -> ConsentAct | None:
    """None where it is not dated, or nothing proves it. Nobody acts later than the call that tells of it."""
    at, evidence = _read_instant(word.get("at")), word.get("evidence")
    if isinstance(evidence, str):
        evidence = {"evidence": evidence.strip()} if evidence.strip() else None
    if at is None or not isinstance(evidence, dict) or not evidence or not word.keys() <= _PARTS:
        return None
    try:
        known = orjson.dumps(evidence)
    except TypeError:  # nested too deep
        return None
    return ConsentAct(granted, min(at, told), evidence) if len(known) <= _MOST_EVIDENCE else None


def _read_instant(value: object) -> datetime | None:
    """An ISO 8601 time; one without an offset is taken as UTC, a date as its beginning."""
    try:
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year in _YEARS else None

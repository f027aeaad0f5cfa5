"""What people say about a customer (Segment calls it traits): how it changes a profile, and how two profiles merge."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from orchestrator.core.customers.consents import compare, dated

CONTACT = ("email", "phone", "locale", "time_zone")
"""Traits that are fields of a profile; all others are attributes."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What one call says. None takes a value away; a field that is not in ``contact`` is not spoken of."""

    at: datetime
    contact: dict[str, str | None] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    consents: dict[str, bool] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Traits of groups (companies, households) by group id; kept as attribute ``group``."""
    cause: str = ""
    """Message id of the call: the evidence of what it says about consents."""
    source: str = "intake"
    """Where the call came from, as the log of consents says it (``core.customers.consents.SOURCES``)."""
    history: bool = False
    """Of the past: what follows from it is offered to no journey."""

    def __bool__(self) -> bool:
        return bool(self.contact or self.attributes or self.consents or self.groups)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one customer."""

    contact: dict[str, str | None] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    consents: dict[str, Any] = field(default_factory=dict)
    consented_at: dict[str, Any] = field(default_factory=dict)
    """When each consent was given or last confirmed: ISO instants."""
    tags: tuple[str, ...] = ()
    at: datetime | None = None
    """When the newest traits in it were said."""


def with_traits(profile: Profile, traits: Traits) -> Profile:
    """The profile with a call's traits. Traits older than the newest known arrive late, and only fill gaps."""
    late = profile.at is not None and traits.at < profile.at
    consents = _laid_over(profile.consents, traits.consents, late)
    return replace(
        profile,
        contact=_laid_over(profile.contact, traits.contact, late),
        attributes=_with_groups(_laid_over(profile.attributes, traits.attributes, late), traits.groups, late),
        consents=consents,
        consented_at=dated(profile.consented_at, compare(profile.consents, consents), traits.at),
        at=profile.at if late else traits.at,
    )


def merged(known: Profile, other: Profile) -> Profile:
    """One profile of two that turned out to be one person: what ``known`` says wins, ``other`` fills its gaps."""
    return Profile(
        contact=_laid_over(known.contact, other.contact, True),
        attributes=_laid_over(known.attributes, other.attributes, True),
        consents=_laid_over(known.consents, other.consents, True),
        consented_at={
            **{name: at for name, at in other.consented_at.items() if name not in known.consents},
            **known.consented_at,
        },
        tags=tuple(dict.fromkeys((*known.tags, *other.tags))),
        at=max((at for at in (known.at, other.at) if at is not None), default=None),
    )


def _laid_over(base: dict[str, Any], top: dict[str, Any], fill: bool) -> dict[str, Any]:
    """``top`` over ``base`` (``fill``: under it); a None takes the name away."""
    if not top:
        return base
    present = {name: value for name, value in base.items() if value is not None}
    both = {**top, **present} if fill else {**present, **top}
    return {name: value for name, value in both.items() if value is not None}


def _with_groups(attributes: dict[str, Any], groups: dict[str, dict[str, Any]], late: bool) -> dict[str, Any]:
    if not groups:
        return attributes
    known = attributes.get("group")
    known = dict(known) if isinstance(known, dict) else {}
    for group, traits in groups.items():
        before = known.get(group)
        known[group] = _laid_over(before if isinstance(before, dict) else {}, traits, late)
    return {**attributes, "group": known}

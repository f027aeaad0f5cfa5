"""What people say about a customer (Segment calls it traits): how it changes a profile, and how two profiles merge.

Every name counts by itself: of an attribute, a field of the contact, a trait of a group, what was said last holds,
whenever it arrives, and that there is none any more (None) is said like any other value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from orchestrator.core.customers.consent_record import ConsentAct, Records, microseconds, united
from orchestrator.core.customers.consents import Consents, Heard, hear, resolved

CONTACT = ("email", "phone", "locale", "time_zone")
"""Traits that are fields of a profile; all others are attributes."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What one call says. None takes a value away; a field that is not in ``contact`` is not spoken of."""

    at: datetime
    contact: dict[str, str | None] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    consents: dict[str, bool] = field(default_factory=dict)
    """What is stated of consents."""
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Traits of groups (companies, households) by group id; kept as attribute ``group``."""
    cause: str = ""
    """Message id of the call: the evidence of what it says about consents."""
    source: str = "intake"
    """Where the call came from, as the log of consents says it (``core.customers.consents.SOURCES``)."""
    history: bool = False
    """Of the past: what follows from it is offered to no journey."""
    acts: dict[str, ConsentAct] = field(default_factory=dict)
    """What the customer themselves did about consents, as the call proves it."""
    tags: dict[str, bool] = field(default_factory=dict)
    """By name: whether they bear it from now on."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What else proves what is said of consents: who says so."""

    def __bool__(self) -> bool:
        return bool(self.contact or self.attributes or self.consents or self.groups or self.acts or self.tags)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one customer."""

    contact: dict[str, str | None] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    consents: Consents = field(default_factory=Consents)
    tags: tuple[str, ...] = ()
    at: datetime | None = None
    """When what has no instant of its own in ``said_at`` was said at the latest."""
    said_at: dict[str, int] = field(default_factory=dict)
    """When each name was last spoken of, in microseconds since 1970: :func:`attribute_name` and its like."""


def attribute_name(name: str) -> str:
    """An attribute, as ``said_at`` calls it."""
    return f"attributes.{name}"


def contact_name(name: str) -> str:
    """A field of the contact, as ``said_at`` calls it."""
    return f"contact.{name}"


def group_name(group: str) -> Callable[[str], str]:
    """How ``said_at`` calls the traits of a group."""
    return lambda name: f"groups.{orjson.dumps([group, name]).decode()}"


def with_traits(profile: Profile, traits: Traits) -> Profile:
    """The profile with all that a call says."""
    return with_consents(with_names(profile, traits), traits)[0]


def with_names(profile: Profile, traits: Traits) -> Profile:
    """The profile with a call's contact, attributes, tags and traits of groups, each name in its place."""
    said_at, base = dict(profile.said_at), profile.at
    contact = _with(profile.contact, traits.contact, traits.at, said_at, base, contact_name)
    attributes = _with(profile.attributes, traits.attributes, traits.at, said_at, base, attribute_name)
    if traits.groups:
        attributes = _with_groups(attributes, traits, said_at, base)
    kept = [tag for tag in profile.tags if traits.tags.get(tag, True)]
    tags = tuple(dict.fromkeys((*kept, *(tag for tag, borne in traits.tags.items() if borne))))
    return replace(profile, contact=contact, attributes=attributes, said_at=said_at, tags=tags)


def with_consents(profile: Profile, traits: Traits) -> tuple[Profile, list[tuple[Heard, ConsentAct | None]]]:
    """The profile with what a call says of consents; and what became of each word, an act with what proves it."""
    heard: list[tuple[Heard, ConsentAct | None]] = []
    consents = profile.consents
    if traits.consents:
        heard.append((hear(consents, traits.consents, traits.at), None))
        consents = heard[-1][0].consents
    for name, act in traits.acts.items():
        heard.append((hear(consents, {name: act.granted}, act.at, act=True, confirm=True), act))
        consents = heard[-1][0].consents
    return replace(profile, consents=consents), heard


def merged(known: Profile, other: Profile) -> Profile:
    """One profile of two that turned out to be one person. What ``known`` says wins, also that there is none any more,
    and ``other`` fills its gaps; of consents the stricter word holds."""
    known_at, other_at = _all_said_at(known), _all_said_at(other)
    records: Records = united(known.consents.records, other.consents.records)
    both = {**other.consents.standing, **known.consents.standing}
    dates = {**other.consents.dates, **known.consents.dates}
    return Profile(
        contact=_filled(known.contact, other.contact, known_at, contact_name),
        attributes=_filled(known.attributes, other.attributes, known_at, attribute_name),
        consents=resolved(Consents(both, dates, records), records, both),
        tags=tuple(dict.fromkeys((*known.tags, *other.tags))),
        at=max((at for at in (known.at, other.at) if at is not None), default=None),
        said_at={**other_at, **known_at},
    )


def _with(
    values: Mapping[str, Any],
    said: Mapping[str, Any],
    at: datetime,
    said_at: dict[str, int],
    base: datetime | None,
    named: Callable[[str], str],
) -> dict[str, Any]:
    """``values`` with those that are said not later than they were said before; notes in ``said_at`` when."""
    found, now = dict(values), microseconds(at)
    for name, value in said.items():
        known = said_at.get(named(name))
        if known is None and base is not None and found.get(name) is not None:
            known = microseconds(base)
        if known is not None and now < known:
            continue
        said_at[named(name)] = now
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value
    return found


def _with_groups(
    attributes: dict[str, Any], traits: Traits, said_at: dict[str, int], base: datetime | None
) -> dict[str, Any]:
    known = attributes.get("group")
    known = dict(known) if isinstance(known, dict) else {}
    for group, said in traits.groups.items():
        before = known.get(group)
        before = before if isinstance(before, dict) else {}
        known[group] = _with(before, said, traits.at, said_at, base, group_name(group))
    return {**attributes, "group": known}


def _filled(
    known: Mapping[str, Any], other: Mapping[str, Any], known_at: Mapping[str, int], named: Callable[[str], str]
) -> dict[str, Any]:
    """``known``, and of ``other`` what was never said of it."""
    own = {name: value for name, value in known.items() if value is not None}
    more = {name: value for name, value in other.items() if value is not None and named(name) not in known_at}
    return {**more, **own}


def _all_said_at(profile: Profile) -> dict[str, int]:
    """The instants of all names, also of those that have none of their own."""
    if profile.at is None:
        return dict(profile.said_at)
    base = microseconds(profile.at)
    named = [contact_name(name) for name, value in profile.contact.items() if value is not None]
    return {**dict.fromkeys([*named, *map(attribute_name, profile.attributes)], base), **profile.said_at}

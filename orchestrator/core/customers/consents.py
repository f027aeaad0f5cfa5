"""Consents: what a change of them is, and from when one counts. For how long it does is its country's rule
(``core.sending.policies``, ``reconfirm_after``), applied by the decision to send.

A consent has a name: a channel (``sms``), or a channel and ``:night`` for advertising between 21:00 and 08:00. Only
``true`` is a consent. It is dated when it is given, and again when the customer confirms it; Korea's Network Act,
Art. 50 (8), asks for that every two years. What counts of what was said stands in ``consent_record``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from orchestrator.core.channels.registry import channel_title
from orchestrator.core.customers.consent_record import (
    NIGHT,
    ConsentRecord,
    Records,
    instant,
    microseconds,
    refused,
    standing,
)
from orchestrator.core.text import Text

SOURCES: dict[str, Text] = {
    "intake": Text("Sent in by the shop"),
    "import": Text("Imported from a file"),
    "journey": Text("A journey's step"),
    "preferences": Text("Preference page"),
    "unsubscribe": Text("Unsubscribe link"),
    "provider": Text("Reported by the provider"),
    "console": Text("Changed in the console"),
    "merge": Text("Two customers were found to be the same person"),
    "upgrade": Text("Corrected by an upgrade"),
}
"""Where a change can come from, as the log keeps it."""
ACTS = frozenset({"preferences", "unsubscribe", "provider"})
"""Sources through which the customer acts themselves; all others state something of them."""
_ONE_INSTANT = 1_000
"""Microseconds within which words count as said in one instant of a clock that stands, or is read in two processes."""

CONSENT_DATE = re.compile(
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$"
)
"""How the date of a consent is kept: an ISO instant. In words that Python and PostgreSQL read alike."""


def consent_dates(
    consents: Mapping[str, Any], written: Mapping[str, Any], known_since: datetime
) -> dict[str, datetime]:
    """When each consent that stands was given or last confirmed; ``written``: the customer's ``consented_at``.

    One without a date that can be read was given at the latest when the customer came to be known.
    """
    given = (name for name, value in consents.items() if value is True)
    return {name: _consent_date(written.get(name)) or known_since for name in given}


def _consent_date(written: object) -> datetime | None:
    if not isinstance(written, str) or CONSENT_DATE.fullmatch(written) is None:
        return None
    try:
        return datetime.fromisoformat(written)
    except ValueError:  # a day that there is not
        return None


@dataclass(frozen=True, slots=True)
class ConsentChanges:
    """Names in the order of the alphabet. ``confirmed``: stood before, and were said again on purpose."""

    granted: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.granted or self.withdrawn or self.confirmed)

    def as_properties(self, source: str) -> dict[str, Any]:
        """Of the event ``Consent Changed``."""
        names = {"granted": self.granted, "withdrawn": self.withdrawn, "confirmed": self.confirmed}
        return {"source": source, **{name: list(found) for name, found in names.items() if found}}


@dataclass(frozen=True, slots=True)
class LoggedWord:
    """A line for the log. ``counts``: the consent stands as it says; otherwise it is only recorded that it was said."""

    name: str
    granted: bool
    act: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class Consents:
    """How the consents of one customer stand, since when, and what was said."""

    standing: Mapping[str, Any] = field(default_factory=dict)
    dates: Mapping[str, Any] = field(default_factory=dict)
    """Since when each was given or confirmed: ISO instants, in UTC."""
    records: Records = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of some words: how it stands now, what that changes, and what the log keeps."""

    consents: Consents
    changes: ConsentChanges = ConsentChanges()
    lines: tuple[LoggedWord, ...] = ()


def hear(
    before: Consents, said: Mapping[str, bool], at: datetime, *, act: bool = False, confirm: bool = False
) -> Heard:
    """Take in words of one instant: what the customer did (``act``), or what was stated of them.

    Saying a consent again renews its date only where it is a confirmation (``confirm``, of an act): that a shop repeats
    what it knows with every sign-in is none. To refuse what was never asked for is a change: it is known from then on.
    """
    records = dict(before.records)
    for name, granted in said.items():
        record = records.get(name, ConsentRecord())
        records[name] = record.with_act(granted, at, confirm) if act else record.with_statement(granted, at)
    consents = resolved(before, records, said)
    again = [
        name for name, granted in said.items() if confirm and granted and records[name] != before.records.get(name)
    ]
    changes = compare(before.standing, consents.standing, again)
    lines = [_line(before, consents, name, said.get(name), act) for name in sorted({*said, *changes.withdrawn})]
    return Heard(consents, changes, tuple(line for line in lines if line is not None))


def in_turn(before: Consents, said: Mapping[str, bool], at: datetime, *, act: bool = False) -> datetime:
    """The instant of words that are said just now, as ``hear`` takes it: of opposite words of one instant these came
    second, and so lie a microsecond after those before them."""
    now, newest = microseconds(at), 0
    for name, granted in said.items():
        record = before.records.get(name, ConsentRecord())
        level = record.act if act else record.statement
        if level.granted is (not granted) and now <= level.newest() < now + _ONE_INSTANT:
            newest = max(newest, level.newest())
    return instant(newest + 1) if newest else at


def resolved(before: Consents, records: Records, names: Mapping[str, Any]) -> Consents:
    """How it stands by these records, of ``names`` and of their nights; of all else as before."""
    now = standing(records)
    touched = {other for name in names for other in (name, name + NIGHT) if other in now}
    stands = {**before.standing, **{name: now[name] for name in touched}}
    dates = {name: date for name, date in before.dates.items() if name not in touched}
    for name in touched:
        if now[name] and (date := records[name].dated()) is not None:
            dates[name] = date.astimezone(UTC).isoformat()
    return Consents(stands, dates, records)


def _line(before: Consents, after: Consents, name: str, granted: bool | None, act: bool) -> LoggedWord | None:
    """What the log keeps of a word: whatever changed something; each act; and once after each of the customer's
    refusals, that somebody still says they agreed."""
    was, now = before.standing.get(name), after.standing[name]
    if granted is None:  # a night that ended with its day
        return LoggedWord(name, False, act, True)
    line = LoggedWord(name, granted, act, now is granted)
    if was is not now and now is granted:
        return line
    known = before.records.get(name, ConsentRecord())
    if act:
        repeated = granted and was is True and known.act.since == after.records[name].act.since
        return None if repeated or known == after.records[name] else line
    since = refused(after.records, name) if granted else None
    heard = known.statement.yes
    return line if since is not None and (heard is None or heard <= since) and after.records[name] != known else None


def compare(before: Mapping[str, Any], after: Mapping[str, Any], again: Any = ()) -> ConsentChanges:
    """What changed between two standings. ``again``: names that were confirmed, of which those that stand count."""
    granted = [name for name, value in after.items() if value is True and before.get(name) is not True]
    withdrawn = [name for name, value in after.items() if value is not True and before.get(name) is not False]
    confirmed = [name for name in again if after.get(name) is True and before.get(name) is True]
    return ConsentChanges(tuple(sorted(granted)), tuple(sorted(withdrawn)), tuple(sorted(confirmed)))


def title(name: str) -> Text:
    """``email:night`` as a person reads it."""
    channel, _, night = name.partition(":")
    plain = channel_title(channel)
    return Text("{plain} at night", plain=plain) if night else plain

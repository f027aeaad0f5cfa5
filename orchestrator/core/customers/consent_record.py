"""What was said of one consent, by whom, and what follows from it: acts of the customer, and statements about them.

An *act* is the customer's own: they opted out by a link, saved the preference page, called the free number, complained,
or agreed in a way that is proved and dated. A *statement* is what somebody says of them: an ``identify``, a file, a
journey's step. Of either kind only the newest yes and the newest no are kept, each with its instant, which makes the
order in which they arrive indifferent. The rules:

1. The newest act decides; where a yes and a no are of one instant, the no.
2. A customer's no stands until their next act. No statement turns it into a yes, whenever it was made or arrives.
3. After a customer's yes a later statement may still say no (a shop passes a withdrawal on), and take it back.
4. Where the customer did nothing themselves, the newest statement decides.
5. A customer's no to a channel is one to its night, too.
6. Where two customers turn out to be one person, the stricter word holds: a no of either is from then on an act.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

NIGHT = ":night"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """An instant as whole microseconds since 1970 in UTC: how instants by name are kept."""
    return (at - _EPOCH) // _MICROSECOND


def instant(since_1970: int) -> datetime:
    """The instant of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=since_1970)


@dataclass(frozen=True, slots=True)
class ConsentAct:
    """A customer's own act, at the instant at which they did it, and what proves it."""

    granted: bool
    at: datetime
    evidence: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class SaidOnce:
    """Of one consent and one kind of word: the newest yes and the newest no, and since when the yes was said without
    a no. Microseconds since 1970; None: never."""

    yes: int | None = None
    no: int | None = None
    since: int | None = None

    @property
    def granted(self) -> bool | None:
        """What the newest word says; None where none was said."""
        if self.yes is None and self.no is None:
            return None
        return self.yes is not None and (self.no is None or self.yes > self.no)

    def with_word(self, granted: bool, at: int, confirm: bool = False) -> "SaidOnce":
        """With one more word, in its place. ``confirm``: a yes that is said again is dated anew."""
        if not granted:
            no = _newest(self.no, at)
            since = self.since if self.since is None or no is None or self.since > no else self.yes
            return replace(self, no=no, since=since)
        yes = _newest(self.yes, at)
        begins = self.granted is not True or self.since is None or (confirm and at > (self.yes or at - 1))
        return replace(self, yes=yes, since=yes if begins else self.since)

    def united(self, other: "SaidOnce") -> "SaidOnce":
        """Of two customers who are one person."""
        yes, no = _newest(self.yes, other.yes), _newest(self.no, other.no)
        dates = [one for one in (self.since, other.since) if one is not None and (no is None or one > no)]
        return SaidOnce(yes, no, min(dates, default=yes))

    def newest(self) -> int:
        """When the newest word of all was said; 0: never."""
        return max(self.yes or 0, self.no or 0)


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """All that counts of what was said of one consent of one customer."""

    act: SaidOnce = SaidOnce()
    statement: SaidOnce = SaidOnce()

    def stands(self, day: "ConsentRecord | None" = None) -> bool | None:
        """How it stands: given, refused, or never spoken of. ``day``: of a night's consent, that of its channel."""
        act = self.act if day is None else replace(self.act, no=_newest(self.act.no, day.act.no))
        said = self.statement
        if act.granted is None:
            return said.granted
        if act.granted is False:
            return False if (self.act.granted, said.granted) != (None, None) else None
        taken_back = said.granted is False and (said.no or 0) > (act.yes or 0)
        return not taken_back

    def refused(self, day: "ConsentRecord | None" = None) -> int | None:
        """When the customer themselves said the no that stands; None where no such no stands."""
        no = _newest(self.act.no, None if day is None else day.act.no)
        return None if no is None or (self.act.yes is not None and self.act.yes > no) else no

    def dated(self) -> datetime | None:
        """Since when a consent that stands was given, or when it was last confirmed."""
        level = self.act if self.act.granted else self.statement
        at = level.since if level.since is not None else level.yes
        return None if at is None else instant(at)

    def newest(self) -> int:
        """When the newest word of all was said; 0: never."""
        return max(self.act.newest(), self.statement.newest())

    def with_statement(self, granted: bool, at: datetime) -> "ConsentRecord":
        """With what somebody said of them."""
        return replace(self, statement=self.statement.with_word(granted, microseconds(at)))

    def with_act(self, granted: bool, at: datetime, confirm: bool = False) -> "ConsentRecord":
        """With what the customer did."""
        return replace(self, act=self.act.with_word(granted, microseconds(at), confirm))


Records = Mapping[str, ConsentRecord]
"""By the names of the consents."""


def standing(records: Records) -> dict[str, bool]:
    """How every consent stands of which something was said."""
    found = {name: record.stands(_day(records, name)) for name, record in records.items()}
    return {name: stands for name, stands in found.items() if stands is not None}


def refused(records: Records, name: str) -> int | None:
    """When the customer themselves said the no that stands of a consent; None where no such no stands."""
    return records.get(name, ConsentRecord()).refused(_day(records, name))


def united(known: Records, other: Records) -> dict[str, ConsentRecord]:
    """The records of two customers who are one person. Where one had refused what the other had given, the refusal is
    an act of the newest word's instant: only what the customer does afterwards outranks it."""
    both = {
        name: ConsentRecord(
            known.get(name, ConsentRecord()).act.united(other.get(name, ConsentRecord()).act),
            known.get(name, ConsentRecord()).statement.united(other.get(name, ConsentRecord()).statement),
        )
        for name in sorted({*known, *other})
    }
    before = (standing(known), standing(other))
    for name, record in both.items():
        if {side.get(name) for side in before} == {True, False}:
            both[name] = replace(record, act=record.act.with_word(False, record.newest()))
    return both


def _day(records: Records, name: str) -> ConsentRecord | None:
    return records.get(name.removesuffix(NIGHT)) if name.endswith(NIGHT) else None


def _newest(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


def read_records(stored: Mapping[str, Any]) -> dict[str, ConsentRecord]:
    """From the JSON in which :func:`records_as_json` keeps them."""
    return {
        name: ConsentRecord(SaidOnce(**said.get("act", {})), SaidOnce(**said.get("statement", {})))
        for name, said in stored.items()
    }


def records_as_json(records: Records) -> dict[str, Any]:
    """``{"email": {"act": {"no": 1772420400000000}, "statement": {"yes": …, "since": …}}}``; nothing that is None."""
    kinds = {
        name: {"act": _plain(record.act), "statement": _plain(record.statement)} for name, record in records.items()
    }
    return {name: {kind: said for kind, said in found.items() if said} for name, found in kinds.items()}


def _plain(level: SaidOnce) -> dict[str, int]:
    said = {"yes": level.yes, "no": level.no, "since": level.since}
    return {name: at for name, at in said.items() if at is not None}


def with_unrecorded(
    records: Records, consents: Mapping[str, Any], consented_at: Mapping[str, Any], otherwise: Mapping[bool, datetime]
) -> dict[str, ConsentRecord]:
    """The records, with those of consents of which only the outcome is known, as from before records were kept: each
    counts as a statement, a yes of its date, and what has none of ``otherwise``, by what it says."""
    whole = dict(records)
    for name, value in consents.items():
        if name not in whole:
            given = value is True
            at = microseconds(_read(consented_at.get(name) if given else None) or otherwise[given])
            whole[name] = ConsentRecord(statement=SaidOnce(at, None, at) if given else SaidOnce(no=at))
    return whole


def _read(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found

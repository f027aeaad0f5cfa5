"""Coupon pools: what a code is worth, how long it is good, and what a code looks like.

A pool is one promise ("10% off, seven days"), and codes that keep it. Codes are uploaded, or generated here from an
alphabet without look-alikes. How hard they are to guess is said in bits: whoever tries codes blindly hits one that
works with a chance of 2 to the power of minus :meth:`CodePattern.guess_bits`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from math import log2
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, ValidationError

from orchestrator.core.commands import Fact
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, LocalText, Text, in_locale
from orchestrator.core.timing import zone
from orchestrator.core.zone_settings import DEFAULT_ZONE

POOL_KEY = r"^[a-z][a-z0-9-]{0,62}$"
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits without 0/O, 1/I/L: what is read from a screen is typed in right."""
LONGEST_CODE = 64
MOST_AT_ONCE = 100_000
"""Codes in one upload, or generated in one go."""
LEAST_GUESS_BITS = 20.0
"""A blind guess hits a code that works at most once in a million tries (2^20). An engineering choice: shops block
who tries far fewer."""
END_OF_DAY = time(23, 59, 59)


class CodePattern(Frozen):
    """What generated codes look like: ``prefix``, then random characters in groups."""

    prefix: str = Field(
        "",
        pattern=r"^[A-Z0-9]{0,16}$",
        json_schema_extra=labelled(Text("Prefix"), help=Text("Such as WELCOME.")),
    )
    length: int = Field(
        8,
        ge=4,
        le=32,
        description="Random characters, without prefix and hyphens.",
        json_schema_extra=labelled(Text("Random characters")),
    )
    group: int = Field(
        4,
        ge=0,
        le=16,
        description="A hyphen after so many characters; 0: none.",
        json_schema_extra=labelled(Text("Hyphen after each"), help=Text("0: no hyphens.")),
    )

    def code(self, draw: Callable[[str], str]) -> str:
        """A code; ``draw`` picks one character of an alphabet (in production ``secrets.choice``)."""
        letters = "".join(draw(ALPHABET) for _ in range(self.length))
        step = self.group or self.length
        parts = [letters[n : n + step] for n in range(0, self.length, step)]
        return "-".join([self.prefix, *parts] if self.prefix else parts)

    def guess_bits(self, codes: int) -> float:
        """How unlikely a blind guess is to hit one of so many codes, in bits."""
        return self.length * log2(len(ALPHABET)) - log2(max(codes, 1))

    def most_codes(self) -> int:
        """So many can be made before guessing becomes too easy."""
        return int(2 ** (self.length * log2(len(ALPHABET)) - LEAST_GUESS_BITS))


def _number(value: object) -> object:
    """Floats by their shortest spelling: 0.1 is 0.1."""
    return None if value == "" else str(value) if isinstance(value, float) else value


Percent = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=100, max_digits=7, decimal_places=4)]
Amount = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, max_digits=16, decimal_places=4)]


class PoolDocument(Frozen):
    """One promise, in one language or more."""

    name: LocalText = Field(json_schema_extra=labelled(Text("Name"), editor="local_text"))
    worth: LocalText = Field(
        description="What it is worth, in a customer's words: `{{ var.coupon.worth }}`.",
        json_schema_extra=labelled(Text("Benefit, in words"), editor="local_text"),
    )
    percent: Percent | None = Field(None, json_schema_extra=labelled(Text("Percent off")))
    amount: Amount | None = Field(None, json_schema_extra=labelled(Text("Amount off")))
    currency: str | None = Field(
        None, pattern=r"^[A-Z]{3}$", json_schema_extra=labelled(Text("Currency"), editor="currency")
    )
    valid_until: date | None = Field(
        None,
        description="The last day, in the workspace's zone.",
        json_schema_extra=labelled(Text("Valid until"), editor="date"),
    )
    valid_days: int | None = Field(
        None,
        ge=0,
        le=3_650,
        description="Days after it is taken; the last of them counts in full.",
        json_schema_extra=labelled(Text("Valid for (days)")),
    )
    pattern: CodePattern = CodePattern()
    low_at: int = Field(
        100,
        ge=0,
        le=10_000_000,
        description="Fewer codes than that left: people are warned.",
        json_schema_extra=labelled(Text("Warn below")),
    )

    def good_until(self, taken: datetime, time_zone: str) -> datetime | None:
        """The last second of a code taken then: the end of a day of the workspace's. None: good without end."""
        local = zone(time_zone)
        days = [] if self.valid_until is None else [self.valid_until]
        if self.valid_days is not None:
            days.append((taken.astimezone(local) + timedelta(days=self.valid_days)).date())
        return datetime.combine(min(days), END_OF_DAY, local) if days else None

    def over(self, now: datetime, time_zone: str) -> bool:
        """Whether its last day has gone by: it then gives no code any more."""
        last = self.valid_until
        return last is not None and now > datetime.combine(last, END_OF_DAY, zone(time_zone))


class PoolProblem(NamedTuple):
    """What is wrong with a pool, at which field."""

    field: str
    text: Text


def read_pool(given: Mapping[str, Any]) -> tuple[PoolDocument | None, tuple[PoolProblem, ...]]:
    """The pool, or what stands in its way."""
    try:
        pool = PoolDocument.model_validate(given)
    except ValidationError as error:
        return None, tuple(_problem(one) for one in error.errors())
    found = tuple(_check(pool))
    return (None if found else pool), found


_FIELD = Text("This value cannot be used here.")
_TOLD: dict[str, Text] = {
    "missing": Text("Fill this in."),
    "extra_forbidden": Text("There is no such field."),
    "greater_than": Text("It must be more than 0."),
    "less_than_equal": Text("That is too much."),
    "greater_than_equal": Text("That is too little."),
    "decimal_parsing": Text("That is not a number."),
    "int_parsing": Text("That is not a whole number."),
    "date_from_datetime_parsing": Text("That is not a date."),
    "date_parsing": Text("That is not a date."),
}
_PATTERNS = {
    "currency": Text("Three capital letters, such as KRW."),
    "pattern.prefix": Text("Capital letters and digits only, up to 16."),
}


def _problem(error: Mapping[str, Any]) -> PoolProblem:
    place = ".".join(str(part) for part in error["loc"])
    return PoolProblem(place, _PATTERNS.get(place) or _TOLD.get(error["type"], _FIELD))


def _check(pool: PoolDocument) -> Iterator[PoolProblem]:
    for name in ("name", "worth"):
        words = getattr(pool, name)
        if not any(text.strip() for text in words.values()):
            yield PoolProblem(name, Text("Fill this in, in one language at least."))
        if any(len(text) > 200 for text in words.values()):
            yield PoolProblem(name, Text("200 characters at most."))
    if pool.percent is not None and pool.amount is not None:
        yield PoolProblem("percent", Text("A percentage or an amount, not both."))
    if pool.amount is not None and pool.currency is None:
        yield PoolProblem("currency", Text("An amount needs its currency."))
    if pool.pattern.guess_bits(1) < LEAST_GUESS_BITS:
        yield PoolProblem("pattern.length", too_guessable(pool.pattern, 1))


def too_guessable(pattern: CodePattern, codes: int) -> Text:
    """That so many codes of this pattern could be guessed."""
    most = pattern.most_codes()
    return Text(
        "{codes:,} codes of {length} random characters could be guessed ({most:,} at most). Use more characters.",
        codes=codes,
        length=pattern.length,
        most=most,
    )


# --- codes that are uploaded -----------------------------------------------------------------------------------------

LineProblem = Literal["duplicate_in_file", "duplicate", "in_other_pool", "not_a_code", "too_long", "too_many"]
LINE_PROBLEMS: dict[str, Text] = {
    "duplicate_in_file": Text("The same code appears earlier in the file."),
    "duplicate": Text("The pool has this code already."),
    "in_other_pool": Text("Another pool has this code."),
    "not_a_code": Text("A code has no spaces inside, and nothing invisible."),
    "too_long": Text("A code has {longest_code} characters at most.", longest_code=LONGEST_CODE),
    "too_many": Text(
        "Up to {most_at_once:,} codes at a time; this and all following ones were left out.", most_at_once=MOST_AT_ONCE
    ),
}
_HEADINGS = frozenset({"code", "codes", "coupon", "coupon_code", "coupon code", "쿠폰", "쿠폰번호", "쿠폰코드", "코드"})


class Line(NamedTuple):
    """One line of an upload: a code, or what is wrong with it."""

    number: int
    code: str
    problem: LineProblem | None = None


@dataclass
class CodeReader:
    """Reads codes line by line: the first column of a CSV file, or one code a line. Empty lines are passed over."""

    seen: set[str] = field(default_factory=set)
    number: int = 0

    def read(self, lines: Iterable[str]) -> Iterator[Line]:
        """What each line holds; after the first that is too many nothing is read any more."""
        for text in lines:
            self.number += 1
            if len(self.seen) > MOST_AT_ONCE:
                return
            code = first_column(text)
            if not code or (self.number == 1 and code.lower() in _HEADINGS):
                continue
            yield self._line(code)

    def _line(self, code: str) -> Line:
        if len(code) > LONGEST_CODE:
            return Line(self.number, code[:LONGEST_CODE] + "…", "too_long")
        if not code.isprintable() or any(letter.isspace() for letter in code):
            return Line(self.number, "".join(c if c.isprintable() else "�" for c in code), "not_a_code")
        if code in self.seen:
            return Line(self.number, code, "duplicate_in_file")
        self.seen.add(code)
        return Line(self.number, code, "too_many" if len(self.seen) > MOST_AT_ONCE else None)


def first_column(line: str) -> str:
    """The first column of a line of CSV (separated by comma, semicolon or tab), without quotes and spaces around."""
    text = line.strip().lstrip("\ufeff")
    if text.startswith('"'):
        return text[1:].partition('"')[0].strip()
    for separator in (",", ";", "\t"):
        text = text.partition(separator)[0]
    return text.strip()


# --- what a step is given --------------------------------------------------------------------------------------------


def coupon_value(code: str, good_until: datetime | None, pool: PoolDocument | None, locale: str) -> dict[str, Any]:
    """What goes into the run's variable: small, for it stays in the run's history."""
    value: dict[str, Any] = {"code": code}
    if good_until is not None:
        value["valid_until"] = good_until.isoformat()
    if pool is not None:
        value["worth"] = in_locale(pool.worth, locale)
    return value


def virtual_code(identity: str, pattern: CodePattern | None = None) -> str:
    """A code that nobody can redeem, always the same for what asks: of test runs, checks and simulations.

    It is as long as a real one, so that bytes of a text message are counted right; its random characters begin with
    ``DEMO``, which no real code does: there is no O among those that are drawn.
    """
    marked = iter("DEMO")
    digest = int.from_bytes(blake2b(identity.encode(), digest_size=32).digest())

    def draw(letters: str) -> str:
        nonlocal digest
        if (mark := next(marked, "")) != "":
            return mark
        digest, place = divmod(digest, len(letters))
        return letters[place]

    return (pattern or CodePattern()).code(draw)


@dataclass
class VirtualPools:
    """Pools of a simulation: they never run out, unless they are known to give nothing (``closed``)."""

    known: Mapping[str, PoolDocument] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    time_zone: str = DEFAULT_ZONE
    locale: str = "ko"
    had: dict[tuple[str, str], str] = field(default_factory=dict)
    """The id that first took, by customer and pool."""

    def example(self, key: str, identity: str, now: datetime) -> dict[str, Any]:
        """What a code of a pool looks like, whether it gives any or not."""
        pool = self.known.get(key)
        until = None if pool is None else pool.good_until(now, self.time_zone)
        return coupon_value(virtual_code(identity, pool.pattern if pool else None), until, pool, self.locale)

    def take(self, asked: Fact, customer: str, now: datetime) -> dict[str, Any] | None:
        """As the store does it, with codes that nobody can redeem."""
        pool = self.known.get(asked.name)
        first = self.had.get((customer, asked.name))
        if asked.options.get("once") and first is not None and first != asked.id:
            return {"had": True}
        if asked.name in self.closed or (pool is not None and pool.over(now, self.time_zone)):
            return None
        self.had.setdefault((customer, asked.name), asked.id)
        until = None if pool is None else pool.good_until(now, self.time_zone)
        return coupon_value(virtual_code(asked.id, pool.pattern if pool else None), until, pool, self.locale)

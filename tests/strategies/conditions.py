"""Customers, histories and condition trees, drawn from small pools so that they meet: equal values, exact boundaries.

The pools hold what breaks comparisons: numbers beyond 2**53, binary fractions, text that looks like something else,
quotes, format characters, astral code points, null, nested objects, names that are paths. U+0000 is left out: intake
strips it, because PostgreSQL cannot hold it. Strategies are built once: building one costs more
than drawing from it.
"""

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any, get_args

from hypothesis import strategies as st

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.contract import Leaf
from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.conditions.leaves import LEAVES
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.leaves.consent_age import ConsentAge
from orchestrator.core.conditions.leaves.contact import Contact, ContactField
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.leaves.property import Property
from orchestrator.core.conditions.leaves.reachable import Reachable
from orchestrator.core.conditions.leaves.segment import InSegment
from orchestrator.core.conditions.leaves.stage import InStage
from orchestrator.core.conditions.leaves.tag import Tag
from orchestrator.core.conditions.measures import OF_A_PROPERTY, Measure
from orchestrator.core.conditions.model import Condition
from orchestrator.core.conditions.operators import Operator
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.values import STAGES, Ref

NOW = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
MEASURES: tuple[Measure, ...] = get_args(Measure)
OPERATORS: tuple[Operator, ...] = get_args(Operator)

EVENTS = ("Order Completed", "Order Completed", "Order Completed", '결제 "완료"; -- %s :x')
PATHS = ("total", "sku", "등급", "a", "a.b", "a.b.c", "it's\\\"%(x)s", "0")
SPANS = tuple(timedelta(**span) for span in ({"hours": 1}, {"days": 1}, {"days": 3}, {"days": 7}, {"weeks": 5}))

TAGS = ("vip", "VIP", "새 고객", "a", 'it\'s "q" %s')
SEGMENTS = ("buyers", "silent")
NO_SEGMENTS = ("archived", "never-built", "nowhere")
"""Of which nobody can tell whether anybody is in them."""

_NUMBERS = (
    *(0, 1, 2, 3, -1, 10, 2**53, 2**53 + 1, 2**63, 10**23, -(10**30)),
    *(0.0, -0.0, 1.0, 0.1, 0.2, 0.30000000000000004, 0.3, 1.5, 2.5, 1e23, 9007199254740992.0, 5e-324, 1.7e308),
)
_TEXTS = (
    *("", "a", "ab", "abc", "b", "B", "é", "e\u0301", "ß", "한국", "한", "😀", "\uffff", "1", "true", "null", "[]"),
    *("'", '"', "\\", "\\u0000", "%", "_", "%s", ":x", "2026-03-08", "2026-03-08T06:30:00Z", "\n", "\x7f", " a"),
)


@cache
def texts() -> st.SearchStrategy[str]:
    """Mostly of the pool; else any text that PostgreSQL can hold."""
    anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
    return st.one_of(st.sampled_from(_TEXTS), st.sampled_from(_TEXTS), anything)


@cache
def numbers() -> st.SearchStrategy[int | float]:
    """JSON numbers: never NaN or infinite."""
    pool = st.sampled_from(_NUMBERS)
    small = st.integers(-3, 3)
    return st.one_of(pool, small, st.integers(-(10**40), 10**40), st.floats(allow_nan=False, allow_infinity=False))


@cache
def scalars() -> st.SearchStrategy[Any]:
    """What an operand can be."""
    return st.one_of(numbers(), texts(), st.booleans())


@cache
def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value, mostly a scalar."""
    leaf = st.one_of(scalars(), st.none())
    nested = st.one_of(st.lists(leaf, max_size=3), st.lists(st.lists(leaf, max_size=2), max_size=2), documents(leaf))
    return st.one_of(leaf, leaf, leaf, nested)


@cache
def documents(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with few keys: ``total`` mostly a number, ``a`` with objects inside, a key that looks like a path."""
    inside = st.dictionaries(st.sampled_from(("b", "0")), st.one_of(values, st.builds(lambda c: {"c": c}, values)))
    amounts = st.one_of(st.sampled_from((0.1, 0.2, 0.5, 1, 2, 3, 10)), values)
    own = {"total": amounts, "a": st.one_of(values, inside)}
    return st.fixed_dictionaries({}, optional={path: own.get(path, values) for path in PATHS})


@cache
def instants() -> st.SearchStrategy[datetime]:
    """Around ``NOW``, often at the very edge of a window or one microsecond beside it."""
    edge = st.builds(
        lambda span, times, tick: NOW - span * times + timedelta(microseconds=tick),
        st.sampled_from(SPANS),
        st.integers(-1, 3),
        st.sampled_from((0, 0, 0, -1, 1)),
    )
    anywhere = st.builds(lambda hours: NOW - timedelta(hours=hours), st.integers(-30, 24 * 8))
    zone = st.sampled_from((UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-3, minutes=-30))))
    return st.builds(
        lambda instant, where: instant.astimezone(where), st.one_of(st.just(NOW), edge, edge, anywhere), zone
    )


@cache
def customer_events() -> st.SearchStrategy[CustomerEvent]:
    """One event; ids from a small pool, so that equal instants are ordered by id."""
    return st.builds(
        CustomerEvent,
        message_id=st.builds(
            lambda prefix, n: f"{prefix}{n}", st.sampled_from(("m", "M", "é", "-")), st.integers(0, 99)
        ),
        name=st.sampled_from(EVENTS),
        occurred_at=instants(),
        properties=documents(json_values()),
    )


@cache
def customers() -> st.SearchStrategy[Customer]:
    """A customer with up to eight events, past and future."""
    return st.builds(
        Customer,
        attributes=documents(json_values()),
        consents=st.dictionaries(
            st.sampled_from(("email", "sms", "sms:night", "web.push")),
            st.one_of(st.booleans(), st.none(), st.just("true")),
        ),
        stage=st.one_of(st.none(), st.sampled_from(STAGES)),
        consented_at=st.dictionaries(st.sampled_from(("email", "sms", "sms:night")), instants()),
        known_since=instants(),
        tags=st.lists(st.sampled_from(TAGS), max_size=3, unique=True),
        contact=st.fixed_dictionaries(
            {
                **dict.fromkeys(("email", "locale", "time_zone"), st.none() | texts()),
                "phone": st.none() | st.sampled_from(("+821012345678", "010")),
                "external_id": st.none(),
            }
        ),
        devices=st.lists(st.sampled_from(("push_token", "web_push")), unique=True),
        segments=st.fixed_dictionaries({key: st.booleans() for key in SEGMENTS}),
        history=st.one_of(*(st.lists(customer_events(), min_size=n, max_size=8) for n in (0, 2, 4))).map(Log),
    )


@cache
def operands() -> st.SearchStrategy[Any]:
    """Literals, lists of them, nothing, and now and then a reference that nobody bound."""
    lists = st.lists(scalars(), max_size=3).map(tuple)
    return st.one_of(scalars(), scalars(), scalars(), lists, st.none(), st.just(Ref(ref="var.missing")))


@cache
def _compared(leaf: type[Attribute] | type[Property]) -> st.SearchStrategy[Any]:
    return st.builds(leaf, name=st.sampled_from(PATHS), op=st.sampled_from(OPERATORS), value=operands())


@cache
def filters() -> st.SearchStrategy[Condition]:
    """Conditions on one event: properties and connectives."""
    return trees(_compared(Property), max_leaves=3)


_AMOUNTS: tuple[Operator, ...] = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in")


_SPANS_AND_ODD_ONES = st.one_of(st.none(), st.sampled_from(SPANS), st.sampled_from((timedelta(0), timedelta.max)))
_USUAL_OPERATORS = st.one_of(st.sampled_from(_AMOUNTS), st.sampled_from(_AMOUNTS), st.sampled_from(OPERATORS))


@cache
def _limits() -> st.SearchStrategy[Any]:
    near = st.one_of(st.integers(0, 8), st.sampled_from((0.1, 0.2, 0.5, 1.5, 1 / 3, 1 / 24, 2.0, 0.3)))
    return st.one_of(near, near, near, st.lists(near, min_size=1, max_size=3).map(tuple), operands())


@cache
def histories() -> st.SearchStrategy[History]:
    """One measure of the history, mostly of what is there, and compared with what it may well be."""

    def of(measure: Measure) -> st.SearchStrategy[History]:
        has_property = measure in OF_A_PROPERTY
        return st.builds(
            History,
            event=st.sampled_from(EVENTS),
            measure=st.just(measure),
            property=st.one_of(st.just("total"), st.sampled_from(PATHS)) if has_property else st.none(),
            where=st.one_of(st.none(), st.none(), st.none(), filters()),
            within=_SPANS_AND_ODD_ONES,
            after=st.one_of(st.none(), st.none(), st.none(), instants()),
            op=_USUAL_OPERATORS,
            value=_limits(),
        )

    return st.one_of(*map(of, MEASURES))


@cache
def leaf_conditions() -> st.SearchStrategy[Condition]:
    """Every kind of leaf, histories most often."""
    consents = st.builds(
        Consent,
        channel=st.sampled_from(("email", "sms", "web.push")),
        purpose=st.sampled_from(("advertising", "night")),
        granted=st.booleans(),
    )
    ages = st.builds(
        ConsentAge,
        channel=st.sampled_from(("email", "sms", "web.push")),
        purpose=st.sampled_from(("advertising", "night")),
        op=st.sampled_from(("gte", "lte", "missing")),
        age=st.one_of(st.sampled_from(SPANS), st.sampled_from((timedelta(0), timedelta.max))),
    )
    stages = st.builds(InStage, of=st.lists(st.sampled_from(STAGES), min_size=1, max_size=3).map(tuple))
    own = {
        History: st.one_of(histories(), histories(), histories()),
        Attribute: _compared(Attribute),
        Property: _compared(Property),
        Consent: consents,
        ConsentAge: ages,
        InStage: stages,
        Tag: st.builds(Tag, tag=st.sampled_from(TAGS), has=st.booleans()),
        Contact: st.builds(
            Contact,
            field=st.sampled_from(get_args(ContactField)),
            op=st.sampled_from(OPERATORS),
            value=st.one_of(operands(), st.sampled_from(("+821012345678", "ko"))),
        ),
        Reachable: st.builds(
            Reachable, channel=st.sampled_from((*CHANNELS, "carrier pigeon")), reachable=st.booleans()
        ),
        InSegment: st.builds(
            InSegment, segment=st.sampled_from((*SEGMENTS, *SEGMENTS, *NO_SEGMENTS)), member=st.booleans()
        ),
    }
    return st.one_of(*(own[leaf] if leaf in own else _by_its_fields(leaf) for leaf in LEAVES))


def _by_its_fields(leaf: type[Leaf]) -> st.SearchStrategy[Any]:
    """Of a kind without a strategy of its own: names that there are, anything else by its type."""
    named = {"name": st.sampled_from(PATHS)} if "name" in leaf.model_fields else {}
    return st.builds(leaf, **named)


def trees(leaf: st.SearchStrategy[Any], max_leaves: int = 5) -> st.SearchStrategy[Condition]:
    """Trees of ``all``, ``any`` and ``not`` over these leaves."""

    def grown(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, max_size=3).map(tuple)
        return st.one_of(st.builds(AllOf, of=several), st.builds(AnyOf, of=several), st.builds(Not, of=parts))

    return st.recursive(leaf, grown, max_leaves=max_leaves)


@cache
def conditions() -> st.SearchStrategy[Condition]:
    """Any condition."""
    return trees(leaf_conditions())

"""The coupon check: are there codes enough, and is a code still good when the last message that tells it goes out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.core.coupons.pool import END_OF_DAY, PoolDocument
from orchestrator.core.formatting import instant, span
from orchestrator.core.journey.plan import Plan
from orchestrator.core.journey.vocabulary import PoolStanding
from orchestrator.core.messages.template_document import LiveTemplate
from orchestrator.core.preflight.findings import Check, Figure, Finding, each_once, figure, summed_up
from orchestrator.core.preflight.sample_runs import Seen
from orchestrator.core.steps import Step
from orchestrator.core.steps.message import Sending
from orchestrator.core.text import Text, number_text, verbatim
from orchestrator.core.timing import zone

LONGEST_HOLD = timedelta(days=1)
"""How long a message may be held before it goes out: a night and quiet hours. A frequency cap may hold longer."""
SOON = timedelta(days=7)
"""A pool whose last day is nearer than that is worth a look: who comes late gets a code of few days."""


@dataclass(frozen=True)
class PoolFacts:
    """A pool, as the check sees it."""

    document: PoolDocument
    free: int
    standing: PoolStanding


@dataclass(frozen=True)
class DecisionInputs:
    """Now, where, which pools and templates there are."""

    now: datetime
    time_zone: str
    pools: Mapping[str, PoolFacts]
    templates: Mapping[str, LiveTemplate]


def coupon_check(plan: Plan, seen: Seen, about: DecisionInputs) -> Check:
    """Every coupon step: its pool, what the forecast takes of it, and how long its code has to last."""
    steps = [(step, pool) for step in plan.steps.values() for pool in pools_of(step)]
    if not steps:
        return Check("coupon", Text("The journey gives no coupons."))
    findings: list[Finding] = []
    figures: list[Figure] = []
    for key in dict.fromkeys(pool for _, pool in steps):
        first = next(step for step, pool in steps if pool == key)
        figures += _figures(key, seen, about)
        findings += _stock(key, first, seen, about)
    for step, pool in steps:
        facts = about.pools.get(pool)
        if facts is not None:
            findings += _lasting(plan, step, facts, about)
    found = each_once(findings)
    fine = Text("There are enough codes, and they stay valid until the last message.")
    return Check("coupon", summed_up(found, fine), tuple(figures), found)


def pools_of(step: Step) -> list[str]:
    """Keys of the coupon pools that a step gives codes of."""
    return [named.name for named in step.references() if named.kind == "coupon_pool"]


def _figures(key: str, seen: Seen, about: DecisionInputs) -> Iterator[Figure]:
    facts = about.pools.get(key)
    if facts is not None:
        name = facts.document.name
        label = Text("{name}, left", name=verbatim(name, key))
        yield Figure(label, number_text(facts.free))
        yield figure(Text("Expected in 30 days"), seen.scaled(seen.takes[key]))


def _stock(key: str, step: Step, seen: Seen, about: DecisionInputs) -> Iterator[Finding]:
    facts, field = about.pools.get(key), "settings.pool"
    if facts is None:
        text = Text("There is no coupon pool “{key}”.", key=key)
        yield Finding("stop", "unknown_coupons", text, step.id, field)
        return
    gone = {
        "archived": Text("The pool “{key}” is archived.", key=key),
        "over": Text("The pool “{key}” has expired.", key=key),
        "empty": Text("The pool “{key}” has no code left.", key=key),
    }.get(facts.standing)
    expected = seen.scaled(seen.takes[key])
    if gone is not None:
        yield Finding("stop", f"coupons_{facts.standing}", gone, step.id, field)
    elif facts.free < expected:
        days = max(1, round(30 * facts.free / expected))
        text = Text(
            "{free:,} codes are left and about {expected:,} are issued in 30 days: enough for about {days} days.",
            free=facts.free,
            expected=expected,
            days=days,
        )
        yield Finding("stop" if days < SOON.days else "look", "too_few_codes", text, step.id, field)
    elif facts.standing == "low":
        text = Text("The pool “{key}” is running low: {free:,} left.", key=key, free=facts.free)
        yield Finding("look", "coupons_low", text, step.id, field)


def _lasting(plan: Plan, step: Step, facts: PoolFacts, about: DecisionInputs) -> Iterator[Finding]:
    """The code's last second, against the latest moment at which a message may still tell it."""
    until = facts.document.good_until(about.now, about.time_zone)
    if until is None:
        return
    telling = _steps_with_code(plan, step, about)
    longest = longest_path(plan, step.id, telling, about)
    tz, end = zone(about.time_zone), instant(until, zone(about.time_zone))
    if longest is None:
        text = Text(
            "A code issued now is valid until {end}, but the message with it could go out any time later: a wait "
            "before it has no limit.",
            end=end,
        )
        yield Finding("look", "lasts_unknown", text, step.id)
        return
    latest = about.now + longest
    if latest > until:
        at = instant(latest, tz)
        text = Text("The last message with the code may go out {at}, after the code expires ({end}).", at=at, end=end)
        yield Finding("stop", "ends_before_last_send", text, step.id)
    elif until - latest < timedelta(days=1):
        text = Text("After the last message with it, the code is valid for less than a day ({end}).", end=end)
        yield Finding("look", "short_after_last_send", text, step.id)
    last = facts.document.valid_until
    if last is not None:
        left = datetime.combine(last, END_OF_DAY, tz) - about.now
        if left - longest < SOON and latest <= until:
            days = span(timedelta(days=max(0, left.days)))
            text = Text(
                "The pool expires in {days}: customers who enter late get a short-lived code, then none.", days=days
            )
            yield Finding("look", "pool_ends_soon", text, step.id)


def _steps_with_code(plan: Plan, step: Step, about: DecisionInputs) -> frozenset[str]:
    """The steps whose messages tell the code; every message, where none names it."""
    sending = [one for one in plan.steps.values() if isinstance(one, Sending)]
    names = [f"var.{name}" for name in step.sets()]
    naming = [one.id for one in sending if any(name in _source(one, about) for name in names)]
    return frozenset(naming or [one.id for one in sending])


def _source(step: Sending, about: DecisionInputs) -> str:
    template = about.templates.get(step.settings.template or "")
    return step.settings.model_dump_json() + (template.document.model_dump_json() if template else "")


def longest_path(plan: Plan, start: str, targets: frozenset[str], about: DecisionInputs) -> timedelta | None:
    """The longest time from a step to one of the targets, a hold of the last message included.

    None: unbounded, because a wait has no end, or the path has a loop. Zero where no target lies ahead.
    """
    ahead: dict[str, list[str]] = {step: [] for step in plan.steps}
    for edge in plan.journey.edges:
        if edge.source in ahead and edge.target in ahead:
            ahead[edge.source].append(edge.target)
    for step in plan.steps.values():
        ahead[step.id] += [target for target in step.targets() if target in ahead]
    on_way = _leading_to(ahead, targets)
    order = _in_order(
        [start], {step: [one for one in next_steps if one in on_way] for step, next_steps in ahead.items()}
    )
    if order is None:
        return None
    latest: dict[str, timedelta | None] = {start: timedelta(0)}
    found = timedelta(0)
    for step_id in order:
        here = latest.get(step_id, timedelta(0))
        if here is None:
            return None
        if step_id in targets:
            found = max(found, here + LONGEST_HOLD)
        onward = [one for one in ahead[step_id] if one in on_way]
        takes = _longest(plan.steps[step_id], about) if onward else timedelta(0)
        for one in onward:
            if takes is None:
                return None
            latest[one] = max(latest.get(one) or timedelta(0), here + takes)
    return found


def _leading_to(ahead: Mapping[str, list[str]], targets: frozenset[str]) -> frozenset[str]:
    """The steps from which a target can be got to, the targets included."""
    behind: dict[str, list[str]] = {}
    for step, next_steps in ahead.items():
        for one in next_steps:
            behind.setdefault(one, []).append(step)
    found, open_ = set(targets), list(targets)
    while open_:
        for step in behind.get(open_.pop(), ()):
            if step not in found:
                found.add(step)
                open_.append(step)
    return frozenset(found)


def _in_order(begin: list[str], ahead: Mapping[str, list[str]]) -> list[str] | None:
    """Every step reached, before those that it leads to; None where the way goes round."""
    state: dict[str, int] = {}
    order: list[str] = []
    stack = [(begin[0], iter(ahead[begin[0]]))]
    state[begin[0]] = 1
    while stack:
        step, next_steps = stack[-1]
        following = next(next_steps, None)
        if following is None:
            state[step] = 2
            order.append(step)
            stack.pop()
        elif state.get(following) == 1:
            return None
        elif following not in state:
            state[following] = 1
            stack.append((following, iter(ahead[following])))
    return order[::-1]


def _longest(step: Step, about: DecisionInputs) -> timedelta | None:
    """The longest that a step may keep a customer; None: without bound."""
    stay = step.longest_stay(about.now, about.time_zone)
    return stay + LONGEST_HOLD if stay is not None and isinstance(step, Sending) else stay

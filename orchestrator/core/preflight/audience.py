"""Three of the checks: who enters (condition), when messages go out (time), whom they reach (audience)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from statistics import median

from orchestrator.core.channels.registry import channel_in_sentence
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.formatting import span
from orchestrator.core.journey.drawing import entry_words
from orchestrator.core.journey.graph import Journey
from orchestrator.core.journey.plan import Plan
from orchestrator.core.preflight.findings import Check, Figure, Finding, each_once, figure, summed_up
from orchestrator.core.preflight.sample_runs import Seen, SeenSend
from orchestrator.core.problems import Problem
from orchestrator.core.sending.decide import decide
from orchestrator.core.sending.decision import Outgoing, Send, SendContext
from orchestrator.core.sending.policies import Rules
from orchestrator.core.sending.reasons import CLASS_TEXT, in_few_words
from orchestrator.core.simulation.simulator import Person, recipient_of
from orchestrator.core.steps.message import Sending
from orchestrator.core.text import Text, joined, number_text, verbatim
from orchestrator.core.timing import zone

NIGHT = (time(21), time(8))
"""Hours in which Korea's law wants a night consent (Decree of the Network Act, Art. 61)."""
NOON = time(12)
_CONDITIONS = {"filter_never_matches", "empty_condition", "filter_asks_customer", "exit_shape", "wait_without_end"}
_NAMES = {"unknown_event", "unknown_property", "unknown_attribute", "unknown_journey"}
MANY = 0.5
"""A share of customers from which on something is worth a look."""


def condition_check(journey: Journey | None, problems: Sequence[Problem], seen: Seen | None, now: int | None) -> Check:
    """Who enters: in words, how many match now (None: not countable), how many would have entered in 30 days."""
    findings = [_of_problem(one) for one in problems if one.code in _CONDITIONS | _NAMES]
    errors = [one for one in problems if one.severity == "error"]
    figures: list[Figure] = []
    if errors and not any(one.verdict == "stop" for one in findings):
        text = Text(
            "The draft has {count} error; customers cannot be looked at before it is mended.",
            plural="The draft has {count} errors; customers cannot be looked at before they are mended.",
            count=len(errors),
        )
        findings.append(Finding("stop", "draft_has_errors", text))
    if journey is not None:
        figures.append(figure(Text("Enters on"), entry_words(journey.entry)))
        if journey.entry.filter is not None:
            figures.append(figure(Text("Only who"), describe(journey.entry.filter)))
            words = Text("too many to count in time") if now is None else now
            figures.append(figure(Text("Matching now"), words))
            if now == 0:
                text = Text("Nobody meets the customer condition now.")
                findings.append(Finding("look", "nobody_matches", text, None, "entry.filter"))
    if seen is not None:
        triggered, entered = seen.scaled(seen.forecast.triggered), seen.scaled(seen.forecast.entered)
        figures.append(figure(Text("Triggered the entry event, last 30 days"), triggered))
        figures.append(figure(Text("Would have entered, last 30 days"), entered))
        findings += _of_entries(seen)
        fine = Text(
            "About {count:,} customer would have entered in the last 30 days.",
            plural="About {count:,} customers would have entered in the last 30 days.",
            count=entered,
        )
    else:
        fine = Text("No contradictory conditions.")
    found = each_once(findings)
    return Check("condition", summed_up(found, fine), tuple(figures), found)


def _of_problem(problem: Problem) -> Finding:
    return Finding(
        "stop" if problem.severity == "error" else "look", problem.code, problem.text, problem.step, problem.field
    )


def _of_entries(seen: Seen) -> Iterator[Finding]:
    found = seen.forecast
    if found.endless:
        text = Text("A customer would loop through it forever, so nothing can be estimated.")
        yield Finding("stop", "endless", text)
    elif not found.walked:
        text = Text("There are no customers to check yet.")
        yield Finding("look", "no_customers", text)
    elif not found.triggered:
        text = Text("Nobody triggered the entry event in the last 30 days.")
        yield Finding("look", "nobody_triggers", text)
    elif not found.entered:
        text = Text(
            "{triggered:,} customers triggered the entry event, and none would have entered.", triggered=found.triggered
        )
        yield Finding("stop", "nobody_enters", text, None, "entry.filter")


# --- time ------------------------------------------------------------------------------------------------------------


def time_check(plan: Plan, seen: Seen, now: datetime, time_zone: str) -> Check:
    """When messages would have gone out, by the customer's clock; what would have been held, until when."""
    went = [one for one in seen.sends if one.outcome == "sent"]
    held = Counter(one.reason for one in seen.sends if one.outcome == "held")
    findings = [*_past_dates(plan, now, time_zone), *_at_night(went)]
    figures: list[Figure] = []
    if went:
        clocks = sorted(one.local.time() for one in went)
        figures.append(figure(Text("Earliest and latest, local time"), _clocks(clocks)))
        after = span(type(went[0].after)(seconds=round(median(one.after.total_seconds() for one in went))))
        figures.append(figure(Text("Time from entry to sending (median)"), after))
        figures.append(figure(Text("Messages, last 30 days"), seen.scaled(len(went))))
    for reason, number in held.most_common():
        figures.append(Figure(in_few_words(reason), _count(seen.scaled(number))))
    waits, sent = seen.scaled(sum(held.values())), seen.scaled(len(went))
    if sum(held.values()) > MANY * max(len(went), 1):
        text = Text("{sent:,} messages would be held {waits:,} times: check the sending hours.", waits=waits, sent=sent)
        findings.append(Finding("look", "many_held", text))
    if not went and any(isinstance(step, Sending) for step in plan.steps.values()):
        text = Text("No message would have gone out in the last 30 days, so send times cannot be estimated.")
        findings.append(Finding("look", "nothing_sent", text))
    found = each_once(findings)
    clocks = sorted(one.local.time() for one in went)
    fine = _between(clocks) if clocks else Text("The journey sends nothing.")
    return Check("time", summed_up(found, fine), tuple(figures), found)


def _between(clocks: Sequence[time]) -> Text:
    span_of_day = _clocks(clocks)
    return Text("Messages go out between {span_of_day}, customer's local time.", span_of_day=span_of_day)


def _clocks(clocks: Sequence[time]) -> Text:
    return verbatim(f"{clocks[0]:%H:%M} – {clocks[-1]:%H:%M}")


def _count(number: int) -> Text:
    return number_text(number)


def _past_dates(plan: Plan, now: datetime, time_zone: str) -> Iterator[Finding]:
    for step in plan.steps.values():
        for fault in step.faults_at(now, time_zone):
            if fault.message is not None:
                yield Finding("stop", fault.code, fault.message, step.id, fault.field)


def _at_night(went: Sequence[SeenSend]) -> Iterator[Finding]:
    late, early = NIGHT
    night = Counter(
        one.step
        for one in went
        if one.message_class == "advertising" and (one.local.time() >= late or one.local.time() < early)
    )
    for step, number in night.items():
        text = Text(
            "{number} of the advertising messages checked would go out between 21:00 and 08:00, to customers who "
            "agreed to that or by e-mail.",
            number=number,
        )
        yield Finding("look", "at_night", text, step)


# --- audience --------------------------------------------------------------------------------------------------------


def audience_check(plan: Plan, seen: Seen, rules: Rules, classes: Mapping[str, str], now: datetime) -> Check:
    """How many of those whom the journey is for can be reached, by channel and class, and what keeps the others out.

    Asked at noon, with no message before: consent, contact and open complaints. ``classes``: by step, the class that
    counts. Frequency caps are told from the walk.
    """
    people = _meant(plan, seen, now)
    figures = [figure(Text("Customers checked"), len(people))]
    findings: list[Finding] = []
    asked: dict[tuple[str, str], str] = {}
    for step in plan.steps.values():
        if isinstance(step, Sending):
            channels: tuple[str, ...] = (step.settings.channel, *step.settings.fallback)
            for channel in channels:
                asked.setdefault((channel, classes.get(step.id, step.settings.message_class)), step.id)
    shares: list[Text] = []
    for (channel, kind), step_id in asked.items():
        reached, kept = _reach(people, channel, kind, rules, now)
        title = channel_in_sentence(channel)
        label = Text("{title}, {word}", title=title, word=CLASS_TEXT[kind])
        figures.append(Figure(label, _share(reached, len(people), kept)))
        share = Text("{title} {reached}", title=title, reached=_percent(reached, len(people)))
        shares.append(share)
        findings += _too_few(label, step_id, reached, len(people), kept)
    for reason in ("frequency_cap", "complaint_open"):
        number = sum(one.reason == reason for one in seen.sends)
        if number:
            figures.append(Figure(in_few_words(reason), _count(seen.scaled(number))))
    findings += _unbounded(asked, rules)
    fine = Text("Reachable: {shares}.", shares=joined(shares) if shares else Text("no message is sent"))
    found = each_once(findings)
    return Check("audience", summed_up(found, fine), tuple(figures), found)


def _unbounded(asked: Mapping[tuple[str, str], str], rules: Rules) -> Iterator[Finding]:
    """Advertising of a workspace that has neither hours in which it leaves people alone nor a frequency cap."""
    step = next((step for (_, kind), step in asked.items() if kind == "advertising"), None)
    if step is None:
        return
    policy = rules("KR")
    if policy.quiet_hours is None:
        text = Text("There are no quiet hours: advertising can go out at any time the law allows.")
        yield Finding("look", "no_quiet_hours", text, step)
    if not policy.caps:
        text = Text("There is no frequency cap: a customer could get any number of advertising messages in a day.")
        yield Finding("look", "no_frequency_cap", text, step)


def _meant(plan: Plan, seen: Seen, now: datetime) -> list[Person]:
    """The customers of the sample whom the entry's condition lets through."""
    condition = plan.journey.entry.filter
    if condition is None:
        return seen.people
    bound = bind(condition)
    return [person for person in seen.people if evaluate(bound, person.view(), now).truth]


def _reach(people: Sequence[Person], channel: str, kind: str, rules: Rules, now: datetime) -> tuple[int, Counter[str]]:
    reached, kept = 0, Counter[str]()
    message = Outgoing((channel,), "advertising" if kind == "advertising" else "informational")
    for person in people:
        tz = zone(person.zone)
        noon = datetime.combine(now.astimezone(tz).date(), NOON, tz)
        recipient = recipient_of(person)
        decision = decide(message, recipient, rules(recipient.country), SendContext(), noon)
        if isinstance(decision, Send):
            reached += 1
        else:
            kept[decision.reason.code] += 1
    return reached, kept


def _percent(part: int, whole: int) -> Text:
    return number_text(part / whole, "#,##0%") if whole else verbatim("–")


def _share(reached: int, of: int, kept: Counter[str]) -> Text:
    if not of:
        return verbatim("–")
    reasons = [
        Text("{reason} {number:,}", reason=in_few_words(code), number=number) for code, number in kept.most_common(3)
    ]
    whole = Text("{reached:,} / {of:,} ({percent})", reached=reached, of=of, percent=_percent(reached, of))
    return joined((whole, joined(reasons, "; ")), " · ") if reasons else whole


def _too_few(label: Text, step: str, reached: int, of: int, kept: Counter[str]) -> Iterator[Finding]:
    if not of:
        return
    explain = in_few_words(kept.most_common(1)[0][0]) if kept else verbatim("")
    if not reached:
        text = Text("{label} reaches nobody: {explain}.", label=label, explain=explain)
        yield Finding("stop", "reaches_nobody", text, step, "settings.channel")
    elif reached < MANY * of:
        share = _percent(reached, of)
        text = Text(
            "{label} reaches {share} of the customers; most of the others: {explain}.",
            label=label,
            share=share,
            explain=explain,
        )
        yield Finding("look", "reaches_few", text, step, "settings.channel")

"""Three of the checks: who enters (condition), when messages go out (time), whom they reach (audience)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from statistics import median

from orchestrator.core.channels.registry import channel_in_sentence
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.evaluate import bind, evaluate
from orchestrator.core.formatting import span
from orchestrator.core.journey.drawing import entry_words
from orchestrator.core.journey.graph import Journey
from orchestrator.core.journey.plan import Plan
from orchestrator.core.preflight.findings import Check, Figure, Finding, each_once, figure, summed_up
from orchestrator.core.preflight.sample_runs import Seen, SeenSend
from orchestrator.core.problems import Problem
from orchestrator.core.sending.decide import Outgoing, Send, SendContext, decide
from orchestrator.core.sending.policies import Rules
from orchestrator.core.simulation.simulator import Person, recipient_of
from orchestrator.core.steps.delay import Delay, UntilDate
from orchestrator.core.steps.message import CLASS_TITLES, Sending
from orchestrator.core.text import Text
from orchestrator.core.timing import resolve, zone

NIGHT = (time(21), time(8))
"""Hours in which Korea's law wants a night consent (Decree of the Network Act, Art. 61)."""
NOON = time(12)
WHY: Mapping[str, Text] = {
    "no_consent": Text("no consent", "수신 동의 없음"),
    "consent_expired": Text("consent older than two years", "2년 지난 수신 동의"),
    "no_address": Text("no valid contact", "유효한 연락처 없음"),
    "complaint_open": Text("a complaint is open", "처리 중인 불만"),
    "class_not_allowed": Text("the channel does not carry this class", "채널이 허용하지 않는 분류"),
    "legal_night": Text("held for the night", "야간 보류"),
    "quiet_hours": Text("held for quiet hours", "방해 금지 시간 보류"),
    "channel_closed": Text("held while the channel is closed", "채널 제한 시간 보류"),
    "frequency_cap": Text("over the frequency cap", "빈도 제한 초과"),
    "frequency_cap_held": Text("held by the frequency cap", "빈도 제한 보류"),
    "frequency_cap_too_long": Text("given up after waiting for the frequency cap", "빈도 제한 대기 초과"),
    "not_wanted": Text("the step's own condition", "단계의 발송 조건"),
}
"""Reasons of decisions in few words."""
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
            f"The draft has {len(errors)} errors; customers cannot be looked at before they are mended.",
            f"초안에 오류가 {len(errors)}개 있어, 고친 뒤에 고객을 확인할 수 있습니다.",
        )
        findings.append(Finding("stop", "draft_has_errors", text))
    if journey is not None:
        figures.append(figure("Enters on", "진입 조건", entry_words(journey.entry)))
        if journey.entry.filter is not None:
            figures.append(figure("Only who", "고객 조건", describe(journey.entry.filter)))
            words = Text("not countable in time", "시간 안에 셀 수 없음") if now is None else now
            figures.append(figure("Match now", "지금 해당하는 고객", words))
            if now == 0:
                text = Text("Nobody meets the customer condition now.", "지금 고객 조건에 맞는 고객이 없습니다.")
                findings.append(Finding("look", "nobody_matches", text, None, "entry.filter"))
    if seen is not None:
        triggered, entered = seen.scaled(seen.forecast.triggered), seen.scaled(seen.forecast.entered)
        figures.append(figure("Did what starts it, last 30 days", "최근 30일 진입 이벤트 고객", triggered))
        figures.append(figure("Would have entered, last 30 days", "최근 30일 진입했을 고객", entered))
        findings += _of_entries(seen)
        fine = Text(
            f"About {entered:,} customers would have entered in the last 30 days.",
            f"최근 30일 기준 약 {entered:,}명이 진입합니다.",
        )
    else:
        fine = Text("No contradiction found.", "모순된 조건이 없습니다.")
    found = each_once(findings)
    return Check("condition", summed_up(found, fine), tuple(figures), found)


def _of_problem(problem: Problem) -> Finding:
    return Finding(
        "stop" if problem.severity == "error" else "look", problem.code, problem.text, problem.step, problem.field
    )


def _of_entries(seen: Seen) -> Iterator[Finding]:
    found = seen.forecast
    if found.endless:
        text = Text(
            "A customer would go round in it without end: no figure can be told.",
            "고객이 끝없이 도는 구간이 있어 수치를 낼 수 없습니다.",
        )
        yield Finding("stop", "endless", text)
    elif not found.walked:
        text = Text("There are no customers to look at yet.", "아직 확인할 고객이 없습니다.")
        yield Finding("look", "no_customers", text)
    elif not found.triggered:
        text = Text(
            "In the last 30 days nobody did what lets customers in.",
            "최근 30일 동안 진입 이벤트가 일어난 고객이 없습니다.",
        )
        yield Finding("look", "nobody_triggers", text)
    elif not found.entered:
        text = Text(
            f"{found.triggered:,} customers did what starts it, and none would have been let in.",
            f"진입 이벤트가 일어난 고객 {found.triggered:,}명 가운데 진입하는 고객이 없습니다.",
        )
        yield Finding("stop", "nobody_enters", text, None, "entry.filter")


def why(reason: str) -> Text:
    """A reason in few words."""
    return WHY.get(reason, Text(reason, reason))


# --- time ------------------------------------------------------------------------------------------------------------


def time_check(plan: Plan, seen: Seen, now: datetime, where: str) -> Check:
    """When messages would have gone out, by the customer's clock; what would have been held, until when."""
    went = [one for one in seen.sends if one.outcome == "sent"]
    held = Counter(one.reason for one in seen.sends if one.outcome == "held")
    findings = [*_past_dates(plan, now, where), *_at_night(went)]
    figures: list[Figure] = []
    if went:
        clocks = sorted(one.local.time() for one in went)
        figures.append(figure("Earliest and latest, local time", "가장 이른/늦은 발송(현지 시각)", _clocks(clocks)))
        after = span(type(went[0].after)(seconds=round(median(one.after.total_seconds() for one in went))))
        figures.append(figure("After entering, in the middle", "진입 후 발송까지(중앙값)", after))
        figures.append(figure("Messages, last 30 days", "최근 30일 발송", seen.scaled(len(went))))
    for reason, number in held.most_common():
        figures.append(Figure(why(reason), _count(seen.scaled(number))))
    waits, sent = seen.scaled(sum(held.values())), seen.scaled(len(went))
    if sum(held.values()) > MANY * max(len(went), 1):
        text = Text(
            f"{waits:,} holds come with {sent:,} messages that are sent: look at the hours.",
            f"발송 {sent:,}건에 보류가 {waits:,}번 생깁니다. 발송 시각을 확인하세요.",
        )
        findings.append(Finding("look", "many_held", text))
    if not went and any(isinstance(step, Sending) for step in plan.steps.values()):
        text = Text(
            "No message would have gone out in the last 30 days, so nothing tells when they will.",
            "최근 30일 기준 나가는 메시지가 없어 발송 시각을 예측할 수 없습니다.",
        )
        findings.append(Finding("look", "nothing_sent", text))
    found = each_once(findings)
    clocks = sorted(one.local.time() for one in went)
    fine = _between(clocks) if clocks else Text("The journey sends nothing.", "보내는 메시지가 없는 여정입니다.")
    return Check("time", summed_up(found, fine), tuple(figures), found)


def _between(clocks: Sequence[time]) -> Text:
    span_of_day = _clocks(clocks)
    return Text(
        f"Messages go out between {span_of_day.en} of the customer's day.",
        f"고객 현지 시각 {span_of_day.ko} 사이에 나갑니다.",
    )


def _clocks(clocks: Sequence[time]) -> Text:
    return Text(f"{clocks[0]:%H:%M} – {clocks[-1]:%H:%M}", f"{clocks[0]:%H:%M} – {clocks[-1]:%H:%M}")


def _count(number: int) -> Text:
    return Text(f"{number:,}", f"{number:,}")


def _past_dates(plan: Plan, now: datetime, where: str) -> Iterator[Finding]:
    for step in plan.steps.values():
        if isinstance(step, Delay) and isinstance(step.settings, UntilDate):
            settings = step.settings
            if resolve(settings.date, settings.at, zone(where)) <= now:
                day: date = settings.date
                text = Text(
                    f"The date {day} has gone by: customers pass this step without waiting.",
                    f"{day}은(는) 지난 날짜라 기다리지 않고 지나갑니다.",
                )
                yield Finding("stop", "date_gone_by", text, step.id, "settings.date")


def _at_night(went: Sequence[SeenSend]) -> Iterator[Finding]:
    late, early = NIGHT
    night = Counter(
        one.step
        for one in went
        if one.message_class == "advertising" and (one.local.time() >= late or one.local.time() < early)
    )
    for step, number in night.items():
        text = Text(
            f"{number} of the advertisements that were looked at would go out between 21:00 and 08:00, to customers "
            "who agreed to that or by e-mail.",
            f"확인한 광고성 메시지 중 {number}건은 21시부터 08시 사이에 나갑니다(야간 동의 고객 또는 이메일).",
        )
        yield Finding("look", "at_night", text, step)


# --- audience --------------------------------------------------------------------------------------------------------


def audience_check(plan: Plan, seen: Seen, rules: Rules, classes: Mapping[str, str], now: datetime) -> Check:
    """How many of those whom the journey is for can be reached, by channel and class, and what keeps the others out.

    Asked at noon, with no message before: consent, contact and open complaints. ``classes``: by step, the class that
    counts. Frequency caps are told from the walk.
    """
    people = _meant(plan, seen, now)
    figures = [figure("Customers looked at", "확인한 고객", len(people))]
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
        title, word = channel_in_sentence(channel), CLASS_TITLES[kind]
        label = Text(f"{title.en}, {word.en.lower()}", f"{title.ko}, {word.ko}")
        figures.append(Figure(label, _share(reached, len(people), kept)))
        share = Text(f"{title.en} {_percent(reached, len(people))}", f"{title.ko} {_percent(reached, len(people))}")
        shares.append(share)
        findings += _too_few(label, step_id, reached, len(people), kept)
    for reason in ("frequency_cap", "complaint_open"):
        number = sum(one.reason == reason for one in seen.sends)
        if number:
            figures.append(Figure(why(reason), _count(seen.scaled(number))))
    fine = Text(
        "Reachable: " + (", ".join(one.en for one in shares) or "no message is sent") + ".",
        "도달 가능: " + (", ".join(one.ko for one in shares) or "보내는 메시지 없음") + ".",
    )
    found = each_once(findings)
    return Check("audience", summed_up(found, fine), tuple(figures), found)


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
        where = zone(person.zone)
        noon = datetime.combine(now.astimezone(where).date(), NOON, where)
        recipient = recipient_of(person)
        decision = decide(message, recipient, rules(recipient.country), SendContext(), noon)
        if isinstance(decision, Send):
            reached += 1
        else:
            kept[decision.reason.code] += 1
    return reached, kept


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "–"


def _share(reached: int, of: int, kept: Counter[str]) -> Text:
    if not of:
        return Text("–", "–")
    reasons = [(why(code), number) for code, number in kept.most_common(3)]
    en = "; ".join(f"{words.en} {number:,}" for words, number in reasons)
    ko = "; ".join(f"{words.ko} {number:,}" for words, number in reasons)
    whole = f"{reached:,} / {of:,} ({_percent(reached, of)})"
    return Text(f"{whole}{' · ' + en if en else ''}", f"{whole}{' · ' + ko if ko else ''}")


def _too_few(label: Text, step: str, reached: int, of: int, kept: Counter[str]) -> Iterator[Finding]:
    if not of:
        return
    explain = why(kept.most_common(1)[0][0]) if kept else Text("", "")
    if not reached:
        text = Text(
            f"{label.en} reaches nobody: {explain.en}.", f"{label.ko}(으)로 닿는 고객이 없습니다: {explain.ko}."
        )
        yield Finding("stop", "reaches_nobody", text, step, "settings.channel")
    elif reached < MANY * of:
        share = _percent(reached, of)
        text = Text(
            f"{label.en} reaches {share} of the customers; most of the others: {explain.en}.",
            f"{label.ko}(으)로 {share}에게만 닿습니다. 나머지 주된 이유: {explain.ko}.",
        )
        yield Finding("look", "reaches_few", text, step, "settings.channel")

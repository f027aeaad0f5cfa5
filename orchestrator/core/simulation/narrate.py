"""A run told line by line, in both languages: where it waits and for what, which way it took and why, how it ended.

A kind of step that has nothing of its own to say is told by its summary and the names of its ports.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.explain import in_words
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.formatting import instant
from orchestrator.core.journey.plan import Plan
from orchestrator.core.paths import lookup
from orchestrator.core.steps import Step
from orchestrator.core.steps.branch import Branch
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.delay import Delay
from orchestrator.core.steps.emit_event import EmitEvent
from orchestrator.core.steps.exit import Exit
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.steps.go_to import GoTo
from orchestrator.core.steps.message import Message
from orchestrator.core.steps.start_journey import StartJourney
from orchestrator.core.steps.survey import Survey
from orchestrator.core.steps.update_customer import UpdateCustomer
from orchestrator.core.steps.wait_for_event import EventBranch, WaitForEvent
from orchestrator.core.steps.wait_until import WaitUntil
from orchestrator.core.text import Text, in_locale
from orchestrator.core.values import Ref

MOST_WAYS = 2
"""Awaited events that are told with their filters; more make no sentence."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What references in a step's settings find: the entry event, the event that last ended a wait, variables."""

    entry: CustomerEvent | None = None
    event: CustomerEvent | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    began: datetime | None = None

    def value(self, operand: Any) -> Any:
        """The operand itself, or what a reference finds."""
        if not isinstance(operand, Ref):
            return operand
        source, _, path = operand.ref.partition(".")
        customer_event = {"entry": self.entry, "event": self.event}.get(source)
        found: Any = self.variables if source == "var" else customer_event.properties if customer_event else {}
        return lookup(found, path)

    def bound(self, condition: Condition) -> Condition:
        """A condition with its references looked up."""
        return bind(condition, self.entry, self.event, self.variables, self.began)

    def describe(self, condition: Condition) -> Text:
        """The same in words."""
        return describe(self.bound(condition))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a run rests at a step."""

    until: datetime | None
    memo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is known about one line. Of a run of long ago less is known than of one under observation."""

    plan: Plan
    where: ZoneInfo
    scope: Scope = Scope()
    waiting: Waiting | None = None
    answers: tuple[tuple[bool, Text], ...] = ()
    """What the step asked of its customer, in order: the truth, and why."""
    rules: Mapping[str, Text] = field(default_factory=dict)
    """Why an exit condition held, by the rule's reason."""
    sent: Text | None = None
    """What became of the step's message."""
    seen: bool = True
    """Whether the run was under observation all along: then what is not known of it did not happen."""

    def time(self, at: datetime) -> Text:
        """An instant on the customer's clock."""
        return instant(at, self.where)


def narrate(one: Transition, scene: Scene) -> Text:
    """One line of a run's trace."""
    step = scene.plan.steps.get(one.step)
    match one.what:
        case "entered":
            return Text(one.step, one.step) if step is None else _entered(step, scene)
        case "left":
            return Text(one.port, one.port) if step is None else _left(step, one, scene)
        case "goal":
            return _goal(one)
        case "ended":
            return _ended(one, scene)


def waits(step: Step, waiting: Waiting, scene: Scene) -> Text:
    """What a resting run waits for, until when."""
    return _waits(step, waiting, scene)


def title(plan: Plan, step: str) -> Text:
    """A step's own title."""
    return Text(plan.label(step, "en"), plan.label(step, "ko")) if step in plan.steps else Text(step, step)


def end(plan: Plan, reason: str, explain: Text | None = None) -> Text:
    """Why a run ended: in the words of the exit step that says so, of a goal, of an exit rule, or ours."""
    what, _, goal = reason.partition(":")
    if what == "goal" and goal:
        return Text(f"Goal “{goal}” reached", f"목표 ‘{goal}’ 달성")
    for rule in plan.journey.exits:
        if (rule.reason or rule.id) == reason:
            event = Text(f"*{rule.event}*", f"*{rule.event}*") if rule.event else explain or describe(_when(rule))
            return Text(f"Exit rule “{rule.id}”: {event.en}", f"이탈 규칙 ‘{rule.id}’: {event.ko}")
    for step in plan.journey.steps:
        if isinstance(step, Exit) and step.settings.reason == reason and step.label:
            return Text(in_locale(step.label, "en"), in_locale(step.label, "ko"))
    return _ENDS.get(reason, Text(reason, reason))


_ENDS = {
    "completed": Text("Completed", "완료"),
    "stopped": Text("Journey stopped", "여정 중단"),
    "moved": Text("Moved to another version", "다른 버전으로 이동"),
}


def _when(rule: Any) -> Any:
    return rule.when


def _goal(one: Transition) -> Text:
    value, currency = one.note.get("value"), one.note.get("currency") or ""
    worth = "" if value is None else f", {in_words(value).en} {currency}".rstrip()
    return Text(f"Goal “{one.port}” reached{worth}", f"목표 ‘{one.port}’ 달성{worth}")


def _ended(one: Transition, scene: Scene) -> Text:
    why = end(scene.plan, one.port, scene.rules.get(one.port))
    return Text(f"Left the journey: {why.en}", f"여정 종료: {why.ko}")


def _entered(step: Step, scene: Scene) -> Text:
    if scene.waiting is not None and not isinstance(step, Message):
        return _waits(step, scene.waiting, scene)
    return _enters(step, scene)


def _port(step: Step, name: str) -> Text:
    return next((port.label for port in step.ports() if port.name == name), Text(name, name))


def _through(step: Step, port: str, why: Text | None = None) -> Text:
    """Left through a port; a reason that says no more than the port's own name does adds nothing."""
    label = _port(step, port)
    told = Text(f"Left through “{label.en}”", f"‘{label.ko}’ 경로로 진행")
    return told if why is None else Text(f"{told.en}: {why.en}", f"{told.ko}: {why.ko}")


# --- what a step is about --------------------------------------------------------------------------------------------


@singledispatch
def _enters(step: Step, scene: Scene) -> Text:
    return step.summary()


@_enters.register
def _(step: Branch, scene: Scene) -> Text:
    words = step.summary()
    return Text(f"Looks at the conditions: {words.en}", f"조건 확인: {words.ko}")


@_enters.register
def _(step: Exit, scene: Scene) -> Text:
    name = title(scene.plan, step.id)
    return Text(f"The journey ends here: {name.en}", f"여정이 여기서 끝납니다: {name.ko}")


@_enters.register
def _(step: GoTo, scene: Scene) -> Text:
    target = title(scene.plan, step.settings.target)
    return Text(f"Goes on at “{target.en}”", f"‘{target.ko}’ 단계로 이동")


# --- what a step waits for -------------------------------------------------------------------------------------------


@singledispatch
def _waits(step: Step, waiting: Waiting, scene: Scene) -> Text:
    words = step.summary()
    if waiting.until is None:
        return words
    until = scene.time(waiting.until)
    return Text(f"{words.en} – until {until.en}", f"{words.ko} – {until.ko}까지")


@_waits.register
def _(step: WaitForEvent, waiting: Waiting, scene: Scene) -> Text:
    branches = step.settings.branches
    ways = [_awaited(way, scene) for way in branches] if len(branches) <= MOST_WAYS else _named(step.names)
    what = Text(" or ".join(w.en for w in ways), " 또는 ".join(w.ko for w in ways))
    if waiting.until is None:
        return Text(f"Waits for {what.en}, however long it takes", f"{what.ko} 대기(기한 없음)")
    until = scene.time(waiting.until)
    return Text(f"Waits for {what.en} until {until.en}", f"{until.ko}까지 {what.ko} 대기")


def _named(names: tuple[str, ...]) -> list[Text]:
    return [Text(f"*{name}*", f"*{name}*") for name in names]


def _awaited(way: EventBranch, scene: Scene) -> Text:
    if way.where is None:
        return Text(f"*{way.event}*", f"*{way.event}*")
    where = scene.scope.describe(way.where)
    return Text(f"*{way.event}* ({where.en})", f"*{way.event}*({where.ko})")


@_waits.register
def _(step: WaitUntil, waiting: Waiting, scene: Scene) -> Text:
    what, end = scene.scope.describe(step.settings.condition), waiting.memo.get("end")
    if end is None and step.settings.window is not None:
        return step.summary()  # of a run that is looked at from outside
    if end is None:
        return Text(f"Waits until {what.en}, however long it takes", f"{what.ko} 조건을 만족할 때까지 대기(기한 없음)")
    until = scene.time(datetime.fromisoformat(end))
    return Text(f"Waits until {what.en}, until {until.en} at most", f"최대 {until.ko}까지 {what.ko} 조건 대기")


@_waits.register
def _(step: Delay, waiting: Waiting, scene: Scene) -> Text:
    if waiting.until is None:
        return step.summary()
    until = scene.time(waiting.until)
    return Text(f"Waits until {until.en}", f"{until.ko}까지 대기")


@_waits.register
def _(step: Survey, waiting: Waiting, scene: Scene) -> Text:
    if waiting.until is None:
        return step.summary()
    until = scene.time(waiting.until)
    if "held" in waiting.memo:
        return Text(f"Held; decided again {until.en}", f"보류, {until.ko}에 다시 결정")
    name = step.settings.survey
    return Text(f"Waits for an answer to “{name}” until {until.en}", f"{until.ko}까지 ‘{name}’ 응답 대기")


@_waits.register
def _(step: Message, waiting: Waiting, scene: Scene) -> Text:
    if waiting.until is None or "held" not in waiting.memo:
        return step.summary()
    until = scene.time(waiting.until)
    return Text(f"Held; decided again {until.en}", f"보류, {until.ko}에 다시 결정")


# --- which way it took -----------------------------------------------------------------------------------------------


@singledispatch
def _left(step: Step, one: Transition, scene: Scene) -> Text:
    if len(step.ports()) == 1:
        return step.summary()
    return _through(step, one.port)


@_left.register
def _(step: Branch, one: Transition, scene: Scene) -> Text:
    if one.port != step.OTHERWISE.name:
        taken = next((n for n, way in enumerate(step.settings.branches) if way.port == one.port), None)
        why = scene.answers[taken][1] if taken is not None and taken < len(scene.answers) else None
        return _through(step, one.port, why)
    if not scene.answers:
        return _through(step, one.port)
    reasons = [why for _, why in scene.answers]
    en, ko = " · ".join(w.en for w in reasons), " · ".join(w.ko for w in reasons)
    return _through(step, one.port, Text(f"did not hold: {en}", f"조건을 만족하지 않음: {ko}"))


@_left.register
def _(step: WaitForEvent, one: Transition, scene: Scene) -> Text:
    if one.port == "timeout":
        end = scene.time(scene.waiting.until if scene.waiting and scene.waiting.until else one.at)
        return _through(step, one.port, Text(f"nothing came until {end.en}", f"{end.ko}까지 이벤트 없음"))
    event = scene.scope.event
    at = scene.time(event.occurred_at if event is not None else one.at)
    name = one.note.get("event", "")
    return _through(step, one.port, Text(f"*{name}* came {at.en}", f"{at.ko} *{name}* 발생"))


@_left.register
def _(step: WaitUntil, one: Transition, scene: Scene) -> Text:
    why = scene.answers[0][1] if scene.answers else None
    if one.port != "timeout":
        return _through(step, one.port, why)
    if why is None:
        return _through(step, one.port)
    return _through(step, one.port, Text(f"still did not hold: {why.en}", f"기한까지 만족하지 않음: {why.ko}"))


@_left.register
def _(step: Delay, one: Transition, scene: Scene) -> Text:
    if one.port == step.MISSING.name:
        name = one.note.get("attribute") or ""
        return _through(step, one.port, Text(f"“{name}” is no date of this customer", f"고객에게 ‘{name}’ 날짜가 없음"))
    if scene.waiting is None and scene.seen:
        return Text("Did not wait: the time had come already", "이미 지난 때여서 기다리지 않음")
    at = scene.time(one.at)
    return Text(f"Waited until {at.en}", f"{at.ko}까지 대기 완료")


@_left.register
def _(step: Message, one: Transition, scene: Scene) -> Text:
    return scene.sent or _through(step, one.port)


@_left.register
def _(step: Survey, one: Transition, scene: Scene) -> Text:
    if one.port == step.NOT_SENT.name:
        return scene.sent or _through(step, one.port)
    score = one.note.get("score")
    return _through(step, one.port, None if score is None else Text(f"the answer was {score}", f"응답 {score}점"))


@_left.register
def _(step: Experiment, one: Transition, scene: Scene) -> Text:
    total = sum(variant.weight for variant in step.settings.variants) or 1
    share = next((100 * v.weight / total for v in step.settings.variants if v.port == one.port), 0)
    why = f"{share:.3g}%"
    return _through(
        step,
        one.port,
        Text(f"drawn by the customer's id ({why}), the same each time", f"고객 ID로 배정({why}), 늘 같은 결과"),
    )


@_left.register
def _(step: UpdateCustomer, one: Transition, scene: Scene) -> Text:
    lines = []
    for change in step.settings.changes:
        value = in_words(scene.scope.value(change.value))
        words = _CHANGES[change.op]
        lines.append(
            Text(words.en.format(name=change.name, value=value.en), words.ko.format(name=change.name, value=value.ko))
        )
    return Text(", ".join(line.en for line in lines), ", ".join(line.ko for line in lines))


_CHANGES = {
    "set": Text("Set {name} to {value}", "{name} = {value} 저장"),
    "increment": Text("Added {value} to {name}", "{name}에 {value} 더함"),
    "remove": Text("Removed {name}", "{name} 삭제"),
    "add_tag": Text("Added the tag {name}", "태그 {name} 추가"),
    "remove_tag": Text("Removed the tag {name}", "태그 {name} 제거"),
    "grant": Text("Noted the consent {name}", "{name} 수신 동의 기록"),
    "withdraw": Text("Noted the withdrawal of the consent {name}", "{name} 수신 동의 철회 기록"),
}


@_left.register
def _(step: Coupon, one: Transition, scene: Scene) -> Text:
    pool, code = step.settings.pool, one.note.get("code")
    if code is not None:
        return Text(f"Got the code {code} of the pool “{pool}”", f"‘{pool}’ 쿠폰 풀에서 코드 {code} 발급")
    if one.port == step.HAD.name:
        return _through(step, one.port, Text("has a code of this pool from before", "이 풀의 코드를 받은 적이 있음"))
    return _through(step, one.port, Text(f"the pool “{pool}” gave none", f"‘{pool}’ 쿠폰 풀에 발급할 코드가 없음"))


@_left.register
def _(step: EmitEvent, one: Transition, scene: Scene) -> Text:
    name = step.settings.event
    return Text(f"Added *{name}* to the customer's events", f"고객 기록에 *{name}* 이벤트 추가")


@_left.register
def _(step: StartJourney, one: Transition, scene: Scene) -> Text:
    key = step.settings.journey
    return Text(f"Asked for an entry into the journey “{key}”", f"‘{key}’ 여정 진입 요청")


@_left.register
def _(step: GoTo, one: Transition, scene: Scene) -> Text:
    target = title(scene.plan, one.port)
    return Text(f"Goes on at “{target.en}”", f"‘{target.ko}’ 단계로 이동")

"""A customer's timeline in words: what they did, what was decided about them, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from api.pages.view import View
from api.pages.words import compact
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.describe import describe
from orchestrator.core.customers.consents import SOURCES as CONSENT_SOURCES
from orchestrator.core.customers.consents import title as consent_title
from orchestrator.core.events.system_events import (
    COMPLAINT_OPENED,
    COMPLAINT_RESOLVED,
    CONSENT_CHANGED,
    CUSTOMER_UPDATED,
    ENTRY_DUE,
    JOURNEY_REQUESTED,
    STAGE_CHANGED,
    SURVEY_ANSWERED,
    SYSTEM_EVENTS,
)
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import REASONS as ENTRY_REASONS
from orchestrator.core.sending.reasons import reason_in_words as in_words
from orchestrator.core.text import Named, Names, in_locale, spelt_out
from orchestrator.store.customers.record import TimelineItem
from orchestrator.store.journeys.live_counts import load_journey

_PROPERTIES_SHOWN = 4


@dataclass(frozen=True)
class TimelineLine:
    """One line. ``tone``: event, entry, refusal, step, send, held, skip, goal or end; ``journey``: its key, if any."""

    at: datetime
    icon: str
    tone: str
    title: str
    detail: str = ""
    journey: str = ""
    journey_name: str = ""
    link: str = ""
    stage: str = ""


async def describe_items(view: View, items: Sequence[TimelineItem]) -> list[tuple[str, list[TimelineLine]]]:
    """The lines by day of the workspace's zone, as they come."""
    describer = await _Describer.prepared(view, items)
    lines = [line for item in items if (line := describer.line(item)) is not None]
    by_day = groupby(lines, key=lambda line: view.words.local(line.at, "weekday"))
    return [(day, list(group)) for day, group in by_day]


class _Describer:
    """Knows the plans, so that steps and ports have their names."""

    def __init__(self, view: View, plans: Mapping[str, Plan], live: Mapping[str, Plan], names: Names) -> None:
        self.view = view
        self.words = view.words
        self.plans = plans
        self.live = live
        self.names = names

    @classmethod
    async def prepared(cls, view: View, items: Sequence[TimelineItem]) -> "_Describer":
        plans = await view.plans([i.row.plan_hash for i in items if i.source in ("step", "send")])
        live = {plan.key: plan for plan in plans.values()}
        for key in {item.row.journey_key for item in items if item.source == "entry"} - set(live):
            journey = await load_journey(view.engine, key)
            plan = await view.plan(journey.plan_hash) if journey else None
            if plan is not None:
                live[key] = plan
        return cls(view, plans, live, await view.names())

    def line(self, item: TimelineItem) -> TimelineLine | None:
        match item.source:
            case "event":
                return self._event(item.row)
            case "entry":
                return self._entry(item.row)
            case "step":
                return self._step(item.row)
            case "send":
                return self._send(item.row)
            case "consent":
                return self._consent(item.row)
            case "note":
                return TimelineLine(item.row.at, "message-square", "note", item.row.author, item.row.body)

    def _trait(self, name: str, value: Any) -> str:
        if name in ("add_tags", "remove_tags") and isinstance(value, list):
            sign = "+" if name == "add_tags" else "−"
            return f"{self.words('customer.tags')}: {', '.join(f'{sign}{tag}' for tag in value)}"
        return f"{name}: {compact(value, 30)}"

    def _consent(self, row: Any) -> TimelineLine:
        said = self.words("consent.yes") if row.granted else self.words("consent.no")
        line = f"{consent_title(row.name).to(self.view.locale)}: {said}"
        source = CONSENT_SOURCES[row.said_by].to(self.view.locale) if row.said_by in CONSENT_SOURCES else row.said_by
        level = self.words("consents.act") if row.act else self.words("consents.statement")
        told = [source, level, *([] if row.counts else [self.words("consents.only_recorded")])]
        return TimelineLine(row.at, "shield-check", "event", line, " · ".join(told))

    def _journey(self, key: str, plan: Plan | None = None) -> str:
        plan = plan or self.live.get(key)
        return self._called("journey", key) if plan is None else in_locale(plan.journey.name, self.view.locale, key)

    def _called(self, kind: str, key: str) -> str:
        return Named(kind, key).naming(self.names).to(self.view.locale)

    def _event(self, row: Any) -> TimelineLine | None:
        said: dict[str, Any] = row.properties
        if row.name == STAGE_CHANGED:
            title = self.words("timeline.stage_changed", stage=self.view.stage(said.get("to")))
            before = self.words("timeline.stage_before", stage=self.view.stage(said.get("from")))
            return TimelineLine(
                row.at, "flag", "stage", title, before if said.get("from") else "", stage=said.get("to") or ""
            )
        if row.name == CONSENT_CHANGED:
            return None  # the log of consents says it, with what proves it
        if row.name == CUSTOMER_UPDATED:
            detail = ", ".join(self._trait(name, value) for name, value in list(said.items())[:6])
            return TimelineLine(row.at, "user-pen", "event", self.words("timeline.updated"), detail)
        if row.name == JOURNEY_REQUESTED:
            title = self.words("timeline.requested", journey=self._journey(str(said.get("journey", ""))))
            return TimelineLine(row.at, "route", "event", title)
        if row.name == ENTRY_DUE:
            title = self.words("timeline.due", journey=self._journey(str(said.get("journey", ""))))
            return TimelineLine(row.at, "timer", "event", title, str(said.get("attribute") or ""))
        if row.name in (SURVEY_ANSWERED, COMPLAINT_OPENED, COMPLAINT_RESOLVED):
            return self._voice(row)
        if row.name in SYSTEM_EVENTS:
            return TimelineLine(row.at, "zap", "event", row.name, self._of_ours(said))
        shown = [(name, value) for name, value in said.items() if not isinstance(value, list | dict)]
        detail = " · ".join(f"{name} {compact(value, 40)}" for name, value in shown[:_PROPERTIES_SHOWN])
        return TimelineLine(row.at, "zap", "event", row.name, detail)

    def _of_ours(self, said: Mapping[str, Any]) -> str:
        """What one of the product's own events concerns: a channel, a journey, a coupon pool."""
        channel, journey, pool = (str(said.get(name) or "") for name in ("channel", "journey", "pool"))
        parts = [self.words.channel(channel) if channel in CHANNELS else "", self._journey(journey) if journey else ""]
        parts += [self._called("coupon_pool", pool) if pool else "", str(said.get("code") or "")]
        return " · ".join(part for part in parts if part)

    def _voice(self, row: Any) -> TimelineLine:
        """What the customer told us, and what became of it."""
        said: dict[str, Any] = row.properties
        if row.name == SURVEY_ANSWERED:
            title = self.words(
                "timeline.answered", survey=compact(self._called("survey", str(said.get("survey", ""))), 40)
            )
            score = said.get("score")
            what = (
                spelt_out(str(said.get("group") or "")).to(self.view.locale)
                if score is None
                else self.words("complaints.score", score=score)
            )
            told = [str(part) for part in (what, said.get("comment")) if part]
            return TimelineLine(row.at, "clipboard-list", "event", title, " · ".join(compact(one, 80) for one in told))
        opened = row.name == COMPLAINT_OPENED
        title = self.words("timeline.complaint_opened") if opened else self.words("timeline.complaint_resolved")
        source = self.words.of("complaint_source", said.get("source", ""))
        return TimelineLine(row.at, "message-circle-warning" if opened else "circle-check", "event", title, source)

    def _entry(self, row: Any) -> TimelineLine:
        journey = self._journey(row.journey_key)
        about = {"journey": row.journey_key, "journey_name": journey}
        if row.admitted:
            explain = self.words("timeline.because_of", event=row.event) if row.event else ""
            return TimelineLine(
                row.at, "log-in", "entry", self.words("timeline.entered", journey=journey), explain, **about
            )
        reason = ENTRY_REASONS.get(row.reason)
        detail = reason.to(self.view.locale) if reason else row.reason
        plan = self.live.get(row.journey_key)
        if row.reason == "filter" and plan and plan.journey.entry.filter is not None:
            detail = f"{detail}: {describe(plan.journey.entry.filter).to(self.view.locale)}"
        title = self.words("timeline.refused", journey=journey)
        return TimelineLine(row.at, "circle-slash", "refusal", title, detail, **about)

    def _step(self, row: Any) -> TimelineLine | None:
        plan = self.plans.get(row.plan_hash)
        step = plan.steps.get(row.step) if plan else None
        title = plan.label(row.step, self.view.locale, self.names) if plan and step else self.words("step.gone")
        about = {"journey": row.journey_key, "journey_name": self._journey(row.journey_key, plan)}
        if row.what == "goal":
            value = self._value(row.note)
            return TimelineLine(
                row.at,
                "target",
                "goal",
                self.words("timeline.goal", goal=self.view.goal(plan, row.port)),
                value,
                **about,
            )
        if row.what == "ended":
            reason = self.view.ended(plan, row.port)
            return TimelineLine(row.at, "log-out", "end", self.words("timeline.ended"), reason, **about)
        if row.what == "moved":
            within = self.words("timeline.moved", step=title)
            told = self.words("timeline.moved_version") if "plan" in row.note else within
            return TimelineLine(row.at, "route", "step", told, **about)
        if step is not None and step.TOLD_BY_ITS_SEND:
            return None
        stage = (step.stage if step else "") or ""
        if row.what == "entered":
            icon = type(step).ICON if step else "circle-dot"
            detail = plan.says(step.id, self.names).to(self.view.locale) if plan and step else ""
            return TimelineLine(row.at, icon, "step", title, detail if detail != title else "", stage=stage, **about)
        ports = {port.name: port.label.to(self.view.locale) for port in step.ports()} if step else {}
        if row.port in ("next", "") or row.port not in ports:
            return None
        line = self.words("timeline.left", step=title, port=ports[row.port])
        return TimelineLine(row.at, "arrow-right", "left", line, stage=stage, **about)

    def _value(self, note: Mapping[str, Any]) -> str:
        value = note.get("value")
        if not isinstance(value, int | float):
            return ""
        return f"{self.words.number(value)} {note.get('currency') or ''}".strip()

    def _send(self, row: Any) -> TimelineLine:
        plan = self.plans.get(row.plan_hash or "")
        title = (
            plan.label(row.step, self.view.locale, self.names)
            if plan and row.step in plan.steps
            else self.words("step.gone")
        )
        about = {"journey": row.journey_key, "journey_name": self._journey(row.journey_key, plan)}
        channel = self.words.channel(row.channel) if row.channel in CHANNELS else ""
        words = self.words.of("send", row.status)
        detail = reason_in_words(self.view, row.reason, row.inputs)
        subject = str(row.content.get("subject") or row.content.get("body") or "")
        if row.status == "sent":
            line = self.words("timeline.sent", channel=channel, message=title)
            link = f"/outbox/{row.id}" if row.in_outbox else ""
            icon = CHANNELS[row.channel].icon if row.channel in CHANNELS else "send"
            return TimelineLine(row.at, icon, "send", line, compact(subject, 90), link=link, **about)
        tone = "held" if row.status in ("held", "claimed") else "skip"
        icon = "hourglass" if tone == "held" else "circle-slash"
        line = f"{words}: {title}"
        return TimelineLine(row.at, icon, tone, line, detail, **about)


def reason_in_words(view: View, code: str, inputs: Mapping[str, Any]) -> str:
    """Why a message was not sent, with what the decision saw; and why earlier channels were passed over."""
    reason = inputs.get("reason")
    told = [_reason(view, reason if isinstance(reason, dict) else {"code": code})] if code else []
    for channel, passed in (inputs.get("passed") or {}).items():
        if isinstance(passed, dict) and passed.get("code") != code:
            title = view.words.channel(channel)
            told.append(f"{title}: {_reason(view, passed)}")
    return " · ".join(told)


def _reason(view: View, reason: Mapping[str, Any]) -> str:
    return in_words(reason, view.words.zone).to(view.locale)

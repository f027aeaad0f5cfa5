"""Where a run stands, in words, for the operator who looks at it in the Temporal UI."""

from datetime import datetime

from orchestrator.core.journey.plan import Plan
from orchestrator.core.lifecycle import STAGE_TITLES
from orchestrator.core.run.state import State
from orchestrator.core.text import Text, in_locale
from orchestrator.core.timing import zone
from orchestrator.core.zone_settings import DEFAULT_ZONE

_WORDS = {
    "journey": Text("Journey"),
    "stage": Text("Stage"),
    "step": Text("Step"),
    "waits": Text("Waits for"),
    "until": Text("Until"),
    "problem": Text("Problem"),
    "over": Text("Ended"),
}
_DOING = {
    "send": Text("the message to be sent"),
    "ask": Text("a data lookup"),
    "time": Text("time passing"),
}


def run_details(plan: Plan, state: State, problem: str | None, locale: str) -> str:
    """Markdown: journey, stage, step, what is waited for and until when. No personal data."""
    rows = [("journey", in_locale(plan.journey.name, locale, plan.key))]
    if state.stage:
        rows.append(("stage", STAGE_TITLES[state.stage].to(locale)))
    if state.step:
        node = plan.steps[state.step]
        rows.append(("step", f"**{plan.label(state.step, locale)}** · {type(node).TITLE.to(locale)} `{state.step}`"))
    if state.doing == "over":
        rows.append(("over", f"`{state.reason}`"))
    else:
        rows.append(("waits", _waits_for(plan, state, locale)))
    if state.doing == "rest" and state.until is not None:
        rows.append(("until", _instant(state.until, state, locale)))
    if problem:
        rows.append(("problem", f"`{problem}`"))
    return "\n".join(f"- {_WORDS[name].to(locale)}: {value}" for name, value in rows)


def _waits_for(plan: Plan, state: State, locale: str) -> str:
    if state.doing != "rest":
        return _DOING["send" if state.doing == "send" else "ask"].to(locale)
    summary = plan.steps[state.step].summary().to(locale)
    names = ", ".join(f"*{name}*" for name in state.names)
    return f"{summary} ({names})" if names else summary


def _instant(instant: datetime, state: State, locale: str) -> str:
    """In the zone of Korea's offices or UTC's, always with its name: an operator must not guess."""
    tz = zone(DEFAULT_ZONE if locale.startswith("ko") else "UTC")
    return f"{instant.astimezone(tz):%Y-%m-%d %H:%M:%S} {tz.key}"

"""Lives played on the step function and kept as a store keeps them: with names, addresses and words of a person."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from orchestrator.core.channels.registry import consent_names
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CONSENT_CHANGED, CUSTOMER_UPDATED, STAGE_CHANGED, SURVEY_ANSWERED
from orchestrator.core.journey.plan import Plan
from orchestrator.core.recordings.recorded_run import RecordedEvent, RecordedRun, RecordedSend
from orchestrator.core.scenarios.play import EXAMPLE_SENDER, ScenarioRun, play
from orchestrator.core.scenarios.script import Answers, Changes, Happens, Script, Stops, Timed
from orchestrator.core.sending.policies import policy_for
from orchestrator.core.simulation.interactive_run import RunEnvironment
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.steps.webhook import Webhook
from tests.core.scenarios.shop import plan as shop

BEGIN = datetime(2026, 3, 2, 1, 0, 0, 123456, UTC)
SETTINGS: dict[str, Any] = {"sending": {"policy": "KR"}, "logo": "https://shop.example/logo.png"}
PERSONAL = ("하늘", "kim@shop.example", "+821091234567", "c-7731", "Teacup of Kim", "Gangnam", "1991-04-17")


def somebody(**attributes: Any) -> Person:
    """A customer with everything by which one could know them."""
    own = {"first_name": "하늘", "street": "Gangnam 12", "birthday": "1991-04-17", **attributes}
    contacts: dict[str, str | None] = {
        "email": "kim@shop.example",
        "phone": "+821091234567",
        "push_token": "token-of-kim",
    }
    person = Person("5f7f8f9e-0000-4000-8000-000000000001", own, dict.fromkeys(consent_names(), True), contacts)
    person.locale, person.tags = "ko", ["vip-list-of-kim"]
    return person


def event(name: str, after: timedelta, n: int = 0, **properties: Any) -> Timed:
    """The customer does something so long after the beginning."""
    told = CustomerEvent(f"m-{name}-{n}", name, BEGIN + after, properties)
    return Timed(BEGIN + after, Happens(told))


def entering(after: timedelta = timedelta(0)) -> Timed:
    return event("Cart Updated", after, cart_id="c-7731", product="Teacup of Kim", total=39_000)


def recorded(*acts: Timed, person: Person | None = None, days: float = 30, plan: Plan | None = None) -> RecordedRun:
    """What the store has of the first run of a life."""
    plan, person = plan or shop(), person or somebody()
    script = Script(BEGIN, BEGIN + timedelta(days=days), person, acts)
    policy = policy_for(SETTINGS["sending"], "KR")
    played = play([plan], script, RunEnvironment(policy, EXAMPLE_SENDER, SETTINGS, "en"))
    return kept(played)


def kept(played: ScenarioRun) -> RecordedRun:
    """A playing as the store has it."""
    run, person = played.runs[0], played.person
    lines = played.trace(run)
    stopped = [act.at for act in played.script.acts if isinstance(act.what, Stops)]
    ended = max([lines[-1].at, *stopped]) if not run.live else played.until
    events = [one for one in _events(played, run.run_id) if one.event.occurred_at <= ended]
    entry = run.state.entry
    assert entry is not None
    return RecordedRun(
        run.run_id, played.plan, 1, run.key, entry.message_id, entry.occurred_at, played.until,
        None if run.live else ended, lines, tuple(_sends(played, run.run_id)), (), tuple(events),
        replace(person, attributes=dict(person.attributes)), SETTINGS, "en",
    )  # fmt: skip


def _events(played: ScenarioRun, run: str) -> list[RecordedEvent]:
    """As intake stores them: acts as events, and what the run added to the log."""
    found: list[RecordedEvent] = []
    for n, act in enumerate(played.script.acts):
        match act.what:
            case Happens(told):
                found.append(RecordedEvent(told, act.at))
            case Answers(survey, group, score):
                said = {"survey": survey, "group": group, "score": score, "run": run, "comment": "Teacup of Kim"}
                found.append(RecordedEvent(CustomerEvent(f"a-{n}", SURVEY_ANSWERED, act.at, said), act.at))
            case Changes() as change:
                if change.attributes:
                    told = CustomerEvent(f"u-{n}", CUSTOMER_UPDATED, act.at, dict(change.attributes))
                    found.append(RecordedEvent(told, act.at))
                if change.consents:
                    words = {
                        "granted": [name for name, said in change.consents.items() if said],
                        "withdrawn": [name for name, said in change.consents.items() if not said],
                    }
                    found.append(RecordedEvent(CustomerEvent(f"c-{n}", CONSENT_CHANGED, act.at, words), act.at))
    found += [RecordedEvent(one, one.occurred_at) for one in played.person.log.named(STAGE_CHANGED)[1]]
    return sorted(found, key=lambda one: one.event.occurred_at)


def _sends(played: ScenarioRun, run: str) -> list[RecordedSend]:
    """The ledger's rows: of each message the last decision; of each call what came back."""
    rows: dict[tuple[str, int], RecordedSend] = {}
    for told in played.sends:
        send = told.send
        passed = {"push": {"code": "unreachable"}} if send.channel == "email" and send.step == "letter" else {}
        inputs = {"passed": passed} if passed else {}
        rows[send.step, send.occurrence] = RecordedSend(
            send.step, send.occurrence, send.channel, send.outcome, send.reason, send.at, inputs
        )
    [one] = [one for one in played.runs if one.run_id == run]
    for line in played.trace(one):
        if line.what == "left" and isinstance(played.plan.steps[line.step], Webhook) and line.port == "ok":
            values = {"values": {"balance": one.state.variables["balance"]}}
            rows[line.step, line.occurrence] = RecordedSend(line.step, line.occurrence, "", "sent", "", line.at, values)
    return list(rows.values())

"""A script as `POST /api/journeys/test-run` takes it, as far as a test run can be told of it."""

from typing import Any

from orchestrator.core.events.system_events import CONSENT_CHANGED, SURVEY_ANSWERED
from orchestrator.core.scenarios.script import Answers, Changes, Happens, Outside, Script, Stops, Timed
from orchestrator.core.text import Text


def as_test_script(script: Script) -> tuple[dict[str, Any], list[Text]]:
    """The test run, and what of the script it leaves out, each once."""
    events: list[dict[str, Any]] = []
    left_out: dict[str, Text] = {}
    for act in script.acts:
        found, missing = _event(act)
        events += found
        if missing is not None:
            left_out.setdefault(missing.to("en"), missing)
    person = script.person
    before = [{"at": one.occurred_at, "name": one.name, "properties": one.properties} for one in script.history]
    told = {
        "start": script.start,
        "until": script.until,
        "events": [*before, *events],
        "customer": {
            "attributes": person.attributes,
            "consents": person.consents,
            "contacts": person.contacts,
            "tags": person.tags,
            "stage": person.stage,
            "time_zone": person.zone,
            "locale": person.locale,
            "seed": person.id,
        },
    }
    return told, list(left_out.values())


def _event(act: Timed) -> tuple[list[dict[str, Any]], Text | None]:
    """What happens as events, and what of it no event says."""
    match act.what:
        case Happens(event):
            late = Text("An event that arrived late counts as having come at once.")
            told = {"at": event.occurred_at, "name": event.name, "properties": event.properties}
            return [told], late if event.occurred_at != act.at else None
        case Answers(survey, group, score):
            properties = {"survey": survey, "group": group, **({} if score is None else {"score": score})}
            return [{"at": act.at, "name": SURVEY_ANSWERED, "properties": properties}], None
        case Changes(consents=consents, attributes=attributes):
            words = {
                "granted": [name for name, said in consents.items() if said],
                "withdrawn": [name for name, said in consents.items() if not said],
            }
            told = {"at": act.at, "name": CONSENT_CHANGED, "properties": {k: v for k, v in words.items() if v}}
            missing = Text("Changes of the customer's attributes during the run.") if attributes else None
            return ([told] if consents else []), missing
        case Outside(results, pools):
            usual = all(said == "ok" for said in results.values()) and not pools
            return [], None if usual else Text("What providers, other systems and coupon pools answered.")
        case Stops():
            return [], Text("That an operator ended the run.")

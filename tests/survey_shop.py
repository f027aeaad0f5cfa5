"""A shop that has asked: a live journey with a survey step, customers in it, and a message to each of them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.ids import send_id
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.surveys.invitations import INVITATIONS, new_document
from orchestrator.core.surveys.questionnaire import SurveyDocument, SurveyKind, groups_of
from orchestrator.links import Links
from orchestrator.settings import Settings
from orchestrator.store.database import session_factory
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.journeys import Journey, JourneyVersion, Plan
from orchestrator.store.tables.runs import Listening, Run
from orchestrator.store.tables.sending import SendRecord
from orchestrator.store.tables.surveys import Survey
from orchestrator.store.tables.workspace import Workspace

NOW = datetime(2026, 12, 3, 5, tzinfo=UTC)
SPACE = UUID(int=77)


def survey_journey(key: str, document: SurveyDocument, journey: str = "feedback") -> dict[str, Any]:
    """A journey file of one survey step, ``ask``; each way leads to an exit of its own."""
    groups = [group.key for group in groups_of(document)]
    ends = [*groups, "no_answer"]
    settings = {
        "survey": key,
        "groups": [{"port": group} for group in groups],
        "window": "7d",
        "channel": "email",
        "class": "informational",
        "content": INVITATIONS[document.kind],
    }
    return {
        "key": journey,
        "name": {"en": "Feedback", "ko": "의견"},
        "entry": {"triggers": [{"kind": "event", "event": "Order Delivered"}]},
        "steps": [
            {"id": "ask", "kind": "survey", "stage": "adaptation", "settings": settings},
            *({"id": end, "kind": "exit", "stage": "adaptation", "settings": {"reason": end}} for end in ends),
        ],
        "edges": [{"from": "entry", "to": "ask"}, *({"from": "ask", "port": end, "to": end} for end in ends)],
    }


class Asked:
    """Fills an empty database, and knows the links that were sent."""

    def __init__(self, engine: AsyncEngine, settings: Settings, kind: SurveyKind = "nps", **more: Any) -> None:
        self.engine = engine
        self.settings = settings
        self.key = f"my-{kind}"
        self.document = SurveyDocument.model_validate({**new_document(kind), **more})
        self.links = Links(settings.secret_key.get_secret_value(), str(settings.public_url))

    async def open(self, customers: int = 1, *, locale: str = "ko", clock: datetime = NOW) -> "Asked":
        """``customers`` are asked, an hour ago; the workspace's clock stands at ``clock`` now."""
        plan = compile_journey(survey_journey(self.key, self.document)).plan
        assert plan is not None
        async with session_factory(self.engine)() as session, session.begin():
            shop = {"sender_name": "오늘찻집", "sender_contact": "02-123-4567"}
            session.add(
                Workspace(day_seconds=86_400.0, clock_real=datetime.now(UTC), clock_journey=clock, settings=shop)
            )
            document = self.document.model_dump(mode="json")
            session.add(Survey(key=self.key, document=document, created_at=NOW, updated_at=NOW))
            session.add(Plan(hash=plan.hash, body=plan.body, created_at=NOW))
            draft = survey_journey(self.key, self.document)
            known: dict[str, Any] = {"name": draft["name"], "draft": draft, "created_at": NOW, "updated_at": NOW}
            session.add(Journey(key=plan.key, status="live", live_version=1, **known))
            session.add(JourneyVersion(journey_key=plan.key, version=1, plan_hash=plan.hash, published_at=NOW))
            for n in range(customers):
                for row in self._asked(n, plan.hash, locale):
                    session.add(row)
        return self

    def _asked(self, n: int, plan_hash: str, locale: str) -> list[object]:
        asked_at = NOW - timedelta(hours=1)
        customer, run = self.customer(n), self.run(n)
        about: dict[str, Any] = {"journey_key": "feedback", "customer_id": customer, "step": "ask"}
        sent: dict[str, Any] = {"content": {"locale": locale}, "created_at": asked_at, "sent_at": asked_at}
        passage: dict[str, Any] = {
            "entered_at": asked_at,
            "waiting_until": NOW + timedelta(days=7),
            "plan_hash": plan_hash,
        }
        person: dict[str, Any] = {
            "external_id": f"c-{n}",
            "email": f"c{n}@example.com",
            "attributes": {"name": f"고객 {n}"},
        }
        workflow, channel = f"feedback/{customer}", "email" if n % 3 else "sms"
        return [
            Customer(id=customer, created_at=NOW, updated_at=NOW, **person),
            Run(id=run, workflow_id=workflow, version=1, status="running", **about, **passage),
            Listening(customer_id=customer, event_name="Survey Answered", run_id=run, workflow_id=workflow),
            SendRecord(
                id=self.send(n),
                run_id=run,
                occurrence=1,
                status="sent",
                channel=channel,
                **{"message_class": "informational", **about, **sent},
            ),
        ]

    def customer(self, n: int = 0) -> UUID:
        return uuid5(SPACE, f"customer-{n}")

    def run(self, n: int = 0) -> UUID:
        return uuid5(SPACE, f"run-{n}")

    def send(self, n: int = 0) -> UUID:
        return send_id(self.run(n), "ask", 1)

    def path(self, n: int = 0) -> str:
        """Of the page, as the message had it."""
        return self.links.survey(self.send(n)).removeprefix(str(self.settings.public_url))

    def answer_path(self, value: str, n: int = 0) -> str:
        """Of a link that names an answer."""
        return self.links.survey_answer(self.send(n), value).removeprefix(str(self.settings.public_url))

"""The kinds of step: one file each, one name in this list each. Everything else learns of a kind from its model."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from orchestrator.core.steps.branch import Branch
from orchestrator.core.steps.contract import Step
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.delay import Delay
from orchestrator.core.steps.emit_event import EmitEvent
from orchestrator.core.steps.exit import Exit
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.steps.go_to import GoTo
from orchestrator.core.steps.goal import Goal
from orchestrator.core.steps.message import Message
from orchestrator.core.steps.start_journey import StartJourney
from orchestrator.core.steps.survey import Survey
from orchestrator.core.steps.update_customer import UpdateCustomer
from orchestrator.core.steps.wait_for_event import WaitForEvent
from orchestrator.core.steps.wait_until import WaitUntil
from orchestrator.core.steps.webhook import Webhook

_KINDS: tuple[type[Step], ...] = (
    Message,
    Survey,
    Delay,
    WaitForEvent,
    WaitUntil,
    Branch,
    Experiment,
    UpdateCustomer,
    Coupon,
    EmitEvent,
    StartJourney,
    Webhook,
    GoTo,
    Goal,
    Exit,
)
KINDS: dict[str, type[Step]] = {kind.model_fields["kind"].default: kind for kind in _KINDS}
"""The catalogue, in palette order."""

if TYPE_CHECKING:
    AnyStep = Step
else:
    AnyStep = Annotated[reduce(or_, _KINDS), Field(discriminator="kind")]

__all__ = ["KINDS", "AnyStep", "Step"]

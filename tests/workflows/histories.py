"""Golden histories: what real runs left on a real server, to be replayed by every later version of the code.

``RECORD_HISTORIES=basket,reminded make test`` writes those of these journeys anew. Do so only when runs begun by the
old code need not go on; otherwise change the workflow behind ``workflow.patched`` and let the old histories stand.

Beside whole lives of the examples: ``reminded``, whose first commit outlasted several tasks (the worker's heartbeats
stand in the history), and ``basket``, in trouble, then tried again or ended by an operator, or (``basket-continued``)
so long that it continued as new: two executions. ``first-attempt``: messages that were settled, or failed, or took too
long, within the run's own task. ``news`` (``parked``) stood still while everything was paused, and went on.
``moved``: a wait that an operator ended by moving the run to the next version, and the execution that went on there.
"""

import os
import re
from pathlib import Path

from sqlalchemy import text
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from orchestrator.core.journey.plan import Plan
from tests.workflows.conftest import Environment
from workflows.replays import history_files

FOLDER = Path(__file__).parent / "histories"


def recording(journey: str) -> bool:
    """Whether this session writes the histories of a journey instead of only reading them."""
    return journey in os.environ.get("RECORD_HISTORIES", "").split(",")


def recorded() -> list[Path]:
    """The histories on file."""
    return history_files.list_histories(FOLDER)


def load(path: Path) -> WorkflowHistory:
    """A history on file."""
    return history_files.load_history(path)


def converter() -> DataConverter:
    """The converter with the plans on file."""
    return history_files.folder_converter(FOLDER)


async def record(environment: Environment, plans: list[Plan], customer: object) -> None:
    """Keep the histories of a customer's runs, each execution of a continued run on its own."""
    async with environment.engine.connect() as db:
        query = text("select distinct workflow_id from runs where customer_id = :customer")
        ids = [row.workflow_id for row in await db.execute(query, {"customer": customer})]
    for workflow_id in ids:
        history = await environment.client.get_workflow_handle(workflow_id).fetch_history()
        keep(history, *plans)


def keep(history: WorkflowHistory, *plans: Plan, part: str = "") -> Path:
    """Put a history and the plans that it names on file. ``part``: which execution of a continued run it is."""
    # Traces tell of the machine, and no replay reads them.
    kept = re.sub(r'"stackTrace":\s*"(?:[^"\\]|\\.)*"', '"stackTrace": ""', history.to_json())
    return history_files.save_history(FOLDER, WorkflowHistory.from_json(history.workflow_id, kept), plans, part)

"""Histories of runs as files, to be replayed by every later build: the executions, the plans that they name, the traces
that were written.

    FOLDER/JOURNEY~CUSTOMER[~KEY][~partN].json     the history, as Temporal gives it
    FOLDER/plans/HASH.json                         compiled journeys, by content hash
    FOLDER/traces/….json                           the lines of the trace, under the history's name

The parts of a workflow id stand in the file's name. Customers are opaque ids; what else is of a person is taken out
before (:func:`without_personal_data`).
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from orchestrator.core.commands import Transition
from orchestrator.core.journey.plan import Plan
from workflows.payloads import data_converter

_TRACE: TypeAdapter[tuple[Transition, ...]] = TypeAdapter(tuple[Transition, ...])
_WITHIN = frozenset({"properties", "p", "facts", "values", "variables"})
"""Where in what a run is told and answers stands what customers are, have and did."""
_DROPPED = frozenset({"identity", "memo", "stackTrace", "encodedAttributes"})
"""What tells of machines, and of customers by a shop's own name for them."""
_QUEUE = {"name": "sojourn", "kind": "TASK_QUEUE_KIND_NORMAL"}
"""In the place of a task queue's own name, which may be that of a machine."""
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})")
_ZONE = re.compile(r"(?:[A-Z][A-Za-z_]+/[A-Za-z_/]+|UTC)")


def list_histories(folder: Path) -> list[Path]:
    """The histories of a folder, in order of their names."""
    return sorted(folder.glob("*.json"))


def load_history(path: Path) -> WorkflowHistory:
    """One execution. Raises ``ValueError`` where the file is no history."""
    parts = [part for part in path.stem.split("~") if not re.fullmatch(r"part\d+", part)]
    return WorkflowHistory.from_json("/".join(parts), path.read_text(encoding="utf-8"))


def folder_converter(folder: Path) -> DataConverter:
    """The converter with the plans of a folder. It stores nothing."""

    async def load(digest: str) -> bytes:
        return (folder / "plans" / f"{digest}.json").read_bytes()

    async def save(digest: str, body: bytes) -> None:
        raise ValueError("a replay stores nothing")

    return data_converter(load, save)


def load_trace(path: Path) -> tuple[Transition, ...] | None:
    """The trace that belongs to a history; None where none is kept."""
    kept = path.parent / "traces" / path.name
    return _TRACE.validate_json(kept.read_bytes()) if kept.exists() else None


def save_trace(path: Path, trace: Sequence[Transition]) -> None:
    """Keep the trace of a history that stands at ``path``."""
    folder = path.parent / "traces"
    folder.mkdir(exist_ok=True)
    (folder / path.name).write_bytes(_TRACE.dump_json(tuple(trace), indent=1) + b"\n")


def save_history(folder: Path, history: WorkflowHistory, plans: Iterable[Plan], part: str = "") -> Path:
    """Keep a history and the plans that it names. ``part``: which execution of a continued run it is (``part0``)."""
    (folder / "plans").mkdir(parents=True, exist_ok=True)
    for plan in plans:
        (folder / "plans" / f"{plan.hash}.json").write_bytes(plan.body)
    name = "~".join(filter(None, (*history.workflow_id.split("/"), part)))
    path = folder / f"{name}.json"
    path.write_text(history.to_json(), encoding="utf-8")
    return path


# --- what is of a person ---------------------------------------------------------------------------------------------


def without_personal_data(history: WorkflowHistory, plans: Sequence[Plan], keep_facts: bool = False) -> WorkflowHistory:
    """The same history without names, addresses and other words of customers.

    Texts in properties, facts and variables become ``text-1``, ``text-2``, …, the same for the same, so that what was
    equal stays equal. Numbers, instants and time zones stay, and so do words that the journey itself has. Whoever
    depends on more of a text than whether it is equal (that it begins with something, or a date of birth) diverges when
    it is replayed: replay it before it is kept. ``keep_facts``: facts stay as they are.
    """
    own = {word for plan in plans for word in _words(json.loads(plan.body))}
    names: dict[str, str] = {}

    def instead(text: str) -> str:
        if text in own or _INSTANT.fullmatch(text) or _ZONE.fullmatch(text):
            return text
        return names.setdefault(text, f"text-{len(names) + 1}")

    told = _of_event(json.loads(history.to_json()), instead, keep_facts)
    return WorkflowHistory.from_json(history.workflow_id, json.dumps(told))


def _words(node: Any) -> Iterable[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for name, value in node.items():
            yield name
            yield from _words(value)
    elif isinstance(node, list):
        for value in node:
            yield from _words(value)


def _of_event(node: Any, instead: Any, keep_facts: bool) -> Any:
    """A part of a history; payloads are opened, and closed again."""
    if isinstance(node, list):
        return [_of_event(one, instead, keep_facts) for one in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("data"), str) and isinstance(node.get("metadata"), dict):
        return {**node, "data": _of_payload(node["data"], instead, keep_facts)}
    return {
        name: _QUEUE if name == "taskQueue" else _of_event(value, instead, keep_facts)
        for name, value in node.items()
        if name not in _DROPPED  # whoever reads it back takes what is left out as empty
    }


def _of_payload(data: str, instead: Any, keep_facts: bool) -> str:
    try:
        value = json.loads(base64.b64decode(data))
    except ValueError:
        return data
    changed = _of_value(value, instead, keep_facts, False)
    body = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(body.encode()).decode()


def _of_value(value: Any, instead: Any, keep_facts: bool, personal: bool) -> Any:
    if isinstance(value, str):
        return instead(value) if personal else value
    if isinstance(value, list):
        return [_of_value(one, instead, keep_facts, personal) for one in value]
    if isinstance(value, dict):
        return {
            name: _of_value(
                one, instead, keep_facts, (personal or name in _WITHIN) and not (name == "facts" and keep_facts)
            )
            for name, one in value.items()
        }
    return value

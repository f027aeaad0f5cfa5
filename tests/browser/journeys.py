"""Journeys for the browser to draw on."""

from collections.abc import Mapping
from typing import Any

from httpx2 import AsyncClient

from orchestrator.core.steps import KINDS

Document = dict[str, Any]


async def new_journey(http: AsyncClient, name: str = "Practice", document: Mapping[str, Any] | None = None) -> str:
    """An empty journey, or one from a file; its key."""
    answer = await http.post("/api/journeys", json={"name": name, **({"document": document} if document else {})})
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["key"]
    return key


def straight(*kinds: str) -> Document:
    """Steps in a row in the first stage, each as a new one of its kind is, named for it."""
    names = [kind.replace("_", "-") for kind in kinds]
    pairs = zip(["entry", *names], names, strict=False)
    return {
        "key": "practice",
        "name": {"en": "Practice", "ko": "연습"},
        "entry": {"triggers": [{"kind": "event", "event": "Signed Up"}]},
        "steps": [
            {"id": name, "kind": kind, "stage": "intake", "settings": dict(KINDS[kind].DEFAULTS)}
            for name, kind in zip(names, kinds, strict=True)
        ],
        "edges": [{"from": here, "to": there} for here, there in pairs],
    }


def long_row(count: int) -> Document:
    """A journey of so many steps, a quarter in each stage: delays in rows that a branch joins."""
    stages = ("intake", "adaptation", "retention", "churn_signal")
    steps = [
        {
            "id": f"s{n}",
            "kind": "delay",
            "stage": stages[4 * n // count],
            "settings": {"mode": "duration", "duration": "1d"},
            "label": {"en": f"Pause {n}", "ko": f"쉼 {n}"},
        }
        for n in range(count - 1)
    ]
    steps.append({"id": "end", "kind": "exit", "stage": "churn_signal", "settings": {}})
    names = [str(step["id"]) for step in steps]
    edges = [{"from": here, "to": there} for here, there in zip(["entry", *names], names, strict=False)]
    trigger = {"kind": "event", "event": "Signed Up"}
    name = {"en": f"{count} steps", "ko": f"{count}단계"}
    positions = {step: {"x": 0, "y": 176 * n + 120 * (4 * n // count)} for n, step in enumerate(["entry", *names])}
    return {
        "key": f"row-{count}",
        "name": name,
        "entry": {"triggers": [trigger]},
        "steps": steps,
        "edges": edges,
        "layout": {"positions": positions},
    }

"""The checks as the API answers them."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from api.http.words import Words
from orchestrator.core.preflight.findings import CHECKS, Verdict


class FigureBody(BaseModel):
    """One figure, in words."""

    label: Words
    value: Words


class FindingBody(BaseModel):
    """One thing that was found."""

    verdict: Verdict
    code: str
    text: Words
    step: str | None = Field(description="The step that it is about, where it has a place.")
    field: str | None


class Progress(BaseModel):
    """Of what is still under way."""

    done: int
    of: int


class CheckBody(BaseModel):
    """One check."""

    check: str = Field(description="`condition`, `time`, `audience`, `text`, `link` or `coupon`.")
    title: Words
    verdict: Verdict
    verdict_title: Words
    summary: Words
    figures: list[FigureBody]
    findings: list[FindingBody]
    more_findings: int
    progress: Progress | None = Field(description="Null: the check is done.")


class Preflight(BaseModel):
    """The checks of a draft. Ask again while one has `progress`."""

    revision: int
    verdict: Verdict = Field(description="The worst of them.")
    checks: list[CheckBody]


def preflight_body(revision: int, checks: Mapping[str, Any]) -> dict[str, Any]:
    """``checks``: by name, as ``Check.as_json`` has them."""
    listed = [checks[name] for name in CHECKS if name in checks]
    worst = next((verdict for verdict in ("stop", "look") if any(one["verdict"] == verdict for one in listed)), "ok")
    return {"revision": revision, "verdict": worst, "checks": listed}


def worth_a_look(checks: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those that found something, in order."""
    return [checks[name] for name in CHECKS if name in checks and checks[name]["verdict"] != "ok"]

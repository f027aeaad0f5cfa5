"""What the compiler finds, as the API tells it."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.http.problems import ApiProblem
from api.http.words import Words
from orchestrator.core.problems import Problem


class JourneyProblem(BaseModel):
    """Something the compiler found."""

    code: str = Field(description="docs/problems.md lists all codes.")
    severity: Literal["error", "warning"] = Field(
        description="error: cannot be published; warning: probably not what was meant"
    )
    step: str | None
    field: str | None = Field(description="The place, dotted: within the step, or within the file.")
    parameters: dict[str, Any]
    message: str = Field(description="The text in the caller's language.")
    text: Words


def problem_responses(problems: Iterable[Problem], locale: str) -> list[dict[str, Any]]:
    """The problems, with the words in the caller's language beside those in both."""
    return [problem.as_json() | {"message": problem.text.to(locale)} for problem in problems]


def refusal(problems: Iterable[Problem], locale: str) -> ApiProblem:
    """What is answered where errors stand in the way."""
    found = list(problems)
    problem = ApiProblem("journey_has_errors", None, count=sum(one.severity == "error" for one in found))
    problem.more["problems"] = problem_responses(found, locale)
    return problem


def too_large(problem: Problem) -> ApiProblem:
    """What is answered for a file beyond all reason: it is not even kept."""
    return ApiProblem("journey_too_large", problem.field, reason=problem.parameters["message"])

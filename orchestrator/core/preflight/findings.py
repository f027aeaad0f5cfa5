"""The checks before anything goes live: condition, time, audience, text, link, and coupon.

Every CRM marketer makes them by hand before each campaign: who gets it, when, can they be reached, does it read right,
do the links lead there, and is the coupon still good. Here the machine makes them and shows what it found, with
figures. A verdict is one of three: ``ok``; ``look``, a person should; ``stop``, it would go wrong for customers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator.core.text import Text, number_text, verbatim

CheckName = Literal["condition", "time", "audience", "text", "link", "coupon"]
Verdict = Literal["ok", "look", "stop"]
CHECKS: dict[CheckName, Text] = {
    "condition": Text("Condition"),
    "time": Text("Time"),
    "audience": Text("Audience"),
    "text": Text("Text", context="words"),
    "link": Text("Link"),
    "coupon": Text("Coupon"),
}
VERDICTS: dict[Verdict, Text] = {
    "ok": Text("OK"),
    "look": Text("Worth a look"),
    "stop": Text("Publishing not recommended"),
}
_RANK: dict[Verdict, int] = {"stop": 0, "look": 1, "ok": 2}
MOST_FINDINGS = 40
"""Of one check; what is beyond is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, at a step where it has a place."""

    verdict: Verdict
    code: str
    text: Text
    step: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that was found, in words."""

    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Check:
    """One check: a line that says how it went, its figures, its findings. ``progress``: of what is still under way."""

    name: CheckName
    summary: Text
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()
    progress: tuple[int, int] | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of its findings."""
        return min((one.verdict for one in self.findings), key=_RANK.__getitem__, default="ok")

    def as_json(self) -> dict[str, Any]:
        """With the words in both languages; the worst findings first."""
        shown = sorted(self.findings, key=lambda one: _RANK[one.verdict])
        return {
            "check": self.name,
            "title": CHECKS[self.name].by_locale(),
            "verdict": self.verdict,
            "verdict_title": VERDICTS[self.verdict].by_locale(),
            "summary": self.summary.by_locale(),
            "figures": [{"label": one.label.by_locale(), "value": one.value.by_locale()} for one in self.figures],
            "findings": [
                {
                    "verdict": one.verdict,
                    "code": one.code,
                    "text": one.text.by_locale(),
                    "step": one.step,
                    "field": one.field,
                }
                for one in shown[:MOST_FINDINGS]
            ],
            "more_findings": max(0, len(shown) - MOST_FINDINGS),
            "progress": None if self.progress is None else {"done": self.progress[0], "of": self.progress[1]},
        }


def summed_up(findings: Sequence[Finding], fine: Text) -> Text:
    """One line: what is fine, or the worst that was found and how much else."""
    if not findings:
        return fine
    worst = min(findings, key=lambda one: _RANK[one.verdict])
    others = len(findings) - 1
    if not others:
        return worst.text
    return Text("{text} And {others} more.", text=worst.text, others=others)


def each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same thing at the same place is said once."""
    return tuple({(one.code, one.step, one.field, one.text): one for one in findings}.values())


def figure(label: Text, value: int | str | Text) -> Figure:
    """A figure; a number is written in groups of three."""
    if isinstance(value, int):
        return Figure(label, number_text(value))
    return Figure(label, verbatim(value) if isinstance(value, str) else value)

"""The checks before anything goes live: condition, time, audience, text, link, and coupon.

Every CRM marketer makes them by hand before each campaign: who gets it, when, can they be reached, does it read right,
do the links lead there, and is the coupon still good. Here the machine makes them and shows what it found, with
figures. A verdict is one of three: ``ok``; ``look``, a person should; ``stop``, it would go wrong for customers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator.core.labels import words_of
from orchestrator.core.text import Text

CheckName = Literal["condition", "time", "audience", "text", "link", "coupon"]
Verdict = Literal["ok", "look", "stop"]
CHECKS: dict[CheckName, Text] = {
    "condition": Text("Condition", "조건"),
    "time": Text("Time", "시간"),
    "audience": Text("Audience", "대상"),
    "text": Text("Text", "문구"),
    "link": Text("Link", "링크"),
    "coupon": Text("Coupon", "쿠폰"),
}
VERDICTS: dict[Verdict, Text] = {
    "ok": Text("OK", "이상 없음"),
    "look": Text("Take a look", "확인 필요"),
    "stop": Text("Stop", "중지 권고"),
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
            "title": words_of(CHECKS[self.name]),
            "verdict": self.verdict,
            "verdict_title": words_of(VERDICTS[self.verdict]),
            "summary": words_of(self.summary),
            "figures": [{"label": words_of(one.label), "value": words_of(one.value)} for one in self.figures],
            "findings": [
                {
                    "verdict": one.verdict,
                    "code": one.code,
                    "text": words_of(one.text),
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
    return Text(f"{worst.text.en} And {others} more.", f"{worst.text.ko} 외 {others}건.")


def each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same thing at the same place is said once."""
    return tuple({(one.code, one.step, one.field, one.text): one for one in findings}.values())


def figure(en: str, ko: str, value: int | str | Text) -> Figure:
    """A figure; a number is written in groups of three."""
    if isinstance(value, Text):
        return Figure(Text(en, ko), value)
    written = f"{value:,}" if isinstance(value, int) else value
    return Figure(Text(en, ko), Text(written, written))

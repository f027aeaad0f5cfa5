"""What an analysis says, in a sentence for whoever ends the experiment."""

from collections.abc import Mapping

from orchestrator.core.experiments.analysis import Analysis, Finding
from orchestrator.core.experiments.comparison import Comparison
from orchestrator.core.experiments.rules import Decision
from orchestrator.core.text import Text, number_text, verbatim

SIGNED = "+#,##0.0%;-#,##0.0%"
DECIDED_TEXT: dict[str, Text] = {
    Decision.WINNER: Text("Ended by its rule: there is a winner"),
    Decision.GUARD: Text("Ended by its rule: too many opted out or reported spam"),
    Decision.UNDECIDED: Text("Ended by its rule: no winner by the last day"),
}
"""By decision: what a rule has done."""


def verdict_text(analysis: Analysis | None, names: Mapping[str, Text], proportion: bool) -> Text:
    """The finding on the whole experiment. ``names``: of the arms; None: nobody was exposed yet."""
    if analysis is None:
        return Text("Nobody has been assigned yet. Figures come with the first customers.")
    verdict, control = analysis.verdict, names[analysis.control]
    arm = names.get(verdict.arm or "", verbatim(verdict.arm or ""))
    match verdict.code:
        case Finding.SAMPLE_RATIO:
            return Text(
                "The variants do not have the customers that their weights promise, so no figure can be trusted. "
                "Find out why before you conclude anything."
            )
        case Finding.GUARD_BROKEN:
            return Text(
                "Stop “{arm}”: more of its customers opt out or report spam than with “{control}”.",
                arm=arm,
                control=control,
            )
        case Finding.TOO_FEW:
            if verdict.needs_exposed:
                return Text(
                    "It is too early to tell. “{arm}” needs {count:,} more customers.",
                    arm=arm,
                    count=verdict.needs_exposed,
                )
            return Text("It is too early to tell. Too few customers of “{arm}” have done what is measured.", arm=arm)
        case Finding.BETTER:
            comparison = analysis.arm(verdict.arm or "").comparison
            lift = lift_text(comparison, proportion) if comparison else verbatim("")
            return Text("“{arm}” is better than “{control}”: {lift}.", arm=arm, control=control, lift=lift)
        case Finding.WORSE:
            return Text("“{control}” is the best: every other variant is worse.", control=control)
    return Text("No difference is certain yet. You may look as often as you like; it will be said when there is one.")


def lift_text(comparison: Comparison, proportion: bool) -> Text:
    """By how much an arm is above the control, with its interval: relative where that can be told."""
    one, low, high = comparison.relative, comparison.relative_low, comparison.relative_high
    if one is not None and low is not None and high is not None:
        return Text(
            "{lift} (between {low} and {high})",
            lift=number_text(one, SIGNED),
            low=number_text(low, SIGNED),
            high=number_text(high, SIGNED),
        )
    scale, pattern = (100, "+#,##0.00;-#,##0.00") if proportion else (1, "+#,##0.##;-#,##0.##")
    one, low, high = comparison.difference * scale, comparison.low, comparison.high
    words = number_text(one, pattern)
    if low is not None and high is not None:
        words = Text(
            "{lift} (between {low} and {high})",
            lift=words,
            low=number_text(low * scale, pattern),
            high=number_text(high * scale, pattern),
        )
    return Text("{lift} percentage points", lift=words) if proportion else words

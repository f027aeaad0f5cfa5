"""What a push would do, in words: for a terminal, or as a comment on a pull request."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from orchestrator.commands.as_code.folder import Folder
from orchestrator.commands.as_code.planning import Compared, State
from orchestrator.commands.as_code.resources import Workspace
from orchestrator.core.journey.diff import Difference, FieldChange, difference
from orchestrator.core.text import Text

STATES: Mapping[State, Text] = {
    "added": Text("new"),
    "changed": Text("changed"),
    "newer_there": Text("changed in the workspace only: pull"),
    "conflict": Text("changed on both sides: pull, put the two together, and delete what lies beside as theirs"),
    "new_there": Text("in the workspace only: pull"),
    "deleted_here": Text("no longer in the folder; stays in the workspace"),
    "deleted_there": Text("no longer in the workspace"),
    "same": Text("the same"),
}
_CHANGES = {"added": Text("added"), "removed": Text("removed"), "changed": Text("changed")}
STOPS: tuple[State, ...] = ("conflict", "deleted_there")


@dataclass(frozen=True)
class Item:
    """One document of a plan. ``difference``: of a journey; ``standing``: runs at steps that would be removed."""

    compared: Compared
    file: str
    difference: Difference | None = None
    standing: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[str] = ()
    errors: int = 0

    @property
    def stops(self) -> bool:
        """Whether it cannot be pushed as it is."""
        return self.compared.state in STOPS or self.errors > 0


def item_of(folder: Folder, workspace: Workspace, compared: Compared, locale: str) -> Item:
    """All that is worth saying of one document."""
    file = folder.file(compared.kind, compared.key)
    pushed = compared.state in ("added", "changed")
    if compared.kind == "templates" or not pushed or compared.own is None:
        return Item(compared, str(file))
    if compared.kind == "segments":
        wrong = workspace.segment_problems(compared.key, compared.own)
        text = file.read_text(encoding="utf-8")
        said = [f"{file.name}:{line_of(text, None, one['field'])}: error: {one['message']}" for one in wrong]
        return Item(compared, str(file), problems=said, errors=len(said))
    before = compared.theirs.document if compared.theirs else {}
    found = difference(before, dict(compared.own))
    gone = {step for step, one in found.steps.items() if one.change == "removed"}
    standing = workspace.standing(compared.key) if gone and compared.theirs else {}
    told = workspace.problems(compared.own)
    text = file.read_text(encoding="utf-8")
    lines = [_problem(file.name, text, one, locale) for one in told]
    errors = sum(one["severity"] == "error" for one in told)
    here = {step: runs for step, runs in standing.items() if step in gone and runs}
    return Item(compared, str(file), found, here, lines, errors)


def _problem(name: str, text: str, told: Mapping[str, Any], locale: str) -> str:
    words = told["text"]
    sentence = words.get(locale) or next(iter(words.values())) if isinstance(words, Mapping) else str(words)
    line = line_of(text, told.get("step"), told.get("field"))
    return f"{name}:{line}: {told['severity']}: {sentence}"


def line_of(text: str, step: str | None, field: str | None) -> int:
    """The line of a place in a journey file, from 1; as near as the file has it."""
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    if step is not None:
        steps = _member(node, "steps")
        own = [one for one in getattr(steps, "value", []) if getattr(_member(one, "id"), "value", None) == step]
        node = own[0] if own else steps or node
    line = node.start_mark.line if node is not None else 0
    for part in (field or "").split("."):
        inner = _member(node, part)
        if inner is None:
            break
        node, line = inner, inner.start_mark.line
    return int(line) + 1


def _member(node: Any, name: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == name), None)
    if isinstance(node, yaml.SequenceNode) and name.isascii() and name.isdigit() and int(name) < len(node.value):
        return node.value[int(name)]
    return None


def told(item: Item, locale: str) -> Iterator[str]:
    """An item in lines; what belongs to it is set in."""
    compared = item.compared
    yield f"{compared.kind}/{compared.key}: {STATES[compared.state].to(locale)}{_by(compared)}"
    if item.difference is not None:
        for step, one in item.difference.steps.items():
            line = Text("step “{title}” {change}", title=one.title, change=_CHANGES[one.change])
            runs = item.standing.get(step)
            stand = "" if runs is None else Text("{count:,} runs stand there", count=runs).to(locale)
            yield f"  {line.to(locale)}{stand and f' ({stand})'}"
            yield from (f"    {_field(changed, locale)}" for changed in one.fields)
        for edge in item.difference.edges:
            yield f"  {edge.source} › {edge.port} → {edge.target}: {_CHANGES[edge.change].to(locale)}"
        yield from (f"  {_field(changed, locale)}" for changed in item.difference.journey)
    yield from (f"  {line}" for line in item.problems)


def _field(changed: FieldChange, locale: str) -> str:
    return f"{changed.label.to(locale)}: {changed.before.to(locale)} → {changed.after.to(locale)}"


def _by(compared: Compared) -> str:
    theirs = compared.theirs
    shown = compared.state in ("conflict", "newer_there") and theirs is not None and theirs.edited_by
    return f" ({theirs.edited_by})" if shown and theirs is not None else ""


def markdown(items: Sequence[Item], locale: str) -> str:
    """A plan as a comment on a pull request."""
    shown = [item for item in items if item.compared.state != "same"]
    if not shown:
        return Text("Nothing would change.").to(locale) + "\n"
    parts = []
    for item in shown:
        first, *rest = told(item, locale)
        mark = "❌" if item.stops else "📝"
        body = "\n".join(rest)
        parts.append(f"### {mark} {first}\n" + (f"\n```\n{body}\n```\n" if body else ""))
    return "\n".join(parts)

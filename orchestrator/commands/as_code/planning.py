"""What a folder and a workspace have of each other: one's own, theirs, and what both agreed on are compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator.commands.as_code.folder import Base, Folder, digest_of
from orchestrator.commands.as_code.resources import KINDS, Kind, Resource, Workspace

State = Literal["same", "added", "changed", "newer_there", "conflict", "new_there", "deleted_here", "deleted_there"]
PUSHED: tuple[State, ...] = ("added", "changed")
"""What a push carries over."""
PULLED: tuple[State, ...] = ("newer_there", "new_there")
"""What a pull carries over."""


@dataclass(frozen=True)
class Compared:
    """One document: ``own`` in the folder, ``theirs`` in the workspace."""

    kind: Kind
    key: str
    state: State
    own: Mapping[str, Any] | None
    theirs: Resource | None


def state_of(own: Mapping[str, Any] | None, theirs: Resource | None, base: Base | None) -> State:
    """How a document stands. Nothing is guessed: where both sides have changed it differently it is a conflict."""
    if own is None:
        return "new_there" if base is None else "deleted_here"
    if theirs is None:
        return "added" if base is None else "deleted_there"
    mine, other = digest_of(own), digest_of(theirs.document)
    if mine == other:
        return "same"
    if base is None:
        return "conflict"
    if other == base.digest:
        return "changed"
    return "newer_there" if mine == base.digest else "conflict"


def compare(folder: Folder, workspace: Workspace) -> list[Compared]:
    """Everything that either side has, in the order in which it is pushed."""
    found = []
    for kind in KINDS:
        there = [*workspace.keys(kind)]
        for key in dict.fromkeys([*folder.keys(kind), *there]):
            own, theirs = folder.read(kind, key), workspace.get(kind, key)
            if own is None and theirs is None:
                continue
            state = state_of(own, theirs, folder.bases.get((kind, key)))
            if folder.theirs(kind, key).exists() and state != "same":
                state = "conflict"
            found.append(Compared(kind, key, state, own, theirs))
    return found

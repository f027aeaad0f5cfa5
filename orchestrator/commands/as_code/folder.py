"""The folder: a file for each journey, segment and template, and what each was when it was last pulled or pushed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestrator.commands.as_code.resources import KINDS, Kind
from orchestrator.core.segments.document import SegmentDocument
from orchestrator.files.journeys import to_yaml
from orchestrator.files.yaml_text import InvalidYaml, TooDeep, load_plain_yaml

STATE = ".sojourn.json"
THEIRS = ".theirs.yaml"
"""Ends the name of what the workspace has, where both sides have changed: laid beside one's own, and never pushed."""


class UnreadableFile(Exception):
    """A file that is no document."""


@dataclass(frozen=True)
class Base:
    """What a file and the workspace agreed on last."""

    revision: int
    digest: str


def digest_of(document: Mapping[str, Any]) -> str:
    """The same for documents that say the same."""
    body = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()[:32]


def canonical(kind: Kind, document: dict[str, Any]) -> dict[str, Any]:
    """A document as the workspace keeps it: a segment with all that its file leaves unsaid. What is none stays."""
    if kind != "segments":
        return document
    try:
        return SegmentDocument.model_validate(document).model_dump(mode="json")
    except ValidationError:
        return document


class Folder:
    """A workspace's files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bases: dict[tuple[Kind, str], Base] = {}
        state = path / STATE
        if state.exists():
            told = json.loads(state.read_text(encoding="utf-8"))
            for kind in KINDS:
                self.bases |= {(kind, key): Base(**base) for key, base in told.get(kind, {}).items()}

    def file(self, kind: Kind, key: str) -> Path:
        """Where one stands, or would."""
        return self.path / kind / f"{key}.yaml"

    def keys(self, kind: Kind) -> list[str]:
        """Those that have a file."""
        files = sorted((self.path / kind).glob("*.yaml"))
        return [file.stem for file in files if not file.name.endswith(THEIRS)]

    def read(self, kind: Kind, key: str) -> dict[str, Any] | None:
        """The document of a file; None where there is none. Raises :class:`UnreadableFile`."""
        file = self.file(kind, key)
        if not file.exists():
            return None
        try:
            document = load_plain_yaml(file.read_bytes())
        except InvalidYaml as error:
            raise UnreadableFile(f"{file}:{error.line}: this is no YAML") from None
        except (TooDeep, OSError) as error:
            raise UnreadableFile(f"{file}: {error}") from None
        if not isinstance(document, dict):
            raise UnreadableFile(f"{file}: a mapping is expected")
        return canonical(kind, {name: value for name, value in document.items() if name != "layout"})

    def write(self, kind: Kind, key: str, document: Mapping[str, Any]) -> Path:
        """Write one."""
        return self._write(self.file(kind, key), document)

    def lay_beside(self, kind: Kind, key: str, document: Mapping[str, Any], revision: int) -> Path:
        """Both sides have changed: put what the workspace has beside one's own. Until that file is deleted nothing is
        pushed; from then on one's own is a change of what it had."""
        self.bases[kind, key] = Base(revision, digest_of(document))
        return self._write(self.theirs(kind, key), document)

    def theirs(self, kind: Kind, key: str) -> Path:
        """Where what the workspace has lies, while both are to be put together."""
        return self.path / kind / f"{key}{THEIRS}"

    def _write(self, file: Path, document: Mapping[str, Any]) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(to_yaml(dict(document)), encoding="utf-8")
        return file

    def agree(self, kind: Kind, key: str, document: Mapping[str, Any], revision: int) -> None:
        """Remember what both sides have."""
        self.bases[kind, key] = Base(revision, digest_of(document))

    def save(self) -> None:
        """Keep what is remembered."""
        told = {
            kind: {
                key: {"revision": base.revision, "digest": base.digest}
                for (of, key), base in sorted(self.bases.items())
                if of == kind
            }
            for kind in KINDS
        }
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / STATE).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")

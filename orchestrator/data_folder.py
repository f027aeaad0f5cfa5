"""What processes of one data folder know of each other: what `sojourn run` decided, and secrets made on first use."""

import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

RUNNING = ("database_url", "redis_url", "temporal_address", "day_seconds")
"""What `sojourn run` decides where the environment does not, and other processes of the data folder need to know."""


def running_file(data_dir: Path) -> Path:
    """Where `sojourn run` writes what it decided, while it runs (0600: addresses carry passwords)."""
    return data_dir / "run" / "running.json"


def read_running(data_dir: Path) -> dict[str, Any]:
    """What the `sojourn run` of this data folder decided; nothing when none runs or the file is another user's."""
    try:
        found = json.loads(running_file(data_dir).read_text())
    except (OSError, ValueError):
        return {}
    return {name: found[name] for name in RUNNING if found.get(name)}


def kept_secret(data_dir: Path, name: str, start: str = "") -> str:
    """A random secret that begins with ``start``, made on first use and kept in the data folder.

    The file is its owner's alone to read.

    Two processes that start at once agree on one: the file appears whole, by a hard link that only the first can make.
    """
    path = data_dir / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(start + secrets.token_urlsafe(32))
        try:
            os.link(scratch, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(scratch)
    return path.read_text().strip()

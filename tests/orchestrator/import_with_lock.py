"""Imports every module of the product with nothing but what a lock names: as whoever installed that lock alone.

python -m tests.orchestrator.import_with_lock requirements/run.lock
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

ROOMS = ("orchestrator", "workflows", "activities", "api")


def plain(name: str) -> str:
    """A distribution's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Absent(MetaPathFinder):
    """Says of some packages that they are not installed."""

    def __init__(self, packages: frozenset[str]) -> None:
        self._packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None: others may find it. Raises ModuleNotFoundError for what is absent."""
        if fullname.partition(".")[0] in self._packages:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def main(lock: Path) -> int:
    """How many modules were imported."""
    named = {plain(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(), re.MULTILINE)}
    installed = packages_distributions()
    own = {"sojourn"}
    beyond = {package for package, given in installed.items() if not {plain(one) for one in given} & (named | own)}
    for loaded in [name for name in sys.modules if name.partition(".")[0] in beyond]:
        del sys.modules[loaded]
    sys.meta_path.insert(0, Absent(frozenset(beyond - {*ROOMS, "tests", "bench", "tools", "web"})))
    count = 0
    for room in ROOMS:
        for found in pkgutil.walk_packages([room], f"{room}."):
            # What pytest loads finds pytest.
            if ".migrations." not in found.name and found.name != "orchestrator.pytest_plugin":
                importlib.import_module(found.name)
                count += 1
    return count


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))

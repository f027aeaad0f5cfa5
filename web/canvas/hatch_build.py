"""The build hook: the wheel carries the canvas ready-made, so that nobody who installs it needs Node."""

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds before anything is packed. A source distribution that carries the bundle already is left as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling."""
        path = Path(self.root) / "web" / "canvas" / "build.py"
        spec = importlib.util.spec_from_file_location("sojourn_canvas_build", path)
        assert spec is not None
        assert spec.loader is not None
        builder = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(builder)
        builder.build()

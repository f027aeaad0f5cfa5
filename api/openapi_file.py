"""The API's description as a file, from which the canvas has its types: ``python -m api.openapi_file`` writes it."""

import json
import sys
from pathlib import Path

from api.app import create_app
from orchestrator.settings import Settings

FILE = Path(__file__).parents[1] / "web" / "canvas" / "openapi.json"


def description() -> str:
    """OpenAPI of the whole application: the same text for the same code, whatever the settings."""
    return json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Writes the file, or the one that is named."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    path.write_text(description(), encoding="utf-8")


if __name__ == "__main__":
    main()

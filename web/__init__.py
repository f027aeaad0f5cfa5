"""What browsers and people see: templates, words, styles, fonts."""

from pathlib import Path

FOLDER = Path(__file__).parent

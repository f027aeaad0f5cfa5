"""The languages of the product: one gettext catalogue a language (``en.po``, ``ko.po``), found by their names.

A new language is one more file here. Nothing else lists the languages: ``docs/adding.md`` tells how to add one.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the catalogues are."""
SOURCE = "en"
"""The language that phrases are written in, and that is shown where another lacks one."""

"""CSV that is opened in a spreadsheet: its encoding is told, and no cell is taken for a formula."""

import re

BOM = b"\xef\xbb\xbf"
"""Excel takes a file without it for one of the system's own encoding."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d[\d ()-]*([.]\d+)?")
"""A number, one of a telephone too, is none."""


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would compute: https://owasp.org/www-community/attacks/CSV_Injection"""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell

"""Customers in a file, for simulations that must know who can be reached: CSV, plain or gzip.

Columns: ``user_id``; ``email``, ``phone``, ``push_token``; ``consents``, as words (``email sms email:night``);
``time_zone``; every other column is an attribute under its own name. All but the first may be left out.
"""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.core.channels.contacts import CONTACTS
from orchestrator.files.events import EventFileProblem, opened, typed

_CONTACTS = tuple(kind.name for kind in CONTACTS.values() if kind.kept == "column" or kind.attribute)


@dataclass(frozen=True)
class CustomerRow:
    """What the file says of one customer. ``zone`` None: that of the simulation."""

    attributes: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)
    contacts: Mapping[str, str | None] = field(default_factory=dict)
    zone: str | None = None


def read_customers(path: Path) -> dict[str, CustomerRow]:
    """Customers by ``user_id``; of two rows of one customer the last counts. Raises :class:`EventFileProblem`."""
    found: dict[str, CustomerRow] = {}
    with opened(path) as file:
        rows = csv.DictReader(file)
        if "user_id" not in (rows.fieldnames or ()):
            raise EventFileProblem(f"{path} has no column “user_id”. It has: {', '.join(rows.fieldnames or ['none'])}.")
        try:
            for row in rows:
                if not row["user_id"]:
                    raise EventFileProblem(f"{path}, line {rows.line_num}: column “user_id” is empty.")
                found[row["user_id"]] = _customer(row)
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
            raise EventFileProblem(f"{path}, after line {rows.line_num}: {error}") from error
    return found


def _customer(row: Mapping[str | None, Any]) -> CustomerRow:
    known = {name: value.strip() for name, value in row.items() if isinstance(name, str) and value}
    own = {"user_id", "consents", "time_zone", *_CONTACTS}
    return CustomerRow(
        {name: typed(value) for name, value in known.items() if name not in own and value},
        dict.fromkeys(known.get("consents", "").replace(",", " ").split(), True),
        {contact: known[contact] for contact in _CONTACTS if contact in known},
        known.get("time_zone"),
    )

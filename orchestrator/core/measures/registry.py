"""Every report, found in the files of ``reports``: a new one is known to all who ask here."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from orchestrator.core.measures.report import Report
from orchestrator.core.text import Text

GROUPS: Mapping[str, Text] = {
    "overview": Text("Overview"),
    "journey": Text("Journey", context="group of reports"),
    "customers": Text("Customers"),
    "orders": Text("Orders"),
    "messages": Text("Messages"),
    "consents": Text("Consents"),
}
"""Shelves, in order."""


@cache
def reports() -> Mapping[str, Report]:
    """By name, in the order of groups and then of files and of what stands in them."""
    package = f"{__package__}.reports"
    modules = [import_module(f"{package}.{one.name}") for one in iter_modules(import_module(package).__path__)]
    found: list[Report] = [report for module in modules for report in module.REPORTS]
    order = list(GROUPS)
    found.sort(key=lambda one: order.index(one.group))
    named = {report.name: report for report in found}
    if len(named) < len(found):
        raise ValueError("two reports have the same name")
    return MappingProxyType(named)

"""Finds what the domains of a package contribute under one file name, so that no list of domains has to be kept."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType


def domain_modules(package: str, name: str) -> Iterator[ModuleType]:
    """The module called ``name`` of each folder of a package that has one, by the folders' names.

    ``domain_modules("orchestrator.store", "facts")`` yields ``orchestrator.store.coupons.facts`` and its like.
    """
    for folder in sorted(found.name for found in iter_modules(import_module(package).__path__) if found.ispkg):
        module = f"{package}.{folder}.{name}"
        if find_spec(module) is not None:
            yield import_module(module)

"""The SQL of each kind of leaf: one file each, named like the leaf's own in ``core/conditions/leaves``.

Importing the package imports every file in it, and each says with a decorator of ``tree_sql`` which leaf it is for.
"""

from importlib import import_module
from pkgutil import iter_modules

for _file in iter_modules(__path__, f"{__name__}."):
    import_module(_file.name)

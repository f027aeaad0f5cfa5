"""Who may do what: four roles, four permissions."""

from typing import Literal, get_args

from orchestrator.core.text import Text

Role = Literal["viewer", "marketer", "operator", "admin"]
Permission = Literal["read", "draw", "operate", "administer"]

ROLES: tuple[Role, ...] = get_args(Role)
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

MAY: dict[Role, frozenset[Permission]] = {
    "viewer": frozenset({"read"}),
    "marketer": frozenset({"read", "draw"}),
    "operator": frozenset({"read", "operate"}),
    "admin": frozenset(PERMISSIONS),
}

ROLE_TITLES: dict[Role, Text] = {
    "viewer": Text("Viewer"),
    "marketer": Text("Marketer"),
    "operator": Text("Operator"),
    "admin": Text("Admin"),
}

ROLE_MEANINGS: dict[Role, Text] = {
    "viewer": Text("Looks at everything, changes nothing."),
    "marketer": Text("Draws journeys and publishes them."),
    "operator": Text("Pauses journeys and frees runs that are stuck."),
    "admin": Text("Everything, people and tokens included."),
}

PERMISSION_TITLES: dict[Permission, Text] = {
    "read": Text("looking"),
    "draw": Text("drawing journeys"),
    "operate": Text("operating journeys"),
    "administer": Text("administering"),
}

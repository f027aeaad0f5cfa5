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
    "viewer": Text("Can view everything, change nothing."),
    "marketer": Text("Edits and publishes journeys."),
    "operator": Text("Pauses journeys and releases stuck runs."),
    "admin": Text("Everything, including team members and tokens."),
}

PERMISSION_TITLES: dict[Permission, Text] = {
    "read": Text("viewing"),
    "draw": Text("editing journeys"),
    "operate": Text("operating journeys"),
    "administer": Text("administering"),
}

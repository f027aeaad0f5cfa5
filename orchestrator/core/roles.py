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
    "viewer": Text("Viewer", "조회자"),
    "marketer": Text("Marketer", "마케터"),
    "operator": Text("Operator", "운영자"),
    "admin": Text("Admin", "관리자"),
}

ROLE_MEANINGS: dict[Role, Text] = {
    "viewer": Text("Looks at everything, changes nothing.", "모두 볼 수 있고, 바꿀 수는 없습니다."),
    "marketer": Text("Draws journeys and publishes them.", "여정을 그리고 게시합니다."),
    "operator": Text(
        "Pauses journeys and frees runs that are stuck.", "여정을 일시 중지하고, 멈춘 실행을 풀어 줍니다."
    ),
    "admin": Text("Everything, people and tokens included.", "구성원과 토큰 관리까지 모두 할 수 있습니다."),
}

PERMISSION_TITLES: dict[Permission, Text] = {
    "read": Text("looking", "조회"),
    "draw": Text("drawing journeys", "여정 편집"),
    "operate": Text("operating journeys", "여정 운영"),
    "administer": Text("administering", "관리"),
}

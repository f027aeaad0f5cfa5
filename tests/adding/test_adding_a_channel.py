"""A new channel is one file and its name in the registry; a new provider is one file.

Both are done to a copy of the sources, which is then asked what it knows.
"""

from pathlib import Path
from typing import Any

import pytest

from activities.channels.registry import provider_kinds
from tests.activities.channels.test_registry import without_suite
from tests.adding.copied import copy_with

HERE = Path(__file__).parent
LIST = "orchestrator/core/channels/registry.py"
IMPORT = "from orchestrator.core.channels.kinds.pigeon import PIGEON\n"
NAME: dict[str, tuple[tuple[str, str], ...]] = {
    LIST: ((IMPORT, "from orchestrator.core.channels.kinds.push import"), ("PIGEON, ", "WEB_PUSH, IN_APP):")),
}
CONTACT = {"kind": "phone", "title": {"en": "phone number", "ko": "전화번호"}, "example": "+821012345678"}


@pytest.mark.long
def test_a_channel_is_one_file_and_a_name(tmp_path: Path, database_url: str, redis_url: str) -> None:
    copy = copy_with(tmp_path / "copy", HERE / "channel", NAME)
    assert copy.added == {"orchestrator/core/channels/kinds/pigeon.py"}
    assert copy.changed == {LIST}
    found: dict[str, Any] = copy.ask(HERE / "ask_about_channel.py", database_url, redis_url)
    told = found.pop("told")
    assert {name: told[name] for name in ("icon", "contact", "fields", "approved", "preview")} == {
        "icon": "bird",
        "contact": CONTACT,
        "fields": ["subject", "body"],
        "approved": False,
        "preview": "chat",
    }
    assert found == {
        # journeys: the compiler, the file's schema, the inspector's form
        "compiles": [],
        "another": ["invalid_value"],
        "in_schema": True,
        "inspector": "Carrier pigeon",
        # message templates: the editor's form, and what is checked while one writes
        "form": ["subject", "body", "ring"],
        "template": [
            ["button_name_too_long", "channels.pigeon.en.ring"],
            ["too_long_for_channel", "channels.pigeon.en.body"],
        ],
        # consents: the condition, its words, the preference page
        "consent_option": "Carrier pigeon",
        "consent": "agreed to advertising by carrier pigeon at night",
        "consents": ["Carrier pigeon", "Carrier pigeon at night"],
        "offered": True,
        # policies
        "unknown_to_policy": [],
        "needs_night_consent": True,
        # who carries it until somebody chooses, and the documentation that is missing
        "provider": "outbox",
        "carried_by_the_outbox": True,
        "undocumented": ["pigeon"],
        "pages": {"/channels": True, "/channels/outbox": True, "/policies": True, "/outbox": True},
    }


@pytest.mark.long
def test_a_provider_is_one_file(tmp_path: Path, database_url: str, redis_url: str) -> None:
    copy = copy_with(tmp_path / "copy", HERE / "provider", {})
    assert copy.added == {"activities/channels/providers/loft.py"}
    assert copy.changed == frozenset()
    assert copy.ask(HERE / "ask_about_provider.py", database_url, redis_url) == {
        "found": True,
        "carries": ["sms"],
        "needs": ["loft"],
        "pages": {"listed": True, "status": 200, "form": True},
    }


def test_a_provider_without_the_shared_suite_is_noticed() -> None:
    assert without_suite([*provider_kinds(), "loft"]) == {"loft"}

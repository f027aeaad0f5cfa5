"""Every block, every field of one and every setting of links is documented."""

import re
from pathlib import Path
from typing import get_args

import pytest

from orchestrator.core.email.blocks import EmailBlock, SocialLink, Theme
from orchestrator.core.messages.links import LinkSettings

TEXT = Path("docs/email.md").read_text(encoding="utf-8")
BLOCKS = get_args(get_args(EmailBlock)[0])


@pytest.mark.parametrize("model", [*BLOCKS, SocialLink, Theme, LinkSettings])
def test_every_field_is_documented(model: type) -> None:
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        said = field.default if name == "kind" else name
        assert re.search(rf"`{said}`", TEXT), f"docs/email.md: no word on {model.__name__}.{said}"

"""The API that commands speak to."""

from tests.api.conftest import api_settings, app

__all__ = ["api_settings", "app"]

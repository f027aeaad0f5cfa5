"""The links of this installation."""

from fastapi import Request

from orchestrator.links import Links


def links_of(request: Request) -> Links:
    """The links of this installation."""
    settings = request.app.state.resources.settings
    return Links(settings.secret_key.get_secret_value(), settings.public_url)

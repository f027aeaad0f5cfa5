"""Who may see a page of the console, and what keeps others from it."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Depends, Request

from api.http.access import SAFE, browsing, has_valid_csrf_token
from api.pages.forms import read_form
from api.pages.view import View, open_view
from orchestrator.core.roles import Permission


class SignInNeeded(Exception):
    """Nobody is signed in."""


class NotAllowed(Exception):
    """The reader's role does not permit this, or the form did not come from a page of ours (``csrf``)."""

    def __init__(self, why: Literal["role", "csrf"]) -> None:
        super().__init__(why)
        self.why = why


class NothingHere(Exception):
    """There is no such journey, customer or message."""


class ElsewhereNow(Exception):
    """What is asked for stands under another address of ours."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class PageAccess:
    """A dependency of pages that need a permission: the view, with the form where something is to be changed."""

    def __init__(self, *permissions: Permission, longest_form: int = 0) -> None:
        """``longest_form``: bytes of a form that is longer than most; 0: as long as any."""
        self.permissions = frozenset(permissions)
        self.longest_form = longest_form

    async def __call__(self, request: Request) -> View:
        """Raises ``SignInNeeded`` and ``NotAllowed``."""
        actor = await browsing(request)
        if actor is None:
            raise SignInNeeded
        if b"%00" in request.scope.get("raw_path", b"") + request.scope["query_string"]:
            raise NothingHere  # PostgreSQL's text cannot even be asked for it
        form = {} if request.method in SAFE else await read_form(request, self.longest_form)
        if request.method not in SAFE and not has_valid_csrf_token(request, form.get("csrf", "")):
            raise NotAllowed("csrf")
        if not self.permissions & actor.can:
            raise NotAllowed("role")
        return replace(await open_view(request), form=form)


Reader = Annotated[View, Depends(PageAccess("read"))]
"""Parameter of every page that only those who are signed in may see."""
Admin = Annotated[View, Depends(PageAccess("administer"))]
"""Parameter of pages for who looks after people, tokens and the workspace."""

"""Opening the console in a browser, where somebody sits who would see it."""

import contextlib
import os
import sys
import threading
import webbrowser
from collections.abc import Mapping

ELSEWHERE = ("CI", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "CODESPACES", "KUBERNETES_SERVICE_HOST")
"""Variables of places where nobody looks at this machine's screen."""
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
IN_TERMINAL = frozenset({"www-browser", "links", "elinks", "lynx", "w3m"})
"""Browsers that would take the terminal away from the log."""


def somebody_is_there(environment: Mapping[str, str], *, is_terminal: bool, platform: str) -> bool:
    """Whether a window that opens would be seen."""
    if not is_terminal or any(environment.get(name) for name in ELSEWHERE):
        return False
    return platform in ("darwin", "win32") or any(environment.get(name) for name in SCREENS)


def open_console(url: str) -> bool:
    """Opens it and does not wait; whether it was tried. What goes wrong is no matter: the address is printed."""
    if not somebody_is_there(os.environ, is_terminal=sys.stdout.isatty(), platform=sys.platform):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if os.path.basename(getattr(browser, "name", "")) in IN_TERMINAL:
        return False
    threading.Thread(target=_open, args=(browser, url), daemon=True, name="browser").start()
    return True


def _open(browser: webbrowser.BaseBrowser, url: str) -> None:
    with contextlib.suppress(OSError, webbrowser.Error):
        browser.open(url)

"""A browser for the tests: found where people have one, else installed, else said to be missing in one clear line.

`python -m tests.chromium` is called by `make test`. `TEST_BROWSER` names one of your own.
"""

import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
MISSING = "no Chromium on this machine: apt-get install chromium fonts-nanum, or python -m playwright install chromium"
_PATIENCE = 600
"""Seconds that an installation may take."""


@lru_cache(maxsize=1)
def find_browser() -> str | None:
    """The program to drive, or None."""
    own = os.environ.get("TEST_BROWSER")
    if own:
        return own
    named = next((found for name in NAMES if (found := shutil.which(name))), None)
    return named or next((path for path in MAC if Path(path).exists()), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    """The one that `playwright install` puts into the user's cache."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> None:
    """By the system's package manager where we may, for it brings the libraries too; else as Playwright does it."""
    if sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get"):
        quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"], quietly)
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-nanum"], quietly)
    find_browser.cache_clear()
    if find_browser() is None:
        _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))
    find_browser.cache_clear()


def _run(command: list[str], environment: dict[str, str]) -> None:
    try:
        subprocess.run(command, env=environment, capture_output=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return  # whether there is a browser now is asked afterwards


def main() -> None:
    """Find one or install one; the tests that need it say so themselves where there is none."""
    if find_browser() is None:
        print("sojourn: installing a browser for the tests of the console", flush=True)
        _install()
    if find_browser() is None:
        print(f"sojourn: {MISSING}. The tests of the console and the canvas are skipped.", file=sys.stderr)


if __name__ == "__main__":
    main()

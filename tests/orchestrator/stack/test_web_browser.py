"""The console opens by itself only where somebody would see it."""

import webbrowser
from typing import Any

import pytest

from orchestrator.stack import web_browser
from orchestrator.stack.web_browser import open_console, somebody_is_there
from tests.waiting import until

SCREEN = {"DISPLAY": ":0"}


@pytest.mark.parametrize("elsewhere", web_browser.ELSEWHERE)
def test_not_over_ssh_and_not_in_ci(elsewhere: str) -> None:
    assert somebody_is_there(SCREEN, is_terminal=True, platform="linux")
    assert not somebody_is_there({**SCREEN, elsewhere: "1"}, is_terminal=True, platform="linux")


def test_not_without_a_screen_or_a_terminal() -> None:
    assert not somebody_is_there({}, is_terminal=True, platform="linux")
    assert not somebody_is_there(SCREEN, is_terminal=False, platform="linux")
    assert somebody_is_there({"WAYLAND_DISPLAY": "wayland-0"}, is_terminal=True, platform="linux")
    assert somebody_is_there({}, is_terminal=True, platform="darwin")


class Browser:
    """Remembers what it opens."""

    def __init__(self, name: str = "firefox", fails: bool = False) -> None:
        self.name, self.fails = name, fails
        self.opened: list[str] = []

    def open(self, url: str) -> bool:
        self.opened.append(url)
        if self.fails:
            raise webbrowser.Error("no window")
        return True


def sits_there(monkeypatch: pytest.MonkeyPatch, browser: Any) -> None:
    monkeypatch.setattr(web_browser, "somebody_is_there", lambda *_, **__: True)
    monkeypatch.setattr(webbrowser, "get", lambda: browser)


@pytest.mark.parametrize("fails", [False, True])
async def test_it_opens_once_and_a_failure_harms_nobody(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    browser = Browser(fails=fails)
    sits_there(monkeypatch, browser)
    assert open_console("http://localhost:8000")
    await until(lambda: browser.opened == ["http://localhost:8000"])


def test_a_browser_that_would_take_the_terminal_stays_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser("/usr/bin/w3m")
    sits_there(monkeypatch, browser)
    assert not open_console("http://localhost:8000")
    assert browser.opened == []


def test_no_browser_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(web_browser, "somebody_is_there", lambda *_, **__: True)
    monkeypatch.setattr(webbrowser, "get", none)
    assert not open_console("http://localhost:8000")

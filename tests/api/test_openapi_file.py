"""The canvas's types come from a committed file: it must be what the application says of itself."""

from pathlib import Path

import pytest

from api.openapi_file import FILE, description, main


def test_the_committed_description_is_the_applications() -> None:
    assert FILE.read_text(encoding="utf-8") == description(), "run: .venv/bin/python -m api.openapi_file"


def test_it_is_the_same_each_time_and_can_be_written_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["openapi_file", str(tmp_path / "openapi.json")])
    main()
    assert (tmp_path / "openapi.json").read_text(encoding="utf-8") == description()

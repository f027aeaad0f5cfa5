"""`sojourn user`: for who is locked out."""

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from api.accounts.command import app
from orchestrator.store.database import plain_dsn

PASSWORD = "a teapot is no spoon"


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE_URL", database_url)
    monkeypatch.setenv("SOJOURN_DATA_DIR", str(tmp_path))


def user(*words: str, typed: str = f"{PASSWORD}\n{PASSWORD}\n") -> Result:
    return CliRunner().invoke(app, list(words), input=typed)


def test_the_first_is_an_admin_and_others_follow() -> None:
    refused = user("add", "yuna@example.com", "--role", "viewer")
    assert refused.exit_code == 2
    assert "first one must be an admin" in refused.output
    assert user("add", "Mina@Example.com", "--name", "Mina").exit_code == 0
    assert user("add", "yuna@example.com", "--role", "viewer").exit_code == 0
    assert user("add", "yuna@example.com").exit_code == 2
    assert user("list").output.splitlines() == ["mina@example.com\tadmin\tMina", "yuna@example.com\tviewer\tyuna"]


def test_a_password_is_set_sessions_end_and_who_was_shut_out_comes_in_again(database_url: str) -> None:
    user("add", "mina@example.com")
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as db:
        before = db.execute("update users set disabled_at = now() returning password").fetchone()
        db.execute("insert into sessions select 'x', id, now(), now(), now() + interval '1 day' from users")
        assert user("password", "mina@example.com").exit_code == 0
        after = db.execute("select password, disabled_at from users").fetchone()
        assert after is not None
        assert before != after[:1]
        assert after[1] is None
        assert db.execute("select 1 from sessions").fetchall() == []
    assert user("password", "nobody@example.com").exit_code == 2


def test_a_weak_password_or_a_wrong_address_is_refused() -> None:
    assert user("add", "mina@example.com", typed="short\nshort\n").exit_code == 2
    assert user("add", "mina").exit_code == 2
    assert user("list").output == ""

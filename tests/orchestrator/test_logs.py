"""Logs hold no secrets: not by a field's name, not in the address of a database, not in a traceback."""

import logging

import pytest
import structlog
from pydantic import SecretStr

from orchestrator import logs
from orchestrator.settings import Settings

PASSWORD = "very-secret-password"
URL = f"postgresql+psycopg://kim:{PASSWORD}@db.internal:5432/sojourn"
SETTINGS = Settings(
    database_url=URL,
    redis_url=f"redis://:{PASSWORD}@cache.internal/0",
    secret_key=SecretStr(PASSWORD * 2),
    admin_token=SecretStr(PASSWORD),
    smtp_password=SecretStr(PASSWORD),
    write_keys=(PASSWORD,),
)


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_line_tells_a_password(form: str, capfd: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure(SETTINGS.model_copy(update={"log_format": form}), "test")
    try:
        log = structlog.get_logger("test")
        log.warning(f"cannot reach {URL}", where=URL, token=PASSWORD, settings=repr(SETTINGS))
        logging.getLogger("other").warning("no answer from %s", SETTINGS.redis_url)
        try:
            raise ConnectionError(f"could not connect to {URL}")
        except ConnectionError:
            log.exception("failed")
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
        structlog.reset_defaults()
    told = capfd.readouterr().err
    assert PASSWORD not in told
    assert told.count("db.internal") >= 3, "the rest of an address is worth reading"
    assert "cache.internal" in told

"""Logging: structlog for our own lines, the standard library's loggers (uvicorn, temporalio) through the same renderer.

Logs hold opaque ids, never personal data: operators read them, they are shipped to other systems and kept for long.
A field whose name says that it is personal is masked here, as the last line of defence; not logging it is the first.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from orchestrator.repeated_tracebacks import TracebackLimit
from orchestrator.settings import Settings

PERSONAL = frozenset(
    {
        "address", "attributes", "birthday", "body", "email", "first_name", "last_name", "name_of_customer", "phone",
        "properties", "recipient", "subject", "to", "traits", "user_agent", "ip",
        "admin_token", "api_key", "authorization", "password", "secret", "secret_key", "token", "value", "write_key",
    }
)  # fmt: skip
MASK = "…"
_PASSWORD = re.compile(r"(://[^\s:/@\"']{0,64}:)[^\s@\"']{1,256}@")

Processor = structlog.typing.Processor


def mask_personal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the values of fields that hold personal data or secrets; the key stays, so that one sees it was there."""
    for key in PERSONAL & event.keys():
        event[key] = MASK
    return event


def mask_passwords(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take passwords out of addresses such as a database's, wherever they stand in a line, tracebacks included."""
    for key, value in event.items():
        if isinstance(value, str) and "://" in value and "@" in value:
            event[key] = _PASSWORD.sub(rf"\1{MASK}@", value)
    return event


def configure(settings: Settings, process: str) -> None:
    """Send every log line of this process to standard error, tagged with the process's name. Safe to call again."""

    def name_process(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        event.pop("color_message", None)  # uvicorn's second copy of the message, for terminals
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        name_process,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        TracebackLimit(),
        mask_personal,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderer(settings)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for chatty in ("httpx2", "httpcore2", "uvicorn.access", "sqlalchemy.engine"):
        # They log each request's URL or parameters, which carry customers' ids and tokens.
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _renderer(settings: Settings) -> list[Processor]:
    """One object a line for machines; aligned and coloured for people, where their terminal has colours."""
    if settings.log_format == "json":
        rendered = structlog.processors.JSONRenderer(ensure_ascii=False)
        return [structlog.processors.format_exc_info, mask_passwords, rendered]
    # Plain tracebacks: the rich ones print every local variable, and with them whole customers.
    plain = structlog.dev.plain_traceback
    told = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    return [told, _mask_rendered]


def _mask_rendered(_logger: Any, _method: str, line: Any) -> Any:
    """The same for a line that is text already."""
    return _PASSWORD.sub(rf"\1{MASK}@", line) if isinstance(line, str) else line

"""Structured logs: a JSON line an event, with the correlation id of the request that caused it; text on a terminal."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from activities.metrics import Component
from activities.tracing import UNTRACED, Tracing, Untraced
from services.settings import Settings
from services.tracing import open_tracing


@contextmanager
def logged(settings: Settings, component: Component) -> Iterator[Tracing]:
    """Logs and traces for as long as a process works; says so where traces are wanted and cannot be had."""
    tracing = open_tracing(component)
    configure(settings, tracing)
    if isinstance(tracing, Untraced) and tracing.reason:
        structlog.get_logger().warning(tracing.reason)
    try:
        yield tracing
    finally:
        tracing.close()


# Without the frames' variables, which hold passwords, tokens and bodies.
_TRACEBACKS = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))


def is_news(record: logging.LogRecord) -> bool:
    """Whether a line is not the server's of an answer that was broken off: we said so before it, with the reason."""
    return record.msg != "ASGI callable returned without completing response."


def configure(settings: Settings, tracing: Tracing = UNTRACED, to: TextIO | None = None) -> None:
    """Has structlog write to standard error as the settings say; the libraries' own loggers join at warning level."""
    to = sys.stderr if to is None else to
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    is_text = to.isatty() if settings.log_format == "auto" else settings.log_format == "text"

    def mark(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event.update(tracing.marks())
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        mark,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # A terminal's renderer shows tracebacks by itself.
        *([] if is_text else [_TRACEBACKS]),
    ]
    text = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: Processor = text if is_text else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=to),
        cache_logger_on_first_use=True,
    )
    libraries = logging.StreamHandler(to)
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.getLogger("uvicorn.error").addFilter(is_news)
    logging.basicConfig(handlers=[libraries], level=max(level, logging.WARNING), force=True)

"""How lines look: JSON for machines, text on a terminal, libraries in the same form."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from services.logs import configure
from services.settings import Settings


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    kept = structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**kept)


def test_lines_are_json_where_nobody_reads_them_at_once() -> None:
    out = io.StringIO()
    configure(Settings(), to=out)
    with structlog.contextvars.bound_contextvars(correlation_id="c-1"):
        structlog.get_logger().info("command", result="accepted")
    logging.getLogger("temporalio.core").warning("poll failed: %s", "away")
    logging.getLogger("temporalio.core").info("too much")
    first, second = map(json.loads, out.getvalue().splitlines())
    assert {"event": "command", "result": "accepted", "correlation_id": "c-1", "level": "info"}.items() <= first.items()
    assert {"event": "poll failed: away", "logger": "temporalio.core", "level": "warning"}.items() <= second.items()
    assert first["timestamp"].endswith("Z")


def test_a_traceback_is_part_of_its_line() -> None:
    out = io.StringIO()
    configure(Settings(), to=out)
    try:
        int("no such thing")
    except ValueError:
        structlog.get_logger().exception("request failed")
        logging.getLogger("asyncio").exception("task failed")
    for line in out.getvalue().splitlines():
        [trace] = json.loads(line)["exception"]
        assert (trace["exc_type"], trace["exc_value"]) == (
            "ValueError",
            "invalid literal for int() with base 10: 'no such thing'",
        )


def test_that_an_answer_broke_off_is_not_said_twice() -> None:
    out = io.StringIO()
    configure(Settings(), to=out)
    server = logging.getLogger("uvicorn.error")
    server.error("ASGI callable returned without completing response.")
    server.error("Invalid HTTP request received.")
    [line] = map(json.loads, out.getvalue().splitlines())
    assert line["event"] == "Invalid HTTP request received."


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("to", [io.StringIO, _Terminal])
def test_a_traceback_tells_no_variables(to: type[io.StringIO]) -> None:
    """They hold passwords, tokens and bodies."""
    out = to()
    configure(Settings(), to=out)

    def connect(password: str) -> None:
        raise OSError(len(password))

    words = ["correct", "horse"]
    try:
        connect(" ".join(words))
    except OSError:
        structlog.get_logger().exception("request failed")
        logging.getLogger("asyncpg.pool").exception("pool failed")
    assert out.getvalue().count("OSError") >= 2
    assert "correct horse" not in out.getvalue()


def test_a_terminal_gets_text_unless_told_otherwise() -> None:
    for wanted, is_json in (("auto", False), ("json", True)):
        out = Terminal()
        configure(Settings.load({"log_format": wanted}, {}), to=out)
        structlog.get_logger().info("worker ready")
        assert out.getvalue().startswith("{") is is_json
        assert "worker ready" in out.getvalue()

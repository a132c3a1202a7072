"""What a check is: a question with a bound, and one line that says what was found and what to do about it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar

import asyncpg
import httpx
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger.protocol import Unavailable
from services.reaching import one_line
from workflows.people import Frozen

PATIENCE = 5.0
"""Seconds that one answer may take."""

T = TypeVar("T")

AWAY = (OSError, RuntimeError, Unavailable, RPCError, asyncpg.PostgresError, asyncpg.InterfaceError, httpx.HTTPError)
"""How the parts of a deployment say that they cannot answer."""


class Result(StrEnum):
    """`warn` works today and should be looked at; `skipped` could not be asked, or is not of this deployment."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


class Answer(Frozen):
    """What a check found, and how to mend it; nothing to mend where it is well."""

    result: Result
    found: str
    mend: str = ""


class Finding(Answer):
    """The answer to the check of a name."""

    name: str


def ok(found: str) -> Answer:
    """All is well."""
    return Answer(result=Result.OK, found=found)


def warn(found: str, mend: str) -> Answer:
    """It works, and should be looked at."""
    return Answer(result=Result.WARN, found=found, mend=mend)


def fail(found: str, mend: str) -> Answer:
    """It does not do what it must."""
    return Answer(result=Result.FAIL, found=found, mend=mend)


def skipped(found: str) -> Answer:
    """Nobody asked."""
    return Answer(result=Result.SKIPPED, found=found)


@dataclass(frozen=True, slots=True)
class Check(Generic[T]):
    """A question to a part; `mend` is the remedy where the part cannot even answer. `patience` None waits for ever."""

    name: str
    ask: Callable[[T], Awaitable[Answer]]
    mend: str
    patience: float | None = PATIENCE


async def examine(checks: Sequence[Check[T]], part: T) -> list[Finding]:
    """The findings of one part, in order. Once it leaves a question unanswered, no more are asked."""
    findings: list[Finding] = []
    silent = ""
    for check in checks:
        answer = skipped(f"needs {silent}") if silent else await _asked(check, part)
        if answer is None:
            silent = f"an answer to {check.name}"
            answer = fail(f"no answer in {check.patience:g} seconds", check.mend)
        findings.append(Finding(name=check.name, **dict(answer)))
    return findings


def skip(names: Sequence[str], needed: str) -> list[Finding]:
    """The findings of checks that cannot be asked at all."""
    return [Finding(name=name, **dict(skipped(f"needs {needed}"))) for name in names]


async def _asked(check: Check[T], part: T) -> Answer | None:
    """The answer; None for none in time."""
    try:
        async with asyncio.timeout(check.patience):
            return await check.ask(part)
    except TimeoutError:
        return None
    except RPCError as error:
        if error.status in {RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}:
            return None
        return fail(f"{error.status.name}: {one_line(error)}", check.mend)
    except Unavailable as error:
        return fail(one_line(error), check.mend)
    except AWAY as error:
        return fail(f"{type(error).__name__}: {one_line(error)}", check.mend)


def span(length: timedelta) -> str:
    """How long something lasts, in words."""
    said, rest = [], round(length.total_seconds())
    for word, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        many, rest = divmod(rest, size)
        said += [f"{many} {word}{'' if many == 1 else 's'}"] if many else []
    return ", ".join(said) or "less than a second"

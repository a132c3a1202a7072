"""Commands: read, checked early by the very decider that will decide, then sent to where they are recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from fastapi import Request
from pydantic import ValidationError
from starlette.responses import Response

from activities.ledger.protocol import Met, Stream, Unavailable
from activities.ledger.refusals import stale
from services.api import bodies, files, streams
from services.api.answers import etag
from services.api.context import Api, new_id, now, request_id
from services.auth import Caller
from services.problems import Problem, invalid, refused
from workflows.decider import Answer, Command, Refusal, kind_of
from workflows.people import Message
from workflows.procedure import BadShape, Key
from workflows.registry import PROCEDURES, REGISTRY

log = structlog.get_logger()

TOLD = {"seq", "status", "events", "head"}
"""What an answer says of a command: the same at every repeat."""


class Keyed(Message):
    """The part of a body that names a new stream; the rest is checked where it is decided, once a repeat is known."""

    key: Key


def key_of(kind: str, command: Command) -> str:
    """The key that a command gives what it begins; a problem (422) for none, or a bad one, with all that is wrong."""
    try:
        return Keyed.model_validate(command.body).key
    except ValidationError as error:
        raise _every_fault(kind, command) or invalid(error) from None


@contextmanager
def told(api: Api, kind: str, command: str) -> Iterator[None]:
    """Counts and logs a command that ledger or engine could not answer, wherever on its way."""
    try:
        yield
    except Unavailable as error:
        api.recording.metrics.commanded(kind, command, "unavailable")
        log.warning("command not recorded", kind=kind, command=command, error=str(error))
        raise


async def read(request: Request, caller: Caller, name: str) -> Command:
    """The command that a request gives; a problem for a body or header that cannot be read."""
    given = bodies.key(request)
    return Command(
        id=new_id(request) if given is None else given,
        name=name,
        body=await bodies.json_object(request),
        actor=caller.actor,
        received_at=now(),
        if_match=bodies.if_match(request),
        correlation_id=request_id(request),
    )


async def give(api: Api, caller: Caller, met: Met, command: Command) -> Answer:
    """Has a command recorded on the stream that it met; raises Problem for a refusal.

    A repeat is answered with what was recorded. Refusals that can be known beforehand never reach the engine.
    """
    stream = met.stream
    if met.recorded is not None:
        api.recording.told(caller.tenant, stream.name, command, met.recorded)
        return accepted(met.recorded)
    await check(api, caller, stream, command)
    return accepted(await _sent(api, caller.tenant, stream, command))


async def _sent(api: Api, tenant: str, stream: Stream, command: Command) -> Answer:
    if kind_of(stream.name) == "client" and command.name != "merge":
        # Nothing follows from it by the clock or elsewhere: the registry is kept while the engine is away.
        return await api.recording.transact(tenant, stream.name, command, now())
    return await api.engine.send(tenant, stream.name, command, alive=stream.lives)


async def check(api: Api, caller: Caller, stream: Stream, command: Command) -> None:
    """Decides a command on the state as it was read, recording nothing; raises Problem for a refusal."""
    try:
        await _decided(api, caller, stream, command)
    except Problem as problem:
        api.recording.refused(caller.tenant, stream.name, command, problem.code)
        raise


async def _decided(api: Api, caller: Caller, stream: Stream, command: Command) -> None:
    at = command.received_at or now()
    refusal = stale(stream, command)
    if refusal is not None:
        raise refused(refusal)
    try:
        facts = await streams.facts(api, caller.scope, stream, command, at)
        REGISTRY.of(stream.name).decide(stream.state, command, streams.context(api, stream, caller.actor, facts, at))
        # A file never changes: what fits it now, fits it when the command is recorded.
        await files.fits(api, stream, command)
    except BadShape as bad:
        raise _every_fault(kind_of(stream.name), command) or refused(bad.data()) from None
    except Refusal as rule:
        raise refused(rule.data()) from None


def _every_fault(kind: str, command: Command) -> Problem | None:
    """A refusal names the first field at fault; the caller is told all of them."""
    shape: Any = PROCEDURES[kind].row(command.name).body
    try:
        shape.model_validate(command.body)
    except ValidationError as error:
        return invalid(error)
    return None


def accepted(answer: Answer) -> Answer:
    """The answer; raises Problem where it is a refusal."""
    if answer.refusal is not None:
        raise refused(answer.refusal)
    return answer


def respond(answer: Answer) -> Response:
    """What the caller is told of a recorded command, byte for byte the same at every repeat."""
    return Response(answer.model_dump_json(include=TOLD), media_type="application/json", headers=etag(answer.seq))

"""What the ledger itself refuses, before any decider is asked."""

from activities.ledger.protocol import Mention, Report, Stream
from workflows.decider import Command, Refusal, Refused
from workflows.nonconformity.refusals import AnotherFinding

LONGEST_COMMAND_ID = 255
LONGEST_REFERENCE = 1024
RESERVED = ("w:", "r:")
"""How the ids begin under which wake-ups and reactions are recorded."""


class KeyReused(Refusal):
    """A command id that the stream holds, under another request."""

    kind = "invalid"
    code = "key_reused"
    says = "This key was already used for another request."


class StaleSequence(Refusal):
    """A caller who decided on an older state than the present one."""

    kind = "stale"
    code = "stale_sequence"
    says = "This was changed meanwhile: you saw version {seen}, it is now at version {seq}."


class Unstorable(Refusal):
    """Content that canonical JSON or the database cannot hold; intake and API escape it before it comes here."""

    kind = "invalid"
    code = "not_storable"
    says = "The request holds something that cannot be recorded: {why}."


class CommandIdLength(Refusal):
    """A command id that is empty or too long to be kept."""

    kind = "invalid"
    code = "key_length"
    says = "A key is 1 to {longest} characters long."


class KeyReserved(Refusal):
    """A command id of a person or a machine that a wake-up or a reaction could have."""

    kind = "invalid"
    code = "key_reserved"
    says = "A key may not begin with {prefix}: such keys are Closeout's own."


class ReferenceLength(Refusal):
    """A reference to a source's finding that is empty or too long to be looked up."""

    kind = "invalid"
    code = "reference_length"
    says = "A source and a reference in it are 1 to {longest} bytes of text."


class StreamTaken(Refusal):
    """A new case under the name of a stream that is there already."""

    code = "stream_taken"
    says = "The case {stream} exists already and is not this finding."


def admit(command: Command) -> str | Refused:
    """The digest under which a command's repeats are known; a refusal where its id or body cannot be kept."""
    if not 0 < len(command.id) <= LONGEST_COMMAND_ID:
        return CommandIdLength(longest=LONGEST_COMMAND_ID).data()
    if command.actor.kind in {"person", "key"} and command.id.startswith(RESERVED):
        return KeyReserved(prefix=command.id[:2]).data()
    try:
        command.id.encode()
        request = command.digest()
    except (ValueError, UnicodeEncodeError) as error:
        return Unstorable(why=str(error)).data()
    return Unstorable(why="a NUL character in the key").data() if "\x00" in command.id else request


def unreferable(report: Report) -> Refused | None:
    """The refusal of a report whose reference cannot be kept in an index."""
    for text in (report.source, report.external_id):
        try:
            length = len(text.encode())
        except UnicodeEncodeError as error:
            return Unstorable("/source/external_id", why=str(error)).data()
        if "\x00" in text:
            return Unstorable("/source/external_id", why="a NUL character").data()
        if not 0 < length <= LONGEST_REFERENCE:
            return ReferenceLength("/source/external_id", longest=LONGEST_REFERENCE).data()
    return None


def of_another(report: Report | Mention) -> Refused:
    """The refusal of a report whose reference is known for another client, which it does not name."""
    return AnotherFinding("/client", reference=f"{report.source} {report.external_id}").data()


def stale(stream: Stream, command: Command) -> Refused | None:
    """The refusal of a command whose sender saw another sequence number than the present one."""
    if command.if_match is None or command.if_match == stream.seq:
        return None
    return StaleSequence(seen=command.if_match, seq=stream.seq).data()

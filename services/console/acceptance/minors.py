"""Minors as they would be accepted together: each at one event, over one content, or with the rule against it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from uuid_utils.compat import uuid7

from activities.ledger.protocol import Stream
from activities.reads import desk
from services.api import streams
from services.api.context import Api, now
from services.auth import Caller
from services.console.frame.catalogue import gettext
from services.problems import UnknownThing
from workflows.decider import Command
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import PROCEDURE, Nonconformity
from workflows.procedure import Row

MOST = 25
"""Cases that are looked at, and accepted, at once."""

Of = Literal["plan", "evidence"]
COMMANDS: Mapping[Of, str] = {"plan": "accept_plan", "evidence": "verify"}
STATUS: Mapping[Of, str] = {"plan": "plan_submitted", "evidence": "evidence_submitted"}
LAW = Nonconformity()


@dataclass(frozen=True, slots=True)
class Pick:
    """A case as somebody saw it: at which event, 0 for none, and over which digest; `key` is its command's id."""

    id: str
    seq: int
    sha256: str
    key: str


@dataclass(frozen=True, slots=True)
class Minor:
    """A case that somebody may see, as it stands; `why_not` is the first rule against its acceptance.

    `title` and `number` are empty for none that they may see. `sha256` is what a signature covers now, `content` of
    what.
    """

    pick: Pick
    case: Case
    seq: int
    sha256: str
    content: Any
    why_not: str

    @property
    def is_one(self) -> bool:
        """Whether it is a minor at all: nothing else is accepted with others."""
        return self.case.grade == "minor"

    @property
    def title(self) -> str:
        """What was found."""
        return self.case.finding.title if self.case.finding else ""

    @property
    def shown(self) -> str:
        """How the form of the confirmation names it: with what the page shows of it."""
        return f"{self.pick.id}@{self.seq}@{self.sha256}@{self.pick.key}"


def row_of(of: Of) -> Row:
    """The row of the command that accepts."""
    return PROCEDURE.row(COMMANDS[of])


def picks(given: Iterable[str]) -> list[Pick]:
    """What a form or an address picks, `id@seq` or as `Minor.shown`: each case once."""
    found: dict[str, Pick] = {}
    for one in given:
        case, seq, sha256, key = (*one.split("@"), "", "", "")[:4]
        number = int(seq) if seq.isascii() and seq.isdecimal() and len(seq) < 10 else 0
        found.setdefault(case, Pick(case, number, sha256, key or str(uuid7())))
    return list(found.values())[:MOST]


async def standing(api: Api, caller: Caller, of: Of, picked: Sequence[Pick]) -> list[Minor]:
    """What was picked as it stands now, in one read of the states. Raises Unavailable."""
    ids = [pick.id for pick in picked if pick.id.isascii() and pick.id.isprintable()]
    stood = await desk.cases(api.database, caller.scope, ids, LAW)
    return [await _minor(api, caller, of, pick, stood.get(pick.id)) for pick in picked]


async def open_now(api: Api, caller: Caller, of: Of, ids: Sequence[str]) -> list[Minor]:
    """Those of these cases that somebody could accept now. Raises Unavailable."""
    stood = await desk.cases(api.database, caller.scope, ids, LAW)
    found = [
        await _minor(api, caller, of, Pick(one, stood[one].seq, "", ""), stood[one]) for one in ids if one in stood
    ]
    return [minor for minor in found if not minor.why_not]


async def _minor(api: Api, caller: Caller, of: Of, pick: Pick, stream: Stream | None) -> Minor:
    if stream is None or not isinstance(stream.state, Case):
        unknown = UnknownThing(thing="nonconformity", id=pick.id[:128])
        return Minor(pick, LAW.initial(), 0, "", None, str(unknown))
    case, command = stream.state, COMMANDS[of]
    at = now()
    known = await streams.facts(api, caller.scope, stream, Command(id="", name="", actor=caller.actor), at)
    allowed = PROCEDURE.allowed(case, streams.context(api, stream, caller.actor, known, at))
    signable = PROCEDURE.signable(case, [one for one in allowed if one.command == command]).get(command)
    said = next((one.why_not for one in allowed if one.command == command), gettext("None of your roles accepts it."))
    row = row_of(of)
    why_not = (
        gettext("Only minors are accepted together: decide on it alone.") if case.grade != "minor"
        else gettext("It was changed meanwhile: look at it again.") if pick.seq != stream.seq
        else said or ""
    )  # fmt: skip
    return Minor(
        pick=pick,
        case=case,
        seq=stream.seq,
        sha256=signable.sha256 if signable else "",
        content=row.signs(case) if row.signs and signable else None,
        why_not=why_not,
    )

"""Cases to measure with: findings reported in bulk, and the five commands of the shortest whole life."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from activities.ledger.protocol import Ledger, Report
from workflows.decider import Command, stream_of
from workflows.people import Actor, Role

CLIENT = "acme"
FINDING: dict[str, Any] = {
    "client": CLIENT,
    "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.18"}],
    "title": "Access rights are not reviewed",
    "statement": "Access rights of leavers were not removed within the period that the procedure sets.",
    "objective_evidence": "Three of ten sampled leavers still had accounts: H. Berg, L. Otieno, P. Novak.",
}
MANAGER = Actor(id="bench-manager", name="Manager", roles=frozenset({Role.SCHEME_MANAGER}))
AUDITOR = Actor(id="bench-auditor", name="Auditor", roles=frozenset({Role.AUDITOR}))
REVIEWER = Actor(id="bench-reviewer", name="Reviewer", roles=frozenset({Role.REVIEWER}))
OWNER = Actor(id="bench-owner", name="Owner", roles=frozenset({Role.CLIENT_OWNER}), client=CLIENT)

LIFE: Sequence[tuple[str, Actor, dict[str, Any]]] = (
    ("issue", AUDITOR, {"grade": "minor"}),
    ("acknowledge", OWNER, {}),
    ("record_correction", OWNER, {"text": "The three accounts were blocked.", "done_on": "2026-03-02"}),
    ("propose_withdrawal", AUDITOR, {"reason": "The accounts belong to services, not to leavers."}),
    ("confirm_withdrawal", REVIEWER, {"reason": "Confirmed by the list of service accounts."}),
)
COMMENT = {"text": "The list of leavers of the last quarter was compared with the directory: three names match."}


def command(name: str, actor: Actor, body: dict[str, Any]) -> Command:
    """A new command."""
    return Command(id=str(uuid4()), name=name, body=body, actor=actor, received_at=datetime.now(UTC))


def life() -> list[Command]:
    """The five commands from a reported finding to its end."""
    return [command(*step) for step in LIFE]


def comment() -> Command:
    """One command that is possible at any time."""
    return command("comment", OWNER, dict(COMMENT))


def assign(n: int) -> Command:
    """One command that changes the state, and the list that shows it, whenever n is another one."""
    return command("assign", OWNER, {"role": "client_owner", "person": f"person {n}"})


async def register(ledger: Ledger, tenant: str) -> None:
    """Registers the client in a tenant."""
    entry = command("register", MANAGER, {"key": CLIENT, "name": "Acme", "zone": "Europe/Berlin"})
    answer = await ledger.transact(tenant, stream_of("client", CLIENT), entry, datetime.now(UTC))
    if answer.refusal is not None:
        raise RuntimeError(answer.refusal.detail)


async def report(
    ledger: Ledger, tenant: str, n: int, *, grade: str | None = None, at: datetime | None = None
) -> list[str]:
    """Reports n findings, as of one instant; with a grade they are issued. Answers their streams."""
    finding = FINDING | ({"grade": grade} if grade else {})
    now = at or datetime.now(UTC)
    streams: list[str] = []
    for start in range(0, n, 500):
        batch = [_report(finding) for _ in range(start, min(start + 500, n))]
        for outcome in await ledger.report(tenant, batch, now):
            if outcome.result != "created" or outcome.stream is None:
                raise RuntimeError(f"a finding was not taken: {outcome}")
            streams.append(outcome.stream)
    return streams


def _report(finding: dict[str, Any]) -> Report:
    key = uuid4().hex
    body = {"finding": finding | {"source": {"system": "bench", "external_id": key}}}
    return Report("bench", key, stream_of("nonconformity", key), command("report", AUDITOR, body))

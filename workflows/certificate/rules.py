"""The procedure of a certificate: who decides what on which grounds (17021-1 9.5, 9.6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from workflows.certificate import clock, records
from workflows.certificate import commands as c
from workflows.certificate import grounds as on
from workflows.certificate import guards as g
from workflows.certificate.certificate import Certificate, Status, content, evolve
from workflows.certificate.grounds import DECIDED_ON
from workflows.decider import Command, Context, Event, Happened, Reaction, Wants
from workflows.entries import CaseQuery
from workflows.people import MANAGERS, Role
from workflows.procedure import Procedure, Row

COMMITTEE = frozenset({Role.COMMITTEE_MEMBER})
ACTIVE = frozenset({"active"})
SUSPENDED = frozenset({"suspended"})
VALID = ACTIVE | SUSPENDED
ENDED = frozenset({"refused", "withdrawn", "expired"})
KNOWN = frozenset({"applied"}) | VALID | ENDED

PROCEDURE: Procedure[Certificate] = Procedure(
    thing="certificate",
    states=get_args(Status),
    status=lambda state: state.status,
    client=lambda state: state.client,
    rows=(
        Row(
            c.Apply,
            frozenset({""}) | ENDED,
            ("applied",),
            MANAGERS,
            records.apply,
            (g.known_client, g.same_client, g.own_sites),
            source="17021-1 9.1.1; again after a refusal, a withdrawal or an expiry: policy",
        ),
        Row(
            c.TransferIn,
            frozenset({""}),
            ("active",),
            MANAGERS,
            records.transfer_in,
            (g.known_client, g.own_sites, g.holds_now, g.whole_cycle, g.known_cases),
            source="IAF MD 2",
        ),
        Row(
            c.Grant,
            frozenset({"applied"}),
            ("active",),
            COMMITTEE,
            records.grant,
            (
                on.no_part,
                g.holds_now,
                g.not_backdated,
                g.within_cycle,
                on.known_audit,
                on.recommended,
                on.first_stage_held,
                on.nothing_open,
            ),
            signs=content,
            meaning="I had no part in the audit, and decide that certification is granted.",
            source="17021-1 8.2.2, 9.1.3.2, 9.3.1.1, 9.5.1, 9.5.2, 9.5.3",
        ),
        Row(
            c.Renew,
            ACTIVE,
            ("active",),
            COMMITTEE,
            records.renew,
            (
                on.no_part,
                g.goes_on,
                g.not_backdated,
                g.within_cycle,
                on.known_audit,
                on.recommended,
                on.nothing_open,
            ),
            signs=content,
            meaning="I had no part in the audit, and decide that certification is renewed.",
            source="17021-1 8.2.2, 9.1.3.2, 9.5.1, 9.5.2, 9.6.3",
        ),
        Row(
            c.Suspend,
            ACTIVE,
            ("suspended",),
            COMMITTEE,
            records.suspend,
            (on.no_part, g.policy_known),
            signs=content,
            meaning="I had no part in the audit, and decide that the certificate is suspended.",
            source="17021-1 9.5.1, 9.6.5",
        ),
        Row(
            c.Restore,
            SUSPENDED | {"expired"},
            ("active",),
            COMMITTEE,
            records.restore,
            (
                on.no_part,
                g.cases_resolved,
                g.in_time,
                g.sound_expiry,
                on.known_audit,
                on.recommended,
                on.nothing_open,
            ),
            signs=content,
            meaning="I had no part in the audit, and decide that certification is restored.",
            source="17021-1 9.5.1, 9.5.2, 9.6.5; after an expiry: 9.6.3.2.5",
        ),
        Row(
            c.Reduce,
            VALID,
            (),
            COMMITTEE,
            records.reduce,
            (on.no_part, g.parts_there),
            signs=content,
            meaning="I had no part in the audit, and decide that the certificate is reduced.",
            source="17021-1 9.5.1, 9.6.5",
        ),
        Row(
            c.Withdraw,
            VALID,
            ("withdrawn",),
            COMMITTEE,
            records.withdraw,
            (on.no_part,),
            signs=content,
            meaning="I had no part in the audit, and decide that the certificate is withdrawn.",
            source="17021-1 9.5.1, 9.6.5",
        ),
        Row(
            c.ApplyDecision,
            VALID | {"applied"},
            ("active", "suspended", "withdrawn", "refused"),
            frozenset(),
            records.apply_decision,
            (g.fits, g.policy_known),
            source="17021-1 9.5.1, 9.6.5",
            internal=True,
        ),
        Row(
            c.Resolve,
            SUSPENDED | {"expired", "withdrawn"},
            ("active", "suspended", "expired", "withdrawn"),
            frozenset(),
            records.resolve,
            (g.is_cause,),
            source="17021-1 9.6.5",
            internal=True,
        ),
        Row(
            c.SetAside,
            VALID | ENDED,
            ("applied", "active", "suspended", "expired", "withdrawn"),
            frozenset(),
            records.set_aside,
            (g.left_of_it,),
            source="17021-1 9.7",
            internal=True,
        ),
        Row(
            c.ChangeClient,
            KNOWN,
            (),
            frozenset(),
            records.change_client,
            (g.known_survivor,),
            source="policy",
            internal=True,
        ),
    ),
)


class Certificates:
    """The decider of certificates."""

    kind = "certificate"
    state = Certificate
    version = 4

    def initial(self) -> Certificate:
        """Nobody applied yet."""
        return Certificate()

    def wants(self, state: Certificate, command: Command, now: datetime) -> Wants:
        """The client: its own, or the one that the body names; its audits, and what is open, to decide on them.

        What is open also where a transfer names some of it.
        """
        named, decided = command.body.get("client"), state.status in DECIDED_ON or command.name == "restore"
        client = named if isinstance(named, str) else state.client
        looked_at = state.client if decided else None
        if command.name == "transfer_in" and command.body.get("cases"):
            looked_at = client
        return Wants(
            client=client,
            audits=state.client is not None,
            cases=CaseQuery(client=looked_at, unsettled=True) if looked_at is not None else None,
        )

    def decide(self, state: Certificate, command: Command, context: Context) -> Sequence[Event]:
        """The row's events, or its refusal."""
        return PROCEDURE.decide(state, command, context)

    def evolve(self, state: Certificate, happened: Happened) -> Certificate:
        """The fold."""
        return evolve(state, happened)

    def lives(self, state: Certificate) -> bool:
        """While it can expire."""
        return state.status in clock.LIVING

    def next_wakeup(self, state: Certificate) -> datetime | None:
        """The next warning, or end."""
        return clock.next_wakeup(state)

    def on_wakeup(self, state: Certificate, now: datetime) -> Sequence[Event]:
        """What is due."""
        return clock.on_wakeup(state, now)

    def react(self, state: Certificate, happened: Happened) -> Sequence[Reaction]:
        """Nothing: what a decision means for the nonconformity is said there."""
        return ()

    def status(self, state: Certificate) -> str:
        """Its state."""
        return state.status

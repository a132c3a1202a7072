"""The ledger in memory: the same rules, chain and answers as on Postgres, for tests and simulation."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from activities.ledger import projections
from activities.ledger.answers import repeated, reused, standing
from activities.ledger.chain import Sealed
from activities.ledger.decide import Decided, decide, moment, recurring, wake
from activities.ledger.folding import blank, refolded
from activities.ledger.locks import Locks
from activities.ledger.projections import Owner, Projections, Row
from activities.ledger.proof import Kept, differs, prove
from activities.ledger.protocol import Fault, Outcome, Recorded, Report, Scope, Stream, Verification
from activities.ledger.refusals import StreamTaken, admit, stale, unreferable
from activities.ledger.rulebook import NO_PROJECTIONS, Rules
from workflows.canonical import instant
from workflows.decider import Answer, Client, Command, Facts, Refusal, Refused, Registry, Wants
from workflows.people import Person, Role
from workflows.policy import PolicyBook


@dataclass(slots=True)
class Case:
    """A stream with its events, and its row in the read model of its kind."""

    stream: Stream
    events: list[Sealed] = field(default_factory=list)
    owner: Owner = field(default_factory=Owner)
    row: Row | None = None


@dataclass(slots=True)
class Tenancy:
    """Everything of one tenant. `people` is filled by whoever lets people in."""

    cases: dict[str, Case] = field(default_factory=dict)
    references: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)


class MemoryLedger:
    """The truth, as long as the process lives; see `protocol.Ledger` for what each method promises."""

    def __init__(
        self,
        registry: Registry,
        policies: PolicyBook,
        projections: Projections = NO_PROJECTIONS,
        *,
        fresh: timedelta | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.tenants: dict[str, Tenancy] = {}
        self._rules = Rules(registry, policies, projections, fresh)
        self._clock = clock
        self._locks = Locks()
        self._feed: list[Sealed] = []

    def tenancy(self, tenant: str) -> Tenancy:
        """What there is of a tenant."""
        return self.tenants.setdefault(tenant, Tenancy())

    async def transact(self, tenant: str, stream: str, command: Command, now: datetime) -> Answer:
        """Answers a repeat, else decides, appends and projects, under the stream's lock."""
        async with self._locks.hold((tenant, stream)):
            await asyncio.sleep(0)
            case = self._case(tenant, stream)
            request = admit(command)
            if not isinstance(request, str):
                return standing(self._rules.registry, case.stream, request)
            if held := self._held(case, command.id, request):
                return held
            decided = self._decided(case, command, now, request)
            if isinstance(decided, Refused):
                return standing(self._rules.registry, case.stream, decided)
            return decided.answer

    async def wake(self, tenant: str, stream: str, due: datetime, now: datetime) -> Answer:
        """Records what the clock causes; a wake-up that was recorded already is answered as it was then."""
        async with self._locks.hold((tenant, stream)):
            case = self._case(tenant, stream)
            decided = wake(self._rules.registry, case.stream, now=_moment(now, case), clock=self._clock())
            if decided is not None:
                self._keep(decided)
                return decided.answer
            suffix = f":{instant(due)}"
            ids = [e.envelope.command_id for e in case.events]
            done = next((one for one in reversed(ids) if one.startswith("w:") and one.endswith(suffix)), None)
            held = self._held(case, done, None) if done else None
            return held or standing(self._rules.registry, case.stream)

    async def standing(self, tenant: str, stream: str) -> Answer | None:
        """Where a stream is."""
        case = self.tenancy(tenant).cases.get(stream)
        return None if case is None else standing(self._rules.registry, case.stream)

    async def load(self, scope: Scope, stream: str) -> Stream | None:
        """A stream with its state, if the scope sees it."""
        case = self._seen(scope, stream)
        return None if case is None else case.stream

    async def history(self, scope: Scope, stream: str, after: int = 0, limit: int = 10_000) -> Sequence[Recorded]:
        """The events of a stream in order."""
        case = self._seen(scope, stream)
        return [] if case is None else [e.recorded() for e in case.events if e.envelope.seq > after][:limit]

    async def answered(self, scope: Scope, stream: str, command: Command) -> Answer | None:
        """The answer to a command that the stream already holds."""
        case, request = self._seen(scope, stream), admit(command)
        return self._held(case, command.id, request) if case is not None and isinstance(request, str) else None

    async def facts(self, scope: Scope, wants: Wants) -> Facts:
        """The facts outside a stream."""
        return self._facts(scope, wants)

    async def owed(self, tenant: str, stream: str) -> Sequence[Recorded]:
        """The events whose reactions are not done."""
        case = self._case(tenant, stream)
        return [event.recorded() for event in case.events if event.envelope.seq in case.stream.owed]

    async def settle(self, tenant: str, stream: str, seqs: Sequence[int]) -> Answer:
        """Takes events out of `owed`; KeyError for an unknown stream."""
        async with self._locks.hold((tenant, stream)):
            case = self.tenancy(tenant).cases[stream]
            case.stream = replace(case.stream, owed=tuple(seq for seq in case.stream.owed if seq not in seqs))
            return standing(self._rules.registry, case.stream)

    async def report(self, tenant: str, reports: Sequence[Report], now: datetime) -> Sequence[Outcome]:
        """Records findings, each once."""
        return [await self._reported(tenant, report, now) for report in reports]

    async def feed(self, scope: Scope, after: str | None, limit: int = 500) -> Sequence[Recorded]:
        """Events by position."""
        seen = (
            event.recorded()
            for event in self._feed
            if event.envelope.tenant == scope.tenant
            and event.position > (after or "")
            and self._seen(scope, event.envelope.stream)
        )
        return [event for event, _ in zip(seen, range(limit), strict=False)]

    async def due(self, now: datetime, limit: int = 1000) -> Sequence[tuple[str, str]]:
        """What a sweep must nudge, over all tenants."""
        streams = (case.stream for of in self.tenants.values() for case in of.cases.values())
        found = [
            (stream.next_wakeup if stream.lives and stream.next_wakeup else now, stream.tenant, stream.name)
            for stream in streams
            if stream.owed or (stream.lives and stream.next_wakeup is not None and stream.next_wakeup <= now)
        ]
        return [(tenant, name) for _, tenant, name in sorted(found)[:limit]]

    async def verify(self, tenant: str | None = None) -> AsyncIterator[Verification]:
        """Checks everything, tenant by tenant."""
        for each in [tenant] if tenant is not None else sorted(self.tenants):
            of = self.tenancy(each)
            faults = [fault for case in of.cases.values() for fault in self._proved(case)]
            faults += [
                Fault(each, name, 0, "a source reference points to no stream")
                for names in of.references.values()
                for name in names
                if name not in of.cases
            ]
            heads = {name: case.stream.head for name, case in of.cases.items()}
            yield Verification(1, len(heads), sum(len(case.events) for case in of.cases.values()), tuple(faults), heads)

    async def rebuild(self, tenant: str | None = None) -> int:
        """Folds and projects every stream anew."""
        differing = 0
        for name, of in self.tenants.items():
            for case in of.cases.values() if tenant in {None, name} else ():
                differing += differs(self._rules.registry, self._rules.projections, self._kept(case), case.events)
                case.stream = refolded(self._rules.registry, case.stream, case.events)
                self._project(case, case.events[-1].envelope.at)
        return differing

    def _case(self, tenant: str, stream: str) -> Case:
        return self.tenancy(tenant).cases.get(stream) or Case(blank(self._rules.registry, tenant, stream))

    def _seen(self, scope: Scope, stream: str) -> Case | None:
        case = self.tenancy(scope.tenant).cases.get(stream)
        if case is None or scope.client is None:
            return case
        return case if case.owner.shown and case.owner.org == scope.client else None

    def _held(self, case: Case, command_id: str, request: str | None) -> Answer | None:
        own = [event for event in case.events if event.envelope.command_id == command_id]
        if not own:
            return None
        if request is not None and own[0].request != request:
            return reused(self._rules.registry, case.stream)
        upto = [event for event in case.events if event.envelope.seq <= own[-1].envelope.seq]
        return repeated(self._rules.registry, case.stream, upto, command_id)

    def _decided(self, case: Case, command: Command, now: datetime, request: str) -> Decided | Refused:
        """Decides and keeps; nothing here awaits, so numbers and references need no lock."""
        stream, rules = case.stream, self._rules
        if refused := stale(stream, command):
            return refused
        at = _moment(now, case)
        try:
            wants = rules.registry.of(stream.name).wants(stream.state, command, at)
        except Refusal as refusal:
            return refusal.data()
        facts = self._facts(Scope(stream.tenant), wants)
        decided = decide(
            rules.registry, stream, command, facts, now=at, clock=self._clock(), request=request, fresh=rules.fresh
        )
        if isinstance(decided, Decided):
            if wants.series and facts.number:
                self.tenancy(stream.tenant).last[wants.series] = facts.number
            self._keep(decided)
        return decided

    def _keep(self, decided: Decided) -> None:
        stream = decided.stream
        cases = self.tenancy(stream.tenant).cases
        case = cases.setdefault(stream.name, Case(stream))
        case.stream = stream
        self._project(case, decided.at)
        for event in decided.events:
            placed = replace(event, org=case.owner.org, position=f"{len(self._feed) + 1:019d}")
            case.events.append(placed)
            self._feed.append(placed)

    def _project(self, case: Case, at: datetime) -> None:
        shown = self._rules.projections
        case.owner = projections.of(shown, case.stream.name).owner(case.stream)
        case.row = projections.row_of(shown, case.stream, at)

    def _kept(self, case: Case) -> Kept:
        decider = self._rules.registry.of(case.stream.name)
        return Kept(case.stream, decider.version, decider.status(case.stream.state), case.owner)

    def _proved(self, case: Case) -> list[Fault]:
        return prove(self._rules.registry, self._rules.projections, self._kept(case), case.events)

    def _facts(self, scope: Scope, wants: Wants) -> Facts:
        of = self.tenancy(scope.tenant)
        client = self._seen(scope, f"client/{wants.client}") if wants.client is not None else None
        row = client.row if client else None
        return Facts(
            policies=self._rules.policies,
            client=Client(row["id"], row["zone"], row["four_eyes"], row["internal_confirmation"]) if row else None,
            number=of.last.get(wants.series, 0) + 1 if wants.series else None,
            committee=[
                person
                for person in sorted(of.people, key=lambda person: person.id)
                if wants.committee and Role.COMMITTEE_MEMBER in person.roles and scope.client in {None, person.client}
            ],
        )

    async def _reported(self, tenant: str, report: Report, now: datetime) -> Outcome:
        of = self.tenancy(tenant)
        if refused := unreferable(report):
            return self._rejected(tenant, report, refused)
        known = of.references.setdefault((report.source, report.external_id), [])
        ancestor = of.cases[known[-1]] if known else None
        if ancestor is not None:
            held = await self.answered(Scope(tenant), ancestor.stream.name, report.command)
            if held is not None:
                return Outcome("rejected" if held.refusal else "duplicate", ancestor.stream.name, held)
            present = standing(self._rules.registry, ancestor.stream)
            if present.status != "closed":
                return Outcome("duplicate", ancestor.stream.name, present)
        if report.stream in of.cases:
            return self._rejected(tenant, report, StreamTaken(stream=report.stream).data())
        request = admit(report.command)
        if not isinstance(request, str):
            return self._rejected(tenant, report, request)
        command = recurring(report, ancestor.stream.name if ancestor else None)
        decided = self._decided(self._case(tenant, report.stream), command, now, request)
        if isinstance(decided, Refused):
            return self._rejected(tenant, report, decided)
        known.append(report.stream)
        return Outcome("recurred" if ancestor else "created", report.stream, decided.answer)

    def _rejected(self, tenant: str, report: Report, refused: Refused) -> Outcome:
        nothing = blank(self._rules.registry, tenant, report.stream)
        return Outcome("rejected", None, standing(self._rules.registry, nothing, refused))


def _moment(now: datetime, case: Case) -> datetime:
    return moment(now, case.events[-1].envelope.at if case.events else None)

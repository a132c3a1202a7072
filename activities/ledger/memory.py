"""The ledger in memory: the same rules, chain and answers as on Postgres, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from activities.ledger import projections
from activities.ledger.answers import rejected, repeated, reused, standing
from activities.ledger.chain import Sealed
from activities.ledger.decide import Decided, decide, recurring, telling, wake
from activities.ledger.folding import blank, refolded
from activities.ledger.known import audit_of, audits_of, cases_of, certificates_of, client_of
from activities.ledger.locks import Locks
from activities.ledger.projections import Projections, Row
from activities.ledger.proof import Beside, Kept, differs, prove
from activities.ledger.protocol import Fault, Head, Met, Outcome, Recorded, Report, Scope, Stream, Verification
from activities.ledger.refusals import StreamTaken, admit, of_another, stale, unreferable
from activities.ledger.rulebook import NO_PROJECTIONS, Rules
from activities.ledger.tenancy import Case, Tenancy
from activities.ledger.words import Heard, as_told, is_of_another, kind_of_report
from workflows.canonical import instant
from workflows.decider import Answer, Client, Command, Facts, Refusal, Refused, Registry, Wants, kind_of
from workflows.entries import CaseEntry, CaseQuery
from workflows.people import Person, Role
from workflows.policy_book import PolicyBook
from workflows.stubs import Due


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
            decided = wake(self._rules.registry, case.stream, now=case.stream.moment(now), clock=self._clock())
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
        if case is None:
            return None
        return replace(case.stream, client=self._facts(scope, Wants(client=case.owner.org)).client)

    async def history(self, scope: Scope, stream: str, after: int = 0, limit: int = 10_000) -> Sequence[Recorded]:
        """The events of a stream in order."""
        case = self._seen(scope, stream)
        return [] if case is None else [e.recorded() for e in case.events if e.envelope.seq > after][:limit]

    async def meet(self, scope: Scope, stream: str, command: Command) -> Met | None:
        """A stream with its state, if the scope sees it, and the answer to a command that it holds already."""
        found, request = await self.load(scope, stream), admit(command)
        if found is None:
            return None
        case = self._case(scope.tenant, stream)
        return Met(found, self._held(case, command.id, request) if isinstance(request, str) else None)

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

    async def due(self, now: datetime, limit: int = 1000, after: Due | None = None) -> Sequence[Due]:
        """The living streams whose wake-up is past, over all tenants."""
        found = sorted(
            (stream.next_wakeup, stream.tenant, stream.name)
            for stream in self._streams()
            if stream.lives and stream.next_wakeup is not None and stream.next_wakeup <= now
        )
        beyond = (one for one in found if after is None or one > (after.at, after.tenant, after.stream))
        return [Due(at=at, tenant=tenant, stream=name) for at, tenant, name in islice(beyond, limit)]

    async def owing(
        self,
        now: datetime,  # noqa: ARG002 - here nothing is kept beside the streams
        limit: int = 1000,
        after: tuple[str, str] | None = None,
    ) -> Sequence[tuple[str, str]]:
        """What owes something, over all tenants."""
        found = sorted((stream.tenant, stream.name) for stream in self._streams() if stream.owed)
        return [pair for pair in found if after is None or pair > after][:limit]

    async def verify(self, tenant: str | None = None) -> AsyncIterator[Verification]:
        """Checks everything, tenant by tenant."""
        for each in [tenant] if tenant is not None else sorted(self.tenants):
            of = self.tenancy(each)
            faults = [fault for case in of.cases.values() for fault in self._proved(of, case)]
            faults += [
                Fault(each, name, 0, "a source reference points to no stream")
                for names in of.references.values()
                for name in names
                if name not in of.cases
            ]
            heads = {name: Head(case.stream.seq, case.stream.head) for name, case in of.cases.items()}
            events = sum(len(case.events) for case in of.cases.values())
            yield Verification(each, len(heads), events, tuple(faults), heads)

    async def rebuild(self, tenant: str | None = None) -> int:
        """Folds and projects every stream anew."""
        tenants = [of for name, of in self.tenants.items() if tenant in {None, name}]
        return sum(self._refolded(case) for of in tenants for case in of.cases.values())

    async def refresh(self, tenant: str | None = None) -> int:
        """Folds and projects anew what another version of its decider left."""
        tenancies = self.tenants.values() if tenant is None else [self.tenancy(tenant)]
        cases = [case for of in tenancies for case in of.cases.values()]
        return sum(self._refolded(case) for case in cases if case.version != self._version(case.stream.name))

    def _streams(self) -> Iterator[Stream]:
        return (case.stream for of in self.tenants.values() for case in of.cases.values())

    def _refolded(self, case: Case) -> bool:
        told = refolded(self._rules.registry, case.stream, case.events)
        differing = differs(self._rules.registry, self._rules.projections, self._kept(case), told)
        case.stream, case.version = told, self._version(told.name)
        self._project(case)
        return differing

    def _version(self, stream: str) -> int:
        return self._rules.registry.of(stream).version

    def _case(self, tenant: str, stream: str) -> Case:
        found = self.tenancy(tenant).cases.get(stream)
        return found or Case(blank(self._rules.registry, tenant, stream), self._version(stream))

    def _seen(self, scope: Scope, stream: str) -> Case | None:
        case = self.tenancy(scope.tenant).cases.get(stream)
        return case if case is not None and self._shows(scope, case) else None

    def _shows(self, scope: Scope, case: Case) -> bool:
        if scope.viewer is not None:
            return not self.tenancy(scope.tenant).worn(scope.viewer).isdisjoint(case.owner.seen_by)
        return scope.client is None or (case.owner.shown and case.owner.org == scope.client)

    def _held(self, case: Case, command_id: str, request: str | None) -> Answer | None:
        own = [event for event in case.events if event.envelope.command_id == command_id]
        if not own:
            return None
        if request is not None and own[0].request != request:
            return reused(self._rules.registry, case.stream)
        upto = [event for event in case.events if event.envelope.seq <= own[-1].envelope.seq]
        return repeated(self._rules.registry, case.stream, upto, command_id)

    def _decided(
        self, case: Case, command: Command, now: datetime, request: str, reported: bool = False
    ) -> Decided | Refused:
        """Decides and keeps; nothing here awaits, so numbers and references need no lock."""
        decided = self._weighed(case, command, now, request, reported)
        if isinstance(decided, Decided):
            self._keep(decided)
        return decided

    def _weighed(
        self, case: Case, command: Command, now: datetime, request: str, reported: bool = False
    ) -> Decided | Refused:
        """Decides; keeps nothing but the number that is taken."""
        stream, rules = case.stream, self._rules
        if refused := stale(stream, command):
            return refused
        at = stream.moment(now)
        try:
            wants = rules.registry.of(stream.name).wants(stream.state, command, at)
        except Refusal as refusal:
            return refusal.data()
        facts = self._facts(Scope(stream.tenant), wants)
        decided = decide(
            rules.registry,
            stream,
            command,
            facts,
            now=at,
            clock=self._clock(),
            request=request,
            fresh=rules.fresh,
            reported=reported,
        )
        if isinstance(decided, Decided) and wants.series and facts.number:
            of = self.tenancy(stream.tenant)
            of.last[wants.series] = facts.number
            of.numbers[wants.series, facts.number] = stream.name
        return decided

    def _keep(self, decided: Decided) -> None:
        """Appends and projects; ValueError for a command id that the stream holds, as by a unique constraint."""
        stream, version = decided.stream, self._version(decided.stream.name)
        cases = self.tenancy(stream.tenant).cases
        case = cases.get(stream.name) or Case(stream, version)
        held = {(event.envelope.command_id, event.index) for event in case.events}
        for event in decided.events:
            if (event.envelope.command_id, event.index) in held:
                raise ValueError(f"{stream.name} holds event {event.index} of {event.envelope.command_id} already")
        cases[stream.name] = case
        case.stream, case.version = stream, version
        self._project(case)
        for event in decided.events:
            placed = replace(event, position=f"{len(self._feed) + 1:019d}")
            case.events.append(placed)
            self._feed.append(placed)

    def _project(self, case: Case) -> None:
        shown = self._rules.projections
        case.owner = projections.of(shown, case.stream.name).owner(case.stream)
        case.row = projections.row_of(shown, case.stream)

    def _kept(self, case: Case) -> Kept:
        status = self._rules.registry.of(case.stream.name).status(case.stream.state)
        return Kept(case.stream, case.version, status, case.owner)

    def _proved(self, of: Tenancy, case: Case) -> list[Fault]:
        name = case.stream.name
        beside = Beside(
            references={
                reference: of.heard[name].said if name in of.heard else None
                for reference, names in of.references.items()
                if name in names
            },
            numbers={number for number, holder in of.numbers.items() if holder == name},
        )
        return prove(self._rules.registry, self._rules.projections, self._kept(case), case.events, beside)

    def _facts(self, scope: Scope, wants: Wants) -> Facts:
        of = self.tenancy(scope.tenant)
        seen = (person for person in of.people if self._knows(scope, person))
        people = sorted(seen, key=lambda person: person.id)
        audit = audit_of(self._rows(scope, "audit"), wants.audit)
        return Facts(
            policies=self._rules.policies,
            client=self._client(scope, wants.client),
            into=self._client(scope, wants.into),
            number=of.last.get(wants.series, 0) + 1 if wants.series else None,
            committee=[one for one in people if Role.COMMITTEE_MEMBER in one.roles] if wants.committee else (),
            people=[one for one in people if one.client == wants.client] if wants.people and wants.client else (),
            audit=audit,
            team=[one for one in people if audit is not None and one.id in audit.team],
            audits=audits_of(self._rows(scope, "audit"), wants.client) if wants.audits else (),
            certificates=certificates_of(self._rows(scope, "certificate"), wants.client) if wants.certificates else (),
            cases=self._cases(scope, wants.cases) if wants.cases else (),
        )

    def _knows(self, scope: Scope, person: Person) -> bool:
        if scope.viewer is None:
            return scope.client in {None, person.client}
        if person.client is None:
            return "staff" in scope.viewer.badges
        cases = self.tenancy(scope.tenant).cases.items()
        theirs = (one for name, one in cases if kind_of(name) == "nonconformity" and one.owner.org == person.client)
        return any(self._shows(scope, one) for one in theirs)

    def _client(self, scope: Scope, key: str | None) -> Client | None:
        client = self._seen(scope, f"client/{key}") if key is not None else None
        return client_of(client.row["id"], client.row) if client and client.row else None

    def _rows(self, scope: Scope, kind: str, living: bool = False) -> list[Row]:
        """The rows of a kind that a scope sees, by id; `living` those of living streams."""
        cases = self.tenancy(scope.tenant).cases
        found = [self._seen(scope, name) for name in sorted(cases) if kind_of(name) == kind]
        return [case.row for case in found if case and case.row and (case.stream.lives or not living)]

    def _cases(self, scope: Scope, query: CaseQuery) -> list[CaseEntry]:
        return cases_of(self._rows(scope, "nonconformity", query.living), query)

    async def _reported(self, tenant: str, report: Report, now: datetime) -> Outcome:
        of = self.tenancy(tenant)
        if refused := unreferable(report):
            return rejected(self._rules.registry, tenant, report, refused)
        request = admit(report.command)
        if not isinstance(request, str):
            return rejected(self._rules.registry, tenant, report, request)
        known = of.references.setdefault((report.source, report.external_id), [])
        held = self._reported_before(of, known, report.command.id, request)
        if held and held.result == "duplicate":
            return held
        newest = of.cases[known[-1]] if known else None
        if newest is not None and is_of_another(report, self._survivor(tenant, newest.owner.org)):
            return rejected(self._rules.registry, tenant, report, of_another(report))
        if held:
            return held
        if newest is not None and (told := self._told(of, newest, report, now, request)):
            return told
        if not report.opens:
            return Outcome("skipped", None, None)
        if report.stream in of.cases:
            return rejected(self._rules.registry, tenant, report, StreamTaken(stream=report.stream).data())
        command = recurring(report, newest.stream.name if newest else None)
        decided = self._decided(self._case(tenant, report.stream), command, now, request, reported=True)
        if isinstance(decided, Refused):
            return rejected(self._rules.registry, tenant, report, decided)
        known.append(report.stream)
        of.heard[report.stream] = Heard().and_then(report.word)
        return Outcome("recurred" if newest else "created", report.stream, decided.answer)

    def _survivor(self, tenant: str, key: str | None) -> str | None:
        """The client that took the place of a merged one in the end; of any other, itself."""
        client = self._client(Scope(tenant), key)
        return key if client is None or client.merged_into is None else self._survivor(tenant, client.merged_into)

    def _told(self, of: Tenancy, case: Case, report: Report, now: datetime, request: str) -> Outcome | None:
        """What becomes of a report of a known case; None where it opens another one, or none."""
        name, present = case.stream.name, standing(self._rules.registry, case.stream)
        match kind_of_report(report, present.status, of.heard[name]):
            case "opens" | "skips":
                return None
            case "repeats":
                return Outcome("duplicate", name, present)
        decided = self._weighed(case, telling(report), now, request, reported=True)
        if isinstance(decided, Refused):
            return rejected(self._rules.registry, case.stream.tenant, report, decided)
        word = report.word and as_told(report.word, self._rules.projections, decided.stream)
        if word is not None and not of.heard[name].is_news(word, opens=report.opens):
            return Outcome("duplicate", name, present)
        self._keep(decided)
        of.heard[name] = of.heard[name].and_then(word)
        return Outcome("updated", name, decided.answer)

    def _reported_before(self, of: Tenancy, known: Sequence[str], command_id: str, request: str) -> Outcome | None:
        """The answer of the occurrence that holds the command: of this request, if any, else of the newest."""
        held = [(name, self._held(of.cases[name], command_id, request)) for name in reversed(known)]
        answers = sorted(((name, answer) for name, answer in held if answer), key=lambda one: bool(one[1].refusal))
        if not answers:
            return None
        name, answer = answers[0]
        return Outcome("rejected" if answer.refusal else "duplicate", name, answer)

"""Badges: what a thing says of who sees it, and what a viewer wears (ADR 23). `services.sight` says who wears which.

Each is a word, and a viewer sees a thing that names one of theirs. A thing's own state says its badges, so that they
are projected with it and proved with it. `closeout.narrow` (0015) spells those of audits, cases, clients, entries too.
"""

from collections.abc import Iterable, Iterator

from activities.ledger.protocol import Stream
from workflows.audit.audit import Audit
from workflows.certificate.certificate import Certificate
from workflows.committee.review import Review
from workflows.nonconformity.case import Case
from workflows.people import folded

AUDITORS = "auditors"
COMMITTEE = "committee"
STAFF = "staff"
REGISTRY = "registry"
"""Of keys that are bound to no client: they see who there is."""


def audit(key: str) -> str:
    """Of an audit with what was found in it."""
    return f"audit:{key}"


def case(id: str) -> str:
    """Of one case with its reviews."""
    return f"case:{id}"


def client(key: str) -> str:
    """Of a client with all that its people see, and reviews."""
    return f"client:{key}"


def entry(key: str) -> str:
    """Of a client's entry in the registry alone."""
    return f"entry:{key}"


def source(name: str, client: str | None = None) -> str:
    """Of what a source reported, of one client where one is named: of which no key has a colon."""
    return f"source:{name}" if client is None else f"source of {client}:{name}"


def person(id: str) -> str:
    """Of somebody who raised a case, acted on it or is to act on it."""
    return f"person:{id}"


def planner(id: str) -> str:
    """Of who planned an audit."""
    return f"planner:{id}"


def member(id: str) -> str:
    """Of somebody who sits in a review, or is recused."""
    return f"member:{id}"


def uploader(id: str) -> str:
    """Of who uploaded a file."""
    return f"uploader:{id}"


def called(id: str, name: str) -> frozenset[str]:
    """Of somebody whom a team may name by id or name, as `Actor.is_called` has it."""
    return frozenset({person(id), _named(name)}) if name else frozenset({person(id)})


def _named(name: str) -> str:
    return f"called:{folded(name)}"


def _team(members: Iterable[str]) -> Iterator[str]:
    for one in members:
        yield person(one)
        yield _named(one)


def of_case(stream: Stream, state: Case) -> tuple[str, ...]:
    """Its audit's, or every auditor's where it has none; that of the one it is deferred to; who raised or has it to do.

    The committee's while an appeal is to be decided, which who sat in the review cannot. The client's once issued.
    """
    return _sorted(_of_case(stream, state))


def _of_case(stream: Stream, state: Case) -> Iterator[str]:
    yield case(stream.name.partition("/")[2])
    finding = state.finding
    if finding is not None:
        yield source(finding.source.system)
        yield source(finding.source.system, finding.client)
        if state.issued_at is not None:
            yield client(finding.client)
    yield AUDITORS if finding is None or finding.audit is None else audit(finding.audit.ref)
    yield from _team(state.audit_team)
    if state.deferral is not None:
        yield from _team(state.deferral.team)
        if state.deferral.audit is not None:
            yield audit(state.deferral.audit)
    yield from (person(one) for one in (state.reported_by, state.issued_by, *state.assigned.values()) if one)
    if state.appeal is not None and state.appeal.state == "open":
        yield COMMITTEE


def of_review(stream: Stream) -> tuple[str, ...]:
    """Those of its case, and of who sits or is recused."""
    review = stream.state
    if not isinstance(review, Review):
        raise TypeError(f"{stream.name} is no committee review")
    found = [member(one) for one in (*review.members, *(recusal.person for recusal in review.recused))]
    if (papers := review.papers) is not None:
        found += [case(papers.case.partition("/")[2]), client(papers.client)]
        found += [AUDITORS if papers.audit is None else audit(papers.audit), *_team(papers.audit_team)]
        found += [person(one) for one in papers.took_part]
    return _sorted(found)


def of_client(stream: Stream) -> tuple[str, ...]:
    """The registry is known to those who plan audits and decide on certificates."""
    key = stream.name.partition("/")[2]
    return _sorted([AUDITORS, COMMITTEE, REGISTRY, client(key), entry(key)])


def of_entry(stream: Stream) -> tuple[str, ...]:
    """An audit's own, its team's, its planner's and the committee's, whose decisions rest on it.

    A certificate is no secret from those who audit and decide (17021-1 8.1.2).
    """
    match stream.state:
        case Audit(outline=outline, planned_by=by):
            found = [audit(stream.name.partition("/")[2]), COMMITTEE, planner(by)]
            found += [client(outline.client), *_team(one.person for one in outline.team)] if outline else []
        case Certificate(client=holder):
            found = [AUDITORS, COMMITTEE, *([client(holder)] if holder else [])]
        case _:
            raise TypeError(f"{stream.name} is no audit and no certificate")
    return _sorted(found)


def _sorted(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(found)))

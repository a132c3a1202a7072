"""The conditions of the rows of a certificate."""

from collections.abc import Iterable
from datetime import timedelta

from workflows.certificate import clock
from workflows.certificate import commands as c
from workflows.certificate import refusals as r
from workflows.certificate.certificate import Certificate, name_of
from workflows.certificate.events import Term
from workflows.certificate.undoing import decided_by
from workflows.decider import Client, Context
from workflows.entries import CaseEntry
from workflows.policy import Case, Certificates, Policy, Suspension
from workflows.policy_book import PolicyError
from workflows.procedure import guard
from workflows.sentences import Sentence

FITTING = {
    "suspend": ("active", "suspended"),
    "reduce_scope": ("active", "suspended"),
    "withdraw_certificate": ("active", "suspended"),
    "refuse": ("applied",),
}
"""In which states a decision has an effect."""


def client_of(context: Context) -> Client:
    """The client that a guard found."""
    if context.facts.client is None:
        raise ValueError("a guard lets nothing through without a client")
    return context.facts.client


@guard(r.ClientUnknown, r.ClientMerged, needs_body=True)
def known_client(state: Certificate, body: c.Apply | c.TransferIn, context: Context) -> None:
    """The client is registered, and no merged duplicate."""
    client = context.facts.client
    if client is None:
        raise r.ClientUnknown("/client", client=body.client)
    if client.merged_into is not None:
        raise r.ClientMerged("/client", client=client.key, into=client.merged_into)


@guard(r.ClientUnknown, needs_body=True)
def known_survivor(state: Certificate, body: c.ChangeClient, context: Context) -> None:
    """The client is registered; one that was merged itself meanwhile passes the certificate on."""
    if context.facts.client is None:
        raise r.ClientUnknown("/client", client=body.client)


@guard(r.SiteUnknown, needs_body=True)
def own_sites(state: Certificate, body: c.Apply | c.TransferIn, context: Context) -> None:
    """The sites are the client's, where it has registered any."""
    client = client_of(context)
    for number, site in enumerate(body.sites):
        if client.sites and site not in client.sites:
            raise r.SiteUnknown(f"/sites/{number}", site=site, client=client.key, known=", ".join(client.sites))


@guard(r.AnotherClients, needs_body=True)
def same_client(state: Certificate, body: c.Apply, context: Context) -> None:
    """Nobody else takes over a certificate's key."""
    if state.client not in (None, body.client):
        raise r.AnotherClients("/key", key=state.key, client=state.client)


@guard(r.NotYetIssued, r.ExpiredThen, needs_body=True)
def holds_now(state: Certificate, body: c.Grant | c.TransferIn, context: Context) -> None:
    """It was issued, and did not expire."""
    zone = state.zone if state.client else client_of(context).zone
    today = clock.today(context.now, zone)
    if body.issued_on > today:
        raise r.NotYetIssued("/issued_on", day=body.issued_on)
    if body.expires_on < today:
        raise r.ExpiredThen("/expires_on", day=body.expires_on)


@guard(r.Backdated, needs_body=True)
def not_backdated(state: Certificate, body: c.Grant | c.Renew, context: Context) -> None:
    """It holds from the day of the decision at the client, or a later one."""
    today = clock.today(context.now, state.zone)
    if body.issued_on < today:
        raise r.Backdated("/issued_on", day=body.issued_on, today=today)


@guard(r.NotYetIssued, r.NotLonger, needs_body=True)
def goes_on(state: Certificate, body: c.Renew, context: Context) -> None:
    """A renewal leaves no gap, and holds longer."""
    held = _term(state).expires_on
    if body.issued_on > held + timedelta(days=1):
        raise r.NotYetIssued("/issued_on", day=body.issued_on)
    if body.expires_on <= held:
        raise r.NotLonger("/expires_on", held=held)


@guard(r.NoPolicy, r.BeyondCycle, needs_body=True)
def within_cycle(state: Certificate, body: c.Grant | c.Renew, context: Context) -> None:
    """No longer than a cycle by the policy: from its issue, or from the end of the term before (17021-1 9.1.3.2)."""
    rules = _policy(state.standards, context)
    start = max(body.issued_on, state.term.expires_on) if state.term else body.issued_on
    most = clock.cycle_from(start, rules.certificates.longest)
    if body.expires_on > most:
        by = Sentence("{policy} has cycles of {longest}", policy=rules.name, longest=rules.certificates.longest)
        raise r.BeyondCycle("/expires_on", most=most, by=by)


@guard(r.BeyondCycle, needs_body=True)
def whole_cycle(state: Certificate, body: c.TransferIn, context: Context) -> None:
    """No longer than a cycle from its issue: by the policy here, of three years where none is in force."""
    try:
        longest = _policy(body.standards, context).certificates.longest
    except r.NoPolicy:
        longest = Certificates().longest
    most = clock.cycle_from(body.issued_on, longest)
    if body.expires_on > most:
        by = Sentence("a cycle is of {longest}, whichever body began it", longest=longest)
        raise r.BeyondCycle("/expires_on", most=most, by=by)


@guard(r.CaseUnknown, needs_body=True)
def known_cases(state: Certificate, body: c.TransferIn, context: Context) -> None:
    """What is taken over with it is there: open, and the same client's."""
    for number, case in enumerate(body.cases):
        if case_of(case, body.client, context) is None:
            raise r.CaseUnknown(f"/cases/{number}", case=case, client=body.client)


@guard(r.CasesUnresolved)
def cases_resolved(state: Certificate, body: object, context: Context) -> None:
    """No nonconformity that it was suspended for is left."""
    left = [cause.case for cause in state.suspension.causes if cause.case] if state.suspension else []
    if left:
        raise r.CasesUnresolved(cases=", ".join(left))


@guard(r.TooLate)
def in_time(state: Certificate, body: object, context: Context) -> None:
    """Within six months of the expiry."""
    if state.status != "expired":
        return
    term = _term(state)
    until = clock.restorable_until(term, state.zone)
    if context.now > until:
        raise r.TooLate(day=term.expires_on, until=clock.today(until, state.zone))


@guard(r.ExpiryMissing, r.ExpiryFixed, r.ExpiredThen, r.BeyondCycle, needs_body=True)
def sound_expiry(state: Certificate, body: c.Restore, context: Context) -> None:
    """After an expiry a new one, by the cycle before; after a suspension none."""
    term = _term(state)
    if state.status != "expired":
        if body.expires_on is not None:
            raise r.ExpiryFixed("/expires_on", held=term.expires_on)
        return
    if body.expires_on is None:
        raise r.ExpiryMissing("/expires_on")
    if body.expires_on <= clock.today(context.now, state.zone):
        raise r.ExpiredThen("/expires_on", day=body.expires_on)
    most = clock.longest_after(term)
    if body.expires_on > most:
        raise r.BeyondCycle("/expires_on", most=most, by=Sentence("the cycle before was no longer"))


@guard(r.NotOnCertificate, r.ScopeUnchanged, r.NothingLeft, needs_body=True)
def parts_there(state: Certificate, body: c.Reduce, context: Context) -> None:
    """What is taken out is there, and something is left."""
    names = set(map(name_of, state.standards))
    for number, standard in enumerate(body.standards):
        if name_of(standard) not in names:
            raise r.NotOnCertificate(f"/standards/{number}", part=standard)
    for number, site in enumerate(body.sites):
        if site not in state.sites:
            raise r.NotOnCertificate(f"/sites/{number}", part=site)
    if body.scope == state.scope:
        raise r.ScopeUnchanged("/scope")
    if not names - set(map(name_of, body.standards)):
        raise r.NothingLeft("/standards", what=Sentence("standard"))
    if state.sites and not set(state.sites) - set(body.sites):
        raise r.NothingLeft("/sites", what=Sentence("site"))


@guard(r.NoPolicy)
def policy_known(state: Certificate, body: object, context: Context) -> None:
    """A policy says how long a suspension may last; a decision brings its case's."""
    if not isinstance(body, c.ApplyDecision) or (body.choice == "suspend" and body.suspension is None):
        terms(state, context)


@guard(r.NoEffect, needs_body=True)
def fits(state: Certificate, body: c.ApplyDecision, context: Context) -> None:
    """The decision can take effect."""
    if state.status not in FITTING[body.choice]:
        raise r.NoEffect(choice=body.choice, status=state.status)


@guard(r.NothingToSetAside, needs_body=True)
def left_of_it(state: Certificate, body: c.SetAside, context: Context) -> None:
    """Something that the review decided is left."""
    if not decided_by(state, body.review):
        raise r.NothingToSetAside("/review", review=body.review)


@guard(r.NotACause, needs_body=True)
def is_cause(state: Certificate, body: c.Resolve, context: Context) -> None:
    """The nonconformity caused the suspension."""
    if state.suspension is None or not state.suspension.names(body.case):
        raise r.NotACause(case=body.case)


def case_of(named: str, client: str, context: Context) -> CaseEntry | None:
    """The open nonconformity of a client that a number or an id names."""
    open_ones = (case for case in context.facts.cases if case.client == client)
    return next((case for case in open_ones if named in (case.id, case.number)), None)


def terms(state: Certificate, context: Context) -> Suspension:
    """How long a suspension may last, by the policy for these standards. Raises NoPolicy."""
    return _policy(state.standards, context).suspension


def _policy(standards: Iterable[str], context: Context) -> Policy:
    """The policy for these standards that is in force. Raises NoPolicy."""
    wanted = Case(context.tenant, sorted(map(name_of, standards)), None, "major")
    try:
        return context.facts.policies.choose(wanted, context.today)
    except PolicyError as error:
        raise r.NoPolicy(why=error) from None


def _term(state: Certificate) -> Term:
    if state.term is None:
        raise ValueError("a certificate that was granted has a term")
    return state.term

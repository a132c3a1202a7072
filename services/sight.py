"""Who sees what: from a caller to the scope in which everything is read for them. There is no other place that says it.

- People of a client: what is shown to their client.
- Reviewers, scheme managers and administrators: all of the body.
- Auditors: the audits whose team names them with all that was found there, what was deferred to them, findings of no
  audit, and cases that they raised or were assigned to. Clients' entries and certificates are known to all auditors,
  who plan audits of any client.
- Committee members: the reviews in which they sit or are recused, with their cases; cases with an appeal to decide;
  certificates, on which any of them decides, and the audits and clients that these are about.
- Observers: what was granted to them (`services.api.grants`), until it ends.
- A machine by its key: what its source reported, of its client alone where it has one, and the clients' entries; by a
  key of a client, that client's POA&M, as its people do (`of_client`).

Of several roles it is all that any of them sees. What a scope sees is kept by row-level security (0015, ADR 23):
nothing that reads in it filters again.
"""

from activities import badges
from activities.ledger.protocol import Scope, Viewer
from workflows.people import Actor, Role

WHOLE = frozenset({Role.REVIEWER, Role.SCHEME_MANAGER, Role.ADMIN})
"""Who of a body sees all of it."""


def scope(tenant: str, actor: Actor) -> Scope:
    """What an actor sees of a tenant."""
    if actor.kind == "key":
        return Scope(tenant, viewer=_machine(actor))
    if actor.client is not None:
        return Scope(tenant, actor.client)
    if not WHOLE.isdisjoint(actor.roles):
        return Scope(tenant)
    return Scope(tenant, viewer=_person(actor))


def of_client(tenant: str, actor: Actor) -> Scope:
    """What an actor sees to hand a client's cases on as a whole: by a key of the client, what its people see."""
    return Scope(tenant, actor.client) if actor.client is not None else scope(tenant, actor)


def _machine(actor: Actor) -> Viewer:
    own = {badges.uploader(actor.id)}
    if actor.source is not None:
        own.add(badges.source(actor.source, actor.client))
    return Viewer(frozenset(own | {badges.REGISTRY if actor.client is None else badges.entry(actor.client)}))


def _person(actor: Actor) -> Viewer:
    own = {badges.STAFF, badges.uploader(actor.id)}
    team: frozenset[str] = frozenset()
    if Role.AUDITOR in actor.roles:
        team = badges.called(actor.id, actor.name)
        own |= {badges.AUDITORS, badges.planner(actor.id), *team}
    is_member = Role.COMMITTEE_MEMBER in actor.roles
    if is_member:
        own |= {badges.COMMITTEE, badges.member(actor.id)}
    return Viewer(
        frozenset(own),
        team,
        member=actor.id if is_member else None,
        grantee=actor.id if Role.OBSERVER in actor.roles else None,
    )

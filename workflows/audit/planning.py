"""The conditions of what is planned: by whom, for which client, at which sites, for which certificates."""

from workflows.audit import commands as c
from workflows.audit import refusals as r
from workflows.audit.audit import Audit
from workflows.audit.guards import outline_of
from workflows.decider import Context
from workflows.people import MANAGERS, Actor, Role
from workflows.procedure import AnotherClient, guard

BODY = MANAGERS | {Role.AUDITOR}
"""Who plans and holds the audits of a certification body."""


@guard(AnotherClient, r.InternalOnly, needs_body=True)
def may_plan(audit: Audit, body: c.Plan, context: Context) -> None:
    """An internal auditor plans internal audits of the own client."""
    if not _of_the_client(context.actor):
        return
    if body.client != context.actor.client:
        raise AnotherClient("/client")
    if body.stage != "internal":
        raise r.InternalOnly("/stage", stage=body.stage)


@guard(r.InternalOnly)
def may_hold(audit: Audit, body: object, context: Context) -> None:
    """An internal auditor holds internal audits."""
    stage = outline_of(audit).stage
    if _of_the_client(context.actor) and stage != "internal":
        raise r.InternalOnly(stage=stage)


@guard(r.ClientUnknown, r.ClientMerged, needs_body=True)
def known_client(audit: Audit, body: c.Plan, context: Context) -> None:
    """The client is registered, and no merged duplicate."""
    client = context.facts.client
    if client is None:
        raise r.ClientUnknown("/client", client=body.client)
    if client.merged_into is not None:
        raise r.ClientMerged("/client", client=body.client, into=client.merged_into)


@guard(r.SiteUnknown, needs_body=True)
def own_sites(audit: Audit, body: c.Plan | c.Revise, context: Context) -> None:
    """The sites are the client's, where it has registered any."""
    client = context.facts.client
    for number, site in enumerate(body.sites or ()):
        if client and client.sites and site not in client.sites:
            raise r.SiteUnknown(f"/sites/{number}", site=site, client=client.key, known=", ".join(client.sites))


@guard(r.SiteUnknown, needs_body=True)
def seen_at_own_site(audit: Audit, body: c.NotePositive, context: Context) -> None:
    """The site is one of the client's, where it has registered any."""
    client = context.facts.client
    if body.site is not None and client and client.sites and body.site not in client.sites:
        raise r.SiteUnknown("/site", site=body.site, client=client.key, known=", ".join(client.sites))


@guard(r.ClientsOwn, needs_body=True)
def not_the_clients(audit: Audit, body: c.Plan | c.Revise, context: Context) -> None:
    """Nobody of the client is on the team that audits it, but of internal audits."""
    stage = body.stage if isinstance(body, c.Plan) else outline_of(audit).stage
    if stage == "internal":
        return
    called = {name.strip().casefold(): person for person in context.facts.people for name in (person.id, person.name)}
    for number, member in enumerate(body.team or ()):
        person = called.get(member.person.casefold())
        if person is not None:
            raise r.ClientsOwn(f"/team/{number}/person", person=member.person, client=person.client)


@guard(r.WaivedAtStage2, needs_body=True)
def waives_at_stage2(audit: Audit, body: c.Plan | c.Revise, context: Context) -> None:
    """Only a stage 2 says why it needs no stage 1."""
    stage = body.stage if isinstance(body, c.Plan) else outline_of(audit).stage
    if body.stage1_waived is not None and stage != "stage2":
        raise r.WaivedAtStage2("/stage1_waived", stage=stage)


@guard(r.CertificateUnknown, needs_body=True)
def own_certificates(audit: Audit, body: c.Plan | c.Revise, context: Context) -> None:
    """The certificates are the client's, in whatever state."""
    known = {certificate.key for certificate in context.facts.certificates}
    for number, key in enumerate(body.certificates or ()):
        if key not in known:
            raise r.CertificateUnknown(f"/certificates/{number}", certificate=key)


def _of_the_client(actor: Actor) -> bool:
    """Whether somebody has a right to audits as a client's internal auditor alone."""
    return actor.kind == "person" and not actor.roles & BODY

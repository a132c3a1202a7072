"""Conditions on commands about extent at other sites."""

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import policy_of
from workflows.nonconformity.guards.common import none_left
from workflows.procedure import guard
from workflows.sentences import Sentence

MOST_SITES = 100
"""For how many sites a case holds the extent."""


@guard(r.CaseFull, needs_body=True)
def room_for_sites(case: Case, body: c.RecordExtent, context: Context) -> None:
    """Not too many sites yet."""
    others = [one for one in case.extents if one.site != body.site]
    if len(others) >= MOST_SITES:
        raise r.CaseFull(most=MOST_SITES, what=Sentence("sites"))


@guard(r.SiteUnknown, needs_body=True)
def known_site(case: Case, body: c.RecordExtent | c.AttachEvidence, context: Context) -> None:
    """The site is one of the client's, where these are registered."""
    sites = context.facts.client.sites if context.facts.client else ()
    if body.site is not None and sites and body.site not in sites:
        raise r.SiteUnknown("/site", site=body.site, sites=", ".join(sites))


@guard(r.ExtentMissing, r.SiteNotEvidenced)
def sites_covered(case: Case, body: object, context: Context) -> None:
    """The extent at each site, where the policy asks for it, and evidence from each affected site."""
    if policy_of(case).sites != "each":
        return
    stated = {one.site for one in case.extents}
    sites = context.facts.client.sites if context.facts.client else ()
    none_left([site for site in sites if site not in stated], r.ExtentMissing, "sites")
    shown = {piece.site for piece in case.evidence}
    affected = [one.site for one in case.extents if one.affected]
    none_left([site for site in affected if site not in shown], r.SiteNotEvidenced, "sites")

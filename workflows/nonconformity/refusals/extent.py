"""Refusals about extent at other sites."""

from workflows.decider import Refusal


class SiteUnknown(Refusal):
    """A site is one of the client's."""

    code = "site_unknown"
    says = "The client has no site {site}; it has: {sites}."


class ExtentMissing(Refusal):
    """The policy asks for the extent at each site of the client."""

    code = "extent_missing"
    says = "State for each site whether it is affected; missing: {sites}."


class SiteNotEvidenced(Refusal):
    """Where a site is affected too, the evidence shows that site."""

    code = "site_not_evidenced"
    says = "Affected sites without evidence: {sites}."

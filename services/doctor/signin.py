"""Sign-in: whether the issuer answers, with keys, and what its claims mean here."""

from services.doctor.checks import Answer, Check, fail, ok, skipped
from services.doctor.deployment import Deployment
from services.signin.claims import BadMapping
from services.signin.party import Party
from services.signin.reaching import IssuerAway

ISSUER_AWAY = "mend CLOSEOUT_OIDC_ISSUER, or let this machine reach the issuer: the API must"


async def _issuer(deployment: Deployment) -> Answer:
    try:
        party = Party.given(deployment.settings)
    except BadMapping as error:
        return fail(str(error), "mend the file; docs/signing-in.md says what it may hold")
    if party is None and deployment.settings.token_key:
        return ok("no issuer is given: people act by tokens that the token key signs")
    if party is None:
        return skipped("neither an issuer is given nor a token key")
    try:
        metadata = await party.discovery.metadata()
    except IssuerAway as error:
        return fail(str(error), ISSUER_AWAY)
    if not party.discovery.usable(party.proof.algorithms):
        named = ", ".join(party.proof.algorithms)
        return fail(f"{metadata.issuer} publishes no key for {named}", "name its algorithm in CLOSEOUT_OIDC_ALGORITHMS")
    return ok(f"{metadata.issuer} answers; it sends people back to {party.callback}")


SIGNIN = (Check("sign-in", _issuer, ISSUER_AWAY),)

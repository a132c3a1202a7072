"""The embedded issuer as part of the app."""

import httpx
from fastapi import FastAPI

from services.issuer import mailbox, pages
from services.issuer.provider import CLIENT, Provider
from services.routing import take
from services.settings import Settings
from services.signin.party import Party
from services.tokens import ALGORITHM


def install(app: FastAPI, settings: Settings) -> Party | None:
    """Serves the issuer where the settings switch it on, with the mails to its people where they do.

    Answers what relies on it, within the same process.
    Raises IssuerGiven where another issuer is given.
    """
    provider = Provider.of(settings)
    if provider is None:
        return None
    app.state.provider = provider
    take(app, pages.router)
    if settings.sample_mail:
        take(app, mailbox.router)
    return Party.within(settings, provider.issuer, CLIENT, (ALGORITHM,), httpx.ASGITransport(app))

"""Sign-in as part of the app."""

from collections.abc import Sequence

from fastapi import FastAPI

from services.routing import take
from services.settings import Settings
from services.signin import pages
from services.signin.headers import Guarded
from services.signin.party import Party
from services.signin.viewer import SignInFirst, ask_to_sign_in, origin_of


def install(app: FastAPI, settings: Settings, party: Party | None) -> None:
    """Has people sign in by an issuer; without one they are told that nobody can."""

    def origins() -> Sequence[str]:
        if party is None:
            return ()
        known = party.discovery.known
        named = (known.authorization_endpoint, known.end_session_endpoint) if known else ()
        return [origin_of(one) for one in (party.discovery.issuer, *filter(None, named))]

    app.state.party = party
    take(app, pages.router)
    app.add_exception_handler(SignInFirst, ask_to_sign_in)
    app.add_middleware(Guarded, origins=origins, is_https=settings.url.startswith("https://"))

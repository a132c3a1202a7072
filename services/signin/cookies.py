"""The two cookies: of the session, and of a browser that is about to sign in.

Where the public URL is https both are Secure, under `__Host-`, so that no other host or path sets them. On plain http,
which is for trying on one's own machine, no browser takes such a cookie: there they are HttpOnly and SameSite alone,
and named by the port, as browsers do not tell the ports of one host apart.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from services.settings import Settings

PREFIX = "__Host-"


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie of ours by its name in this installation."""

    name: str
    is_secure: bool

    def read(self, request: Request) -> str:
        """What a browser sent; empty for nothing."""
        return request.cookies.get(self.name, "")

    def give(self, response: Response, text: str, life: timedelta | None = None) -> None:
        """Has the browser keep it, for a time or as long as it runs."""
        response.set_cookie(
            self.name,
            text,
            max_age=None if life is None else int(life.total_seconds()),
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def take(self, response: Response) -> None:
        """Has the browser forget it."""
        response.delete_cookie(self.name, path="/", secure=self.is_secure, httponly=True, samesite="lax")


def session(settings: Settings) -> Cookie:
    """The cookie of who is signed in."""
    return _cookie(settings, "closeout")


def browser(settings: Settings) -> Cookie:
    """The cookie of a browser that is about to sign in: nobody else's answer of the issuer counts there."""
    return _cookie(settings, "closeout-signing-in")


def _cookie(settings: Settings, name: str) -> Cookie:
    url = urlsplit(settings.url)
    if url.scheme == "https":
        return Cookie(f"{PREFIX}{name}", is_secure=True)
    return Cookie(f"{name}-{url.port or 80}", is_secure=False)

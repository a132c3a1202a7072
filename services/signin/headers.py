"""What browsers are told of every page for people: run nothing that is not ours, show it in no frame, keep no copy."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.ready import CONSOLE, ISSUER, MAILBOX

PAGES = (CONSOLE, ISSUER)
"""Below these paths people look at pages."""

HTTPS_ALONE = "max-age=31536000"


def policy(origins: Iterable[str] = (), *, frames: bool = False) -> str:
    """The Content-Security-Policy; forms lead to ourselves and these origins, and `frames` may show what is ours.

    Chromium holds `form-action` against every redirect that follows a form: who signs out, or has to sign in again to
    send what they wrote, is led to the issuer by one.
    """
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            *(["frame-src 'self'"] if frames else []),
            " ".join(["form-action 'self'", *sorted(set(origins))]),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


def security(origins: Iterable[str] = (), *, is_https: bool, frames: bool = False) -> Mapping[str, str]:
    """The headers of a page."""
    told = {
        "Content-Security-Policy": policy(origins, frames=frames),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    return told | ({"Strict-Transport-Security": HTTPS_ALONE} if is_https else {})


class Guarded:
    """Adds the headers to every answer below the paths of pages; what is no page, or has no origin, may differ."""

    def __init__(self, app: ASGIApp, origins: Callable[[], Sequence[str]], *, is_https: bool) -> None:
        self._app = app
        self._origins = origins
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                told = security(self._origins(), is_https=self._is_https, frames=scope["path"].startswith(MAILBOX))
                if _has_origin(headers):
                    headers.update(told)
                else:
                    for name, value in told.items():
                        headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, answer)


def _has_origin(headers: MutableHeaders) -> bool:
    """Whether an answer is a page with an origin of its own to act in."""
    is_sandboxed = headers.get("content-security-policy", "").startswith("sandbox ")
    return headers.get("content-type", "").startswith("text/html") and not is_sandboxed


def is_page(path: str) -> bool:
    """Whether people look at what is there."""
    return any(path == root or path.startswith(f"{root}/") for root in PAGES)

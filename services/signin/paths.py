"""The paths of sign-in, and which of the console's a person may be led back to."""

import re
from urllib.parse import unquote, urlencode

from services.ready import CONSOLE

SIGN_IN = f"{CONSOLE}/sign-in"
CALLBACK = f"{CONSOLE}/callback"
SIGN_OUT = f"{CONSOLE}/sign-out"
SIGNED_OUT = f"{CONSOLE}/signed-out"

LONGEST = 2000
"""The most characters of a path that is kept to lead back to."""

_OWN = re.compile(rf"{CONSOLE}(?:[/?#][!-\[\]-~]*)?", re.ASCII)
_DOTS = frozenset({".", ".."})
_NEVER = (SIGN_IN, CALLBACK, SIGN_OUT, SIGNED_OUT)


def own(path: str | None) -> str:
    """A path of the console as it was given; the console itself for any other.

    Nothing leads elsewhere: no scheme, no host, no backslash, no control character, no segment of dots by which a
    browser goes up, however it is encoded, and not back into signing in.
    """
    if path is None or len(path) > LONGEST or _OWN.fullmatch(path) is None:
        return CONSOLE
    place = unquote(re.split(r"[?#]", path)[0])
    return CONSOLE if place in _NEVER or _DOTS & {*re.split(r"[/\\]", place)} else path


def sign_in(next: str, *, fresh: bool = False) -> str:
    """Where somebody signs in who is then led to a path of the console; `fresh` has them prove anew who they are."""
    return f"{SIGN_IN}?{urlencode({'next': own(next)} | ({'fresh': '1'} if fresh else {}))}"

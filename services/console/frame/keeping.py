"""What somebody sent by a form and that was not taken: kept on the page that says why, to be gone on with, or copied.

The page carries it back to where it was sent, without what proves a session: so nothing is done by going on but that
the form is shown again as it was filled in, to whoever is signed in by then, who looks at it and sends it. What another
site has a browser send is kept on no page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from services.console.frame.rendering import page
from services.signin import forms, paths
from services.signin.forms import Arrived, Filled
from services.signin.viewer import FIELD, Forged, Former, SignInFirst, check_origin, is_script

FILE = "_file"
"""The field in which a form says which file was with it: nobody but its sender can choose that again."""

SECRET = "_secret"  # noqa: S105 - a name, no secret
"""The field in which it says which of SECRETS had a text."""

SECRETS = frozenset({"secret"})
"""Fields whose text is put back into no page."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was in a form: texts by name, as they were sent, files and secrets by their name alone.

    `goes_on` says whether it can be sent to where it came from, to be shown as a form again.
    """

    texts: Sequence[tuple[str, str]]
    goes_on: bool

    @property
    def files(self) -> Sequence[str]:
        """The names of files that are to be chosen again."""
        return [text for name, text in self.texts if name == FILE]

    @property
    def has_secret(self) -> bool:
        """Whether a secret is to be typed again."""
        return any(name == SECRET for name, _ in self.texts)

    @property
    def typed(self) -> Sequence[tuple[str, str]]:
        """What stood in its fields, for people to read."""
        return [(name, text) for name, text in self.texts if text.strip() and not name.startswith("_")]


async def signed_out(request: Request, nobody: SignInFirst) -> Response:
    """The page of what nobody sent who is signed in.

    Raises SignInFirst for what is no form, and for one in which nothing is typed; a problem for one beyond its bounds.
    """
    if request.method != "POST" or is_script(request):
        raise nobody
    check_origin(request)
    found = await forms.arrived(request)
    if found.problem is not None and not found.texts:
        raise found.problem
    kept = _kept(found, goes_on=found.problem is None)
    if kept is None:
        raise nobody
    return page(request, "unsigned.html", status=401, kept=kept, sign_in=paths.sign_in(nobody.next))


async def kept(request: Request, fault: Exception) -> Kept | None:
    """What was in the form that ended in a fault; None for what is no form, and where nothing is typed in it."""
    if request.method != "POST" or is_script(request):
        return None
    try:
        check_origin(request)
    except Forged:
        return None
    # A form with a file is read by its route, if at all.
    found = forms.known(request) if forms.carries_files(request) else await forms.arrived(request)
    return None if found is None else _kept(found, goes_on=found.problem is None and not isinstance(fault, Former))


def sent(request: Request) -> Filled:
    """What was in a form whose route reads it with its file: its texts, and under FILE the file's name."""
    found = forms.known(request)
    return Filled(_texts(found) if found is not None else ())


def known(request: Request) -> Kept | None:
    """What was read of the form of a request that nobody foresaw; no other site's, whose forms are read by none."""
    found = forms.known(request)
    return None if found is None else _kept(found, goes_on=found.problem is None)


def _kept(found: Arrived, *, goes_on: bool) -> Kept | None:
    kept = Kept(_texts(found), goes_on)
    return kept if kept.typed or kept.files or kept.has_secret else None


def _texts(found: Arrived) -> Sequence[tuple[str, str]]:
    texts = [(name, text) for name, text in found.texts.multi_items() if name != FIELD]
    secrets = [(SECRET, name) for name, text in texts if name in SECRETS and text]
    return [*(pair for pair in texts if pair[0] not in SECRETS), *secrets, *((FILE, name) for name in found.files)]

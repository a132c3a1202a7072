"""Whether somebody proved who they are recently enough to sign: told before they try, with the way to do it again."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from services.api.context import now, of
from services.console.frame.words import lasting
from services.signin import paths
from services.signin.viewer import Viewer
from workflows.durations import Duration
from workflows.procedure import is_fresh


@dataclass(frozen=True, slots=True)
class Stale:
    """A proof that is too old: `within` is how old it may be, `at` when it was, None where that is not known.

    `link` is where it is given anew.
    """

    within: str
    at: datetime | None
    link: str


def stale(request: Request, viewer: Viewer, next: str | None = None) -> Stale | None:
    """What stands against signing now; None for nothing. Proving it leads to `next`, or to where one is."""
    within, proved = of(request).settings.fresh, viewer.caller.actor.authenticated
    if within is None or is_fresh(proved, now(), within):
        return None
    link = paths.sign_in(next or request.url.path, fresh=True)
    return Stale(lasting(Duration(exact=within)), proved.at if proved else None, link)

"""The settings: where each came from, and variables that mean none of them."""

import difflib
import re
from collections.abc import Mapping

from services.doctor.checks import Answer, Check, fail, ok, warn
from services.doctor.deployment import Deployment
from services.settings import CONFIG, PREFIX, Settings

OTHERS = frozenset({CONFIG, f"{PREFIX}KEY"})
"""Variables that mean something and are no settings: the file, and the key of `closeout import`."""

PLATFORM = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$")
"""How Kubernetes and Docker end the variables that they invent for a service named closeout-something."""


async def _origins(deployment: Deployment) -> Answer:
    named = [
        f"{name} ({origin})"
        for name in Settings.model_fields
        if (origin := deployment.sources.origin(name)) is not None
    ]
    return ok(f"{', '.join(named) or 'none given'}; others at their defaults")


async def _unknown(deployment: Deployment) -> Answer:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | OTHERS
    strangers = sorted(name for name in deployment.environ if name.startswith(PREFIX) and name not in known)
    strangers = [name for name in strangers if not _invented(name, deployment.environ)]
    words = {name.removeprefix(PREFIX): name for name in known}
    near = {
        name: words[match[0]]
        for name in strangers
        if (match := difflib.get_close_matches(name.removeprefix(PREFIX), words, n=1, cutoff=0.75))
    }
    if near:
        mended = ", ".join(f"{name} to {meant}" for name, meant in near.items())
        return fail(f"mean no setting: {', '.join(strangers)}", f"rename {mended}")
    if strangers:
        return warn(
            f"mean no setting: {', '.join(strangers)}", "unset them; docs/deploy.md and `services/settings.py` name all"
        )
    return ok(f"every {PREFIX}* variable is known")


def _invented(name: str, environ: Mapping[str, str]) -> bool:
    tail = PLATFORM.search(name)
    return tail is not None and (tail[0] != "_PORT" or "://" in environ[name])


SETTINGS = (
    Check("settings", _origins, "see the message"),
    Check("variables", _unknown, "see the message"),
)

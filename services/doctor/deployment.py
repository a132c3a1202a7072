"""What is examined: the settings in force, where each came from, and where the parts are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from services.doctor.checks import Answer, fail, ok
from services.embedded.mailbox import SENDER
from services.embedded.postgres import login_dsn
from services.ready import Ready
from services.settings import Settings, Sources


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment. `folder` is its data folder where servers are embedded; `stack` says whether one runs there."""

    settings: Settings
    sources: Sources
    api: str
    environ: Mapping[str, str]
    folder: Path | None = None
    stack: Answer | None = None
    embedded_engine: bool = False


def found(sources: Sources, settings: Settings, environ: Mapping[str, str], api: str | None) -> Deployment:
    """The deployment that settings name: by a DSN, or by the data folder of a stack that runs there."""
    if settings.dsn:
        return Deployment(settings, sources, api or settings.url, environ)
    folder = settings.data.absolute()
    file = folder / "ready.json"
    try:
        ready = Ready.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        what = f"{file} says nothing of use" if isinstance(error, ValidationError) else f"nothing runs on {folder}"
        stopped = fail(what, f"start it with `closeout up --data {folder}`, or set CLOSEOUT_DSN")
        return Deployment(settings, sources, api or settings.url, environ, folder, stopped)
    known = {
        "dsn": login_dsn(folder, ready.dsn),
        "owner_dsn": ready.dsn,
        "temporal_address": ready.temporal,
        "token_key": settings.token_key or folder / "token.key",
    }
    if ready.smtp:
        known |= {"smtp_url": ready.smtp, "mail_from": settings.mail_from or SENDER}
    if not any(_lives(pid) for pid in ready.pids.values()):
        killed = fail(
            f"nothing runs on {folder} any more: it was killed", f"start it with `closeout up --data {folder}`"
        )
        return Deployment(settings, sources, api or settings.url, environ, folder, killed)
    running = ", ".join(f"{name} {pid}" for name, pid in sorted(ready.pids.items()))
    return Deployment(
        settings.model_copy(update=known),
        sources,
        api or ready.api,
        environ,
        folder,
        ok(f"runs on {folder}: {running}"),
        embedded_engine=ready.temporal_ui is not None,
    )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True

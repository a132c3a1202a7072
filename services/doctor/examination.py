"""All parts of a deployment, side by side; a part that cannot be reached leaves what depends on it unasked."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from temporalio.service import RPCError

from services import reaching
from services.connections import open_engine
from services.doctor import api, ledger, postgres
from services.doctor.checks import PATIENCE, Check, Finding, Result, examine, fail, ok, skip
from services.doctor.deployment import Deployment, found
from services.doctor.engine import ENGINE, Engine
from services.doctor.evidence import EVIDENCE
from services.doctor.files import FILES
from services.doctor.given import SETTINGS
from services.doctor.mail import MAIL, OUTBOX
from services.doctor.reports import REPORTS
from services.doctor.signin import SIGNIN
from services.reaching import Unreachable
from services.settings import BadSettings, Settings, Sources
from workflows.policy_book import PolicyError

REMEDIES = {
    "postgres": "start it, or mend the address, login, password or role in this setting; "
    "`closeout bootstrap` makes what is missing",
    "temporal": "start it, or mend the address in this setting",
}


async def examination(
    data: Path | None, config: Path | None, environ: Mapping[str, str], address: str | None, whole: bool
) -> list[Finding]:
    """Every finding, in order of the parts. `address` is the API's; `whole` verifies the ledger and not a sample."""
    try:
        sources = Sources.read({"data": data}, environ, config)
        settings = Settings.of(sources)
    except BadSettings as error:
        broken = fail("; ".join(str(error).splitlines()), "mend the values named, where they are given")
        return [Finding(name="settings", **dict(broken))]
    deployment = found(sources, settings, environ, address)
    first = [
        finding
        for checks in (SETTINGS, FILES, EVIDENCE, REPORTS, MAIL)
        for finding in await examine(checks, deployment)
    ]
    stack = [Finding(name="stack", **dict(deployment.stack))] if deployment.stack else []
    record = (*(ledger.WHOLE_LEDGER if whole else ledger.LEDGER), *OUTBOX)
    if stack and stack[0].result is Result.FAIL:
        rest = [
            *skip(("postgres", *_names(postgres.POSTGRES, record)), "a running stack"),
            *skip(("temporal", *_names(ENGINE)), "a running stack"),
            *skip(_names(api.API, SIGNIN), "a running stack"),
        ]
        return first + stack + rest
    parts = await asyncio.gather(
        _surely("postgres", _names(postgres.POSTGRES, record), _postgres(deployment.settings, record)),
        _surely("temporal", _names(ENGINE), _engine(deployment)),
        _surely(api.API[0].name, _names(api.API[1:]), _api(deployment.api)),
        _surely(SIGNIN[0].name, [], examine(SIGNIN, deployment)),
    )
    return first + stack + [finding for part in parts for finding in part]


async def _surely(name: str, others: list[str], part: Awaitable[list[Finding]]) -> list[Finding]:
    """The findings of a part; one that fails where even asking raises what nobody foresaw."""
    try:
        return await part
    except BadSettings as error:
        said = str(error)
    except Exception as error:  # noqa: BLE001 - whoever dies of what he examines is no doctor; words may hold secrets
        said = f"cannot be asked: {type(error).__name__}"
    return [Finding(name=name, **dict(fail(said, "mend the settings of this part"))), *skip(others, name)]


async def _postgres(settings: Settings, record: tuple[Check[ledger.Record], ...]) -> list[Finding]:
    try:
        async with asyncio.timeout(PATIENCE) as bound, postgres.opened(settings) as connection:
            bound.reschedule(None)
            findings = [Finding(name="postgres", **dict(ok("answers")))]
            findings += await examine(postgres.POSTGRES, connection)
    except (Unreachable, TimeoutError, asyncpg.PostgresError) as error:
        said = str(error) or f"CLOSEOUT_DSN: no answer in {PATIENCE:g} seconds"
        away = Finding(name="postgres", **dict(fail(said, REMEDIES["postgres"])))
        return [away, *skip(_names(postgres.POSTGRES, record), "postgres")]
    if any(finding.name == "migrations" and finding.result is Result.FAIL for finding in findings):
        return findings + skip(_names(record), "migrations")
    return findings + await _ledger(settings, record)


async def _ledger(settings: Settings, record: tuple[Check[ledger.Record], ...]) -> list[Finding]:
    try:
        async with asyncio.timeout(PATIENCE) as bound, ledger.opened(settings) as opened:
            bound.reschedule(None)
            return await examine(record, opened)
    except PolicyError:
        return skip(_names(record), "policies")
    except (Unreachable, TimeoutError):
        return skip(_names(record), "postgres")


async def _engine(deployment: Deployment) -> list[Finding]:
    settings = deployment.settings
    try:
        async with asyncio.timeout(PATIENCE):
            engine = await open_engine(settings)
    except (Unreachable, TimeoutError, RPCError) as error:
        address = settings.engine().get("target_host")
        said = str(error) or f"{reaching.TEMPORAL_ADDRESS}: no answer from {address} in {PATIENCE:g} seconds"
        away = Finding(name="temporal", **dict(fail(said, REMEDIES["temporal"])))
        return [away, *skip(_names(ENGINE), "temporal")]
    here = Finding(name="temporal", **dict(ok(f"answers at {settings.engine()['target_host']}")))
    wanted = None if deployment.embedded_engine else settings.temporal_retention
    part = Engine(engine.client, settings.task_queue, settings.sweep_every, wanted)
    namespace, *others = ENGINE
    findings = [here, *await examine([namespace], part)]
    if findings[-1].result is Result.FAIL:
        return findings + skip(_names(others), namespace.name)
    return findings + await examine(others, part)


async def _api(address: str) -> list[Finding]:
    lives, *others = api.API
    try:
        client = api.client(address)
    except httpx.InvalidURL as error:
        bad = Finding(name=lives.name, **dict(fail(f"{address}: {error}", "name its address with --api")))
        return [bad, *skip(_names(others), lives.name)]
    async with client:
        findings = await examine([lives], client)
        if findings[0].result is not Result.OK:
            return findings + skip(_names(others), lives.name)
        return findings + await examine(others, client)


def _names(*parts: Sequence[Check[Any]]) -> list[str]:
    return [check.name for checks in parts for check in checks]

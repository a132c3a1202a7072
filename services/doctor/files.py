"""What the processes read from disk: policies, the issuer's key, time zones, the embedded servers' folder."""

import os
import shutil
import stat
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.doctor.checks import Answer, Check, fail, ok, skipped, warn
from services.doctor.deployment import Deployment
from services.tokens import BadTokenKey, TokenKey
from workflows.policy_book import PolicyBook, PolicyError

FULL, TIGHT = 200, 1000
"""Megabytes of room under which the embedded servers are about to stop, and under which there should be more."""

ZONES = ("Europe/Amsterdam", "America/New_York", "Asia/Kolkata")

OTHERS = stat.S_IRWXO | stat.S_IWGRP
"""What nobody but the owner may do; the group may read, as it does a mounted secret of Kubernetes."""


async def _policies(deployment: Deployment) -> Answer:
    folder = deployment.settings.policies
    if folder is not None and not folder.is_dir():
        return fail(f"{folder} is no folder", "set CLOSEOUT_POLICIES to a folder of policies, or unset it")
    try:
        book = PolicyBook.load(folder)
    except PolicyError as error:
        return fail(" ".join(str(error).split()), f"see `closeout policy check {folder}`")
    named = ", ".join(f"{policy.name} {policy.version}" for policy in book.policies)
    return ok(f"{named} ({folder or 'packaged'})")


async def _token_key(deployment: Deployment) -> Answer:
    file = deployment.settings.token_key
    if deployment.settings.oidc_issuer:
        return skipped("CLOSEOUT_OIDC_ISSUER makes the tokens")
    if file is None:
        return warn(
            "no issuer of tokens: no person can sign in",
            "set CLOSEOUT_OIDC_ISSUER, or CLOSEOUT_TOKEN_KEY to the file of the key that signs tokens",
        )
    if not file.exists():
        return fail(
            f"{file} is not there", "set CLOSEOUT_TOKEN_KEY to the key that the APIs use; one that starts makes it"
        )
    try:
        TokenKey.open(file)
    except BadTokenKey as error:
        return fail(str(error), "restore the key from its backup; a new one makes every token void and people others")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & OTHERS:
        return fail(f"{file} is open to others (mode {mode:03o})", f"chmod 600 {file}")
    return ok(f"{file}, mode {mode:03o}")


async def _time_zones(_: Deployment) -> Answer:
    try:
        for zone in ZONES:
            datetime.now(UTC).astimezone(ZoneInfo(zone))
    except ZoneInfoNotFoundError as error:
        return fail(f"no time zone data: {error}", "install the package tzdata")
    try:
        return ok(f"tzdata {version('tzdata')}")
    except PackageNotFoundError:
        return ok("of the system")


async def _folder(deployment: Deployment) -> Answer:
    if deployment.folder is None:
        return skipped("no server is embedded")
    for name in ("passwords.json", "ready.json", "token.key"):
        file = deployment.folder / name
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
            return fail(f"{file} can be read by others", f"chmod 600 {file}")
    return _room(deployment.folder)


def _room(folder: Path) -> Answer:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    megabytes = shutil.disk_usage(existing).free // 1_000_000
    writable = os.access(existing, os.W_OK)
    if not writable:
        return fail(f"{existing} cannot be written", "run as the user whose it is")
    said = f"{megabytes:,} MB free at {folder}"
    if megabytes < FULL:
        return fail(said, "make room: Postgres and Temporal stop when the disk is full")
    return warn(said, "make room soon") if megabytes < TIGHT else ok(said)


UNREADABLE = "run as a user who may read it"
FILES = (
    Check("policies", _policies, UNREADABLE),
    Check("token key", _token_key, UNREADABLE),
    Check("time zones", _time_zones, UNREADABLE),
    Check("data folder", _folder, UNREADABLE),
)

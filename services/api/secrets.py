"""Secrets of machines that are shown once: in the answer to the request that made them, and never again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import Field

from services.api.answers import Json
from workflows.people import Frozen


class Rotation(Frozen):
    """For how long the secret before stays good beside the new one."""

    overlap: timedelta = Field(default=timedelta(days=1), ge=timedelta(), le=timedelta(days=30))


def shown(told: Mapping[str, Any], name: str, secret: str | None, made: str = "") -> Json:
    """A thing with its secret under a name, which no store keeps on the way; None where a request is a repeat.

    `made` is the path of a new thing (201).
    """
    if secret is None:
        return Json({**told, "secret_shown": True})
    headers = {"Cache-Control": "no-store"} | ({"Location": made} if made else {})
    return Json({**told, name: secret}, 201 if made else 200, headers)

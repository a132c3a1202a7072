"""OpenTelemetry, where `closeout[otel]` is installed and an OTLP endpoint is set by the standard `OTEL_*` variables.

A trace goes from the API's request over the engine's update and the activity to the ledger's transaction. Workflow code
opens no span: it hands the context of an update on to the activity, so there is nothing that a replay could tell twice.
"""

import os
from collections.abc import Mapping
from importlib.util import find_spec

from activities.metrics import Component
from activities.tracing import Tracing, Untraced

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def open_tracing(component: Component, environ: Mapping[str, str] | None = None) -> Tracing:
    """The tracing that the environment asks for; an Untraced with a reason where it cannot be had."""
    environ = os.environ if environ is None else environ
    endpoint = next((name for name in ENDPOINTS if environ.get(name)), None)
    if endpoint is None or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return Untraced()
    if not _installed():
        return Untraced(f"no traces: {endpoint} is set, but closeout[otel] is not installed")
    from services.spans import exporting  # noqa: PLC0415 - there only with the extra

    return exporting(component)


def _installed() -> bool:
    try:
        return all(find_spec(name) is not None for name in NEEDED)
    except ModuleNotFoundError:  # a parent package is missing
        return False

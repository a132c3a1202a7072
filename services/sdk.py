"""The numbers of Temporal's SDK: it serves them itself, on a loopback port, from which they are read."""

import logging
import socket
from dataclasses import dataclass

import httpx
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

HOST = "127.0.0.1"
TRIES = 5
PATIENCE = 2.0
"""Seconds that reading them may take."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """A runtime for the engine's client, and where its numbers are read."""

    runtime: Runtime
    port: int

    async def text(self) -> bytes:
        """The present values, in Prometheus' text format; nothing where they cannot be read."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
                return (await http.get(f"http://{HOST}:{self.port}/metrics")).content
        except httpx.HTTPError:
            return b""


def start() -> Sdk:
    """A runtime that counts, in Prometheus' units, and whose own log joins that of this process."""
    left = TRIES
    while True:
        port = _free()
        try:
            return Sdk(_runtime(port), port)
        except ValueError:  # somebody took the port just then
            left -= 1
            if not left:
                raise


def _runtime(port: int) -> Runtime:
    log = LoggingConfig(
        TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(logging.getLogger("temporalio.core")),
    )
    metrics = PrometheusConfig(
        bind_address=f"{HOST}:{port}", counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    return Runtime(telemetry=TelemetryConfig(logging=log, metrics=metrics))


def _free() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port

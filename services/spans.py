"""Spans by OpenTelemetry; imported only where the extra `closeout[otel]` is installed. See `services.tracing`."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from temporalio.api.common.v1 import Payload
from temporalio.client import Interceptor
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.worker import (
    HandleUpdateInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from activities.metrics import Component
from activities.tracing import Answered

HEADER = "_tracer-data"
"""The header in which `TracingInterceptor` carries the context."""

_carried: ContextVar[Payload | None] = ContextVar("carried", default=None)
"""The context of the update that a workflow is handling."""


def exporting(component: Component) -> "Traced":
    """Spans that are sent where `OTEL_EXPORTER_OTLP_*` says."""
    name = os.environ.get("OTEL_SERVICE_NAME") or f"closeout-{component}"
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Traced(provider)


class Traced:
    """Spans of one process; see `activities.tracing.Tracing`."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("closeout")
        self.interceptors: Sequence[Interceptor] = (Carrying(self._tracer),)

    def span(self, name: str, /, **attributes: str) -> AbstractContextManager[object]:
        """A span inside the present one."""
        told = {f"closeout.{key}": value for key, value in attributes.items()}
        return self._tracer.start_as_current_span(name, attributes=told)

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str], /) -> Iterator[Answered]:
        """The span of a request, inside the caller's where its headers name one."""
        context = propagate.extract(headers)
        with self._tracer.start_as_current_span(method, context, SpanKind.SERVER) as span:
            yield lambda route, status: _answered(span, method, route, status)

    def marks(self) -> Mapping[str, str]:
        """The ids of the present span, as a log line says them."""
        present = trace.get_current_span().get_span_context()
        if not present.is_valid:
            return {}
        return {"trace_id": f"{present.trace_id:032x}", "span_id": f"{present.span_id:016x}"}

    def close(self) -> None:
        """Sends what was not sent yet."""
        self._provider.shutdown()


def _answered(span: Span, method: str, route: str, status: int) -> None:
    span.update_name(f"{method} {route}")
    span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
    if status >= 500:
        span.set_status(StatusCode.ERROR)


class Carrying(TracingInterceptor):
    """Spans around the engine's calls and around activities; in workflows only the context of an update is carried.

    The library's own interceptor of workflows would hang every command of a case under the trace of its first one.
    """

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[Any]:  # noqa: ARG002 - theirs
        """What hands the context on."""
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        before = _carried.set(input.headers.get(HEADER))
        try:
            return await super().handle_update_handler(input)
        finally:
            _carried.reset(before)


class _Outbound(WorkflowOutboundInterceptor):
    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:
        carried = _carried.get()
        if carried is not None:
            input.headers = {**input.headers, HEADER: carried}
        return super().start_local_activity(input)

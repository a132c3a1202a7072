"""Traces: from the request to the ledger's transaction, sent where the standard variables say, off by default."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities.tracing import Untraced
from services import tracing
from services.api.app import create_app
from services.bootstrap import introduce
from services.connections import open_engine, open_ledger
from services.ready import Introduction
from services.settings import Settings
from services.spans import Carrying, Traced, exporting
from services.stack import Stack
from services.worker import WORKFLOWS, build
from tests.e2e.conftest import finding
from tests.replay.test_replay import HISTORIES
from workflows.policy_book import PolicyBook

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@dataclass(frozen=True)
class Traces:
    """An API and a worker whose spans are kept."""

    http: httpx.AsyncClient
    introduced: Introduction
    kept: InMemorySpanExporter

    def of(self, trace: str) -> dict[str, ReadableSpan]:
        """The spans of a trace by name."""
        return {span.name: span for span in self.kept.get_finished_spans() if f"{span.context.trace_id:032x}" == trace}


def keeping() -> tuple[TracerProvider, InMemorySpanExporter]:
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return provider, kept


@pytest.fixture(scope="module")
async def traces(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Traces]:
    known: list[Introduction] = []

    async def introducing(settings: Settings) -> Introduction:
        known.append(await introduce(settings))
        return known[-1]

    stack = Stack(
        Settings.load({"data": tmp_path_factory.mktemp("traced")}, {}), introduce=introducing, services=lambda *_: []
    )
    async with stack:
        provider, kept = keeping()
        traced = Traced(provider)
        ledger = await open_ledger(stack.settings)
        engine = await open_engine(stack.settings, interceptors=traced.interceptors)
        async with build(engine.client, ledger, engine, UnsandboxedWorkflowRunner(), tracing=traced):
            app = create_app(
                ledger,
                engine,
                ledger.database,
                stack.settings,
                PolicyBook.load(stack.settings.policies),
                tracing=traced,
            )
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=30) as http:
                yield Traces(http, known[0], kept)
            await app.state.api.nudges.close()
        await ledger.close()


def parent(span: ReadableSpan) -> str | None:
    return f"{span.parent.span_id:016x}" if span.parent else None


def own(span: ReadableSpan) -> str:
    return f"{span.context.span_id:016x}"


async def test_a_trace_goes_from_the_request_to_the_ledger(traces: Traces) -> None:
    key = next(key.key for key in traces.introduced.keys if key.source == "scanner")
    token = next(person.token for person in traces.introduced.people if person.role == "auditor")
    reported = await traces.http.post(
        "/v1/findings", json=finding(1, grade="ofi"), headers={"Authorization": f"Bearer {key}"}
    )
    path = f"/v1/nonconformities/{reported.json()['id']}/comment"
    for trace in (TRACE, TRACE[::-1]):  # the second one meets a workflow that lives already
        headers = {"Authorization": f"Bearer {token}", "traceparent": f"00-{trace}-{PARENT}-01"}
        answer = await traces.http.post(path, json={"text": "Seen."}, headers=headers)
        assert answer.status_code == 200, answer.text
        spans = traces.of(trace)
        request = spans["POST /v1/nonconformities/{id}/comment"]
        assert parent(request) == PARENT
        assert (request.attributes or {})["http.response.status_code"] == 200
        asked = [span for name, span in spans.items() if name.startswith("Start")]
        assert all(parent(span) == own(request) for span in asked)
        activity = spans["RunActivity:transact"]
        assert parent(activity) in {own(span) for span in asked}
        assert parent(spans["ledger transact"]) == own(activity)
        assert (spans["ledger transact"].attributes or {})["closeout.command"] == "comment"


async def test_a_log_line_says_its_trace() -> None:
    traced = Traced(keeping()[0])
    assert traced.marks() == {}
    with traced.request("GET", {"traceparent": f"00-{TRACE}-{PARENT}-01"}):
        assert traced.marks()["trace_id"] == TRACE


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_replay_tells_nothing(file: Path) -> None:
    provider, kept = keeping()
    saved = json.loads(file.read_text())
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=pydantic_data_converter,
        interceptors=[Carrying(provider.get_tracer("replay"))],
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(saved["workflow_id"], json.dumps(saved["history"])))
    assert kept.get_finished_spans() == ()


def test_it_is_off_without_an_endpoint() -> None:
    for environ in ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}):
        opened = tracing.open_tracing("api", environ)
        assert isinstance(opened, Untraced)
        assert (opened.reason, list(opened.interceptors)) == ("", [])


def test_an_endpoint_without_the_extra_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "NEEDED", ("opentelemetry.nowhere.sdk",))
    opened = tracing.open_tracing("worker", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"})
    assert isinstance(opened, Untraced)
    assert opened.reason == "no traces: OTEL_EXPORTER_OTLP_ENDPOINT is set, but closeout[otel] is not installed"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server that keeps what is sent to it."""
    got: list[tuple[str, bytes]] = []

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Keeper) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", got
        server.shutdown()
        thread.join()


def test_spans_are_sent_where_the_variables_say(
    collector: tuple[str, list[tuple[str, bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, got = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    opened = exporting("worker")
    with opened.span("ledger transact", command="comment"):
        pass
    opened.close()
    [(path, body)] = got
    assert path == "/v1/traces"
    assert b"closeout-worker" in body
    assert b"ledger transact" in body

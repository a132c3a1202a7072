"""What a process counts, for Prometheus. docs/observe.md has the table; a test holds the two together.

Labels are words of the program (routes, commands, rules), never of its users: no tenant, case or person is one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import perf_counter
from typing import Literal, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from activities.ledger.protocol import Outcome, Unavailable
from workflows.decider import Answer
from workflows.registry import PROCEDURES

Component = Literal["api", "worker"]
Operation = Literal["transact", "wake", "report", "settle"]
Reached = Literal["sent", "refused", "unreached"]
Evidenced = Literal["kept", "read", "damaged"]
Mailed = Literal["sent", "failed", "parked", "unaddressed"]
Relayed = Literal["took", "away"]

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LAGS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0)
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
COMMANDS = frozenset((kind, row.command) for kind, procedure in PROCEDURES.items() for row in procedure.rows)
OTHER = "other"
"""What is counted under no name of its own, because anybody could invent it."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, of when it began


class Metrics:
    """The counters of one process, in a registry of their own."""

    def __init__(self, component: Component, version: str = "") -> None:
        registry = self.registry = CollectorRegistry()
        build = Gauge("closeout_build_info", "One, while it runs.", ("component", "version"), registry=registry)
        build.labels(component, version).set(1)
        self._commands = Counter(
            "closeout_commands",
            "Commands, each counted where its outcome was known.",
            ("kind", "command", "result", "rule"),
            registry=registry,
        )
        transactions = Histogram(
            "closeout_transaction_seconds",
            "How long the ledger took, failures too.",
            ("operation",),
            buckets=QUICK,
            registry=registry,
        )
        failures = Counter(
            "closeout_transaction_failures",
            "Calls that the ledger could not answer.",
            ("operation",),
            registry=registry,
        )
        # Looking labels up costs more than counting: it is done once.
        self._operations = {
            operation: (transactions.labels(operation), failures.labels(operation)) for operation in get_args(Operation)
        }
        self._counted: dict[tuple[str, str, str, str], Counter] = {}
        self._wakeups = Histogram(
            "closeout_wakeup_lag_seconds",
            "From the instant at which a stream was to wake until that was recorded.",
            buckets=LAGS,
            registry=registry,
        )
        self._reactions = Counter(
            "closeout_reactions", "Commands that events cause elsewhere, tries counted.", ("result",), registry=registry
        )
        self._reaction_lag = Histogram(
            "closeout_reaction_lag_seconds",
            "From an event's record until what it causes elsewhere had arrived.",
            buckets=LAGS,
            registry=registry,
        )
        self._sweeps = Counter("closeout_sweeps", "Sweeps, by what they found.", ("found",), registry=registry)
        self._found = Counter(
            "closeout_sweep_finds", "Streams that slept though they should not.", ("result",), registry=registry
        )
        self._swept = Gauge("closeout_sweep_last_timestamp_seconds", "When a sweep last ended.", registry=registry)
        self._requests = Counter(
            "closeout_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "closeout_http_request_seconds",
            "How long answers took.",
            ("method", "route"),
            buckets=QUICK,
            registry=registry,
        )
        self._findings = Counter(
            "closeout_findings", "Findings received, by what became of them.", ("result",), registry=registry
        )
        self._deliveries = Counter(
            "closeout_deliveries", "Attempts to send an event to a subscriber.", ("result",), registry=registry
        )
        self._halted = Counter(
            "closeout_subscriptions_halted",
            "Subscriptions that stopped because of their receiver, by what they are since.",
            ("state",),
            registry=registry,
        )
        self._evidence = Counter(
            "closeout_evidence_files", "Files of evidence, by what became of them.", ("result",), registry=registry
        )
        self._mails = Counter(
            "closeout_mails", "Mails to people, by what became of them.", ("result",), registry=registry
        )
        self._relayed = Counter(
            "closeout_mail_server_turns", "Turns at the mail server, by what it did.", ("result",), registry=registry
        )
        ProcessCollector(registry=registry)
        if component == "api":
            for transfer in get_args(Evidenced):
                self._evidence.labels(transfer)
        if component == "worker":  # there from the start, so that a rate knows where it began
            for found in ("none", "some"):
                self._sweeps.labels(found)
            for result in ("sent", "refused", "unreached"):
                self._reactions.labels(result)
            for result in ("delivered", "failed"):
                self._deliveries.labels(result)
            for state in ("parked", "paused"):
                self._halted.labels(state)
            for mailed in get_args(Mailed):
                self._mails.labels(mailed)
            for relayed in get_args(Relayed):
                self._relayed.labels(relayed)

    def commanded(self, kind: str, command: str, result: str, rule: str = "") -> None:
        """Counts one command: `result` is accepted, repeated, refused or unavailable, `rule` the refusal's code."""
        labels = kind, command if (kind, command) in COMMANDS else OTHER, result, rule
        counted = self._counted.get(labels)
        if counted is None:
            counted = self._counted[labels] = self._commands.labels(*labels)
        counted.inc()

    @contextmanager
    def transaction(self, operation: Operation) -> Iterator[None]:
        """Times one call of the ledger."""
        took, failed = self._operations[operation]
        began = perf_counter()
        try:
            yield
        except Unavailable:
            failed.inc()
            raise
        finally:
            took.observe(perf_counter() - began)

    def woken(self, due: datetime, recorded: datetime) -> None:
        """Notes how late a wake-up was recorded."""
        self._wakeups.observe(_seconds(recorded - due))

    def reacted(self, result: Reached) -> None:
        """Counts one try to send what an event causes."""
        self._reactions.labels(result).inc()

    def arrived(self, recorded: datetime, now: datetime) -> None:
        """Notes how long after its event a reaction arrived."""
        self._reaction_lag.observe(_seconds(now - recorded))

    def swept(self, nudged: int, unreached: int) -> None:
        """Counts one sweep, with the streams that it nudged and those that it could not reach."""
        self._sweeps.labels("some" if nudged + unreached else "none").inc()
        self._found.labels("nudged").inc(nudged)
        self._found.labels("unreached").inc(unreached)
        self._swept.set_to_current_time()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one answer over HTTP; `route` is the template, never the path."""
        method = method if method in METHODS else OTHER
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def received(self, result: str, many: int) -> None:
        """Counts findings of which the same became."""
        self._findings.labels(result).inc(many)

    def delivered(self, result: Literal["delivered", "failed"]) -> None:
        """Counts one attempt to send an event."""
        self._deliveries.labels(result).inc()

    def halted(self, state: str) -> None:
        """Counts a subscription that its receiver brought to a stop: parked after the last try, or paused."""
        self._halted.labels(state).inc()

    def evidenced(self, result: Evidenced) -> None:
        """Counts a file of evidence that was kept or read, or found to be other than what was uploaded."""
        self._evidence.labels(result).inc()

    def mailed(self, result: Mailed, number: int = 1) -> None:
        """Counts notices that were sent, an attempt that failed, one that was given up, or one that reaches nobody."""
        self._mails.labels(result).inc(number)

    def mail_server(self, result: Relayed) -> None:
        """Counts a turn at the mail server that took mail, or that took none and is away."""
        self._relayed.labels(result).inc()

    def text(self) -> bytes:
        """The present values, in Prometheus' text format."""
        return generate_latest(self.registry)


def outcome(answer: Answer) -> tuple[str, str]:
    """What became of a command, and by which rule, in the words of the labels."""
    if answer.refusal is not None:
        return "refused", answer.refusal.code
    return "repeated" if answer.repeated else "accepted", ""


def outcome_of_report(reported: Outcome) -> tuple[str, str]:
    """What became of a report: a duplicate repeats what its first report recorded."""
    if reported.answer is not None and reported.answer.refusal is not None:
        return "refused", reported.answer.refusal.code
    return "repeated" if reported.result == "duplicate" else "accepted", ""


def _seconds(lag: timedelta) -> float:
    """Clocks of two machines differ a little: what seems to come before its cause came at once."""
    return max(lag.total_seconds(), 0.0)

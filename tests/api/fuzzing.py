"""How fuzzing is steered to where commands are decided, and what became of the requests."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

from services.api import links
from tests.api.ground import REPORT, Ground
from workflows.people import Role
from workflows.procedure import SIGNING, AnotherClient, Row
from workflows.registry import PROCEDURES

ROUTES: Mapping[str, Row] = {
    (REPORT if row.command == "report" else links.give(kind, row.command)): row
    for kind, procedure in PROCEDURES.items()
    for row in procedure.rows
    if not row.internal
}
"""The rows of the commands by their operation."""

PLACES: Mapping[str, str] = {
    "/v1/nonconformities/{id}": "nonconformity",
    "/v1/committee-reviews/{id}": "committee_review",
    "/v1/clients/{key}": "client",
    "/v1/certificates/{key}": "certificate",
    "/v1/audits/{key}": "audit",
}
"""How the paths begin that name a thing, and of which kind."""

ACCEPTED, RULE, STATE, ROLE = "accepted", "rule", "state", "role"
DECIDED = (ACCEPTED, RULE, STATE, ROLE)
"""What the decider says: recorded; a rule of the row stands against it; not in this state; not for this role."""


@dataclass
class Tally:
    """What became of the requests, by operation, role and word (`word`)."""

    counts: Counter[tuple[str, Role, str]] = field(default_factory=Counter)

    def note(self, operation: str, role: Role, answer: Response) -> None:
        """Counts an answer."""
        self.counts[operation, role, word(operation, answer)] += 1

    def of(self, operation: str, *words: str, fit: bool = False) -> int:
        """How many requests to an operation ended so, of every role or of those that its row names."""
        return sum(
            number
            for (name, role, said), number in self.counts.items()
            if name == operation and (not words or said in words) and (not fit or role in ROUTES[name].who)
        )

    def table(self) -> str:
        """Every command with all its requests, those of fitting roles, and how they ended."""
        others = sorted({said for name, _, said in self.counts if name in ROUTES} - {*DECIDED})
        lines = [f"{'command':38}{'all':>5}{'fit':>5}" + "".join(f"{said:>9}" for said in (*DECIDED, *others))]
        for name in ROUTES:
            numbers = "".join(f"{self.of(name, said):9}" for said in (*DECIDED, *others))
            lines.append(f"{name:38}{self.of(name):5}{self.of(name, fit=True):5}{numbers}")
        return "\n".join(lines)


def word(operation: str, answer: Response) -> str:
    """What became of a request: one of DECIDED, else its status."""
    status = str(answer.status_code)
    if status in ("200", "201", "202", "204"):
        return ACCEPTED
    told = answer.json()
    if status == "207":
        return ACCEPTED if any(item["result"] not in ("skipped", "rejected") for item in told["items"]) else status
    row = ROUTES.get(operation)
    if row is None:
        return status
    rules = {rule.code for guard in row.guards for rule in guard.refusals} | {AnotherClient.code}
    signing = {rule.code for rule in SIGNING} if row.signs else set()
    words = {"role": ROLE, "wrong_state": STATE, **dict.fromkeys(rules | signing, RULE)}
    return words.get(told["code"], status)


@dataclass
class Steering:
    """Bends what is generated for somebody in a role towards what could be accepted; the rest goes out as it is."""

    ground: Ground
    role: Role
    random: Random
    seen: dict[str, str] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)

    def bend(self, operation: str, case: Case[Any]) -> None:
        """Changes a request before it is sent."""
        headers = case.headers
        if "Idempotency-Key" in headers and self._often(0.8):
            del headers["Idempotency-Key"]
        if case.method == "GET" and self._often(0.6):
            case.query.clear()
        if operation in ROUTES and (operation not in self.tried or self._often(0.4)) and self._fit(operation, case):
            self.tried.add(operation)
            return
        place = self._place(case)
        if place is None:
            return
        kind, name = place
        if str(case.path_parameters.get(name)) not in self.ground.things[kind] and self._often(0.9):
            case.path_parameters[name] = self.random.choice(self.ground.things[kind])
        if operation in ROUTES:
            self._match(case, str(case.path_parameters[name]))

    def note(self, case: Case[Any], answer: Response) -> None:
        """Remembers how far a thing has come."""
        place = self._place(case)
        if place is not None and answer.status_code == 200 and (tag := answer.headers.get("etag")):
            self.seen[str(case.path_parameters[place[1]])] = tag[0]

    def _fit(self, operation: str, case: Case[Any]) -> bool:
        request = self.ground.fitting(operation, self.role)
        if request is None:
            return False
        case.body = request.body
        case.headers.pop("If-Match", None)
        place = self._place(case)
        if place is not None:
            case.path_parameters[place[1]] = request.path.removeprefix(case.path.partition("{")[0]).partition("/")[0]
        return True

    def _match(self, case: Case[Any], id: str) -> None:
        """Says what was seen last of a thing, or what a client could say that saw nothing."""
        if id in self.seen and self._often(0.5):
            case.headers["If-Match"] = self.seen[id]
        elif self._often(0.8):
            case.headers.pop("If-Match", None)

    def _place(self, case: Case[Any]) -> tuple[str, str] | None:
        """The kind of the thing that a path names, and by which parameter."""
        for path, kind in PLACES.items():
            if case.path.startswith(path):
                return kind, path.partition("{")[2].removesuffix("}")
        return None

    def _often(self, share: float) -> bool:
        return self.random.random() < share


def operation_of(case: Case[Any]) -> str:
    """The id of a request's operation."""
    return str(case.operation.definition.raw["operationId"])

"""Whatever anybody sends in whatever role, the API answers as its OpenAPI document says, and never that it failed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.stateful import APIStateMachine
from schemathesis.schemas import APIOperation, BaseSchema

from tests.api.conftest import Office
from tests.api.fuzzing import ACCEPTED, DECIDED, ROLE, ROUTES, Steering, Tally, operation_of
from tests.api.ground import Ground, laid
from workflows.people import Role

SCENARIOS, STEPS, ALONE = 2, 40, 1
"""For each role: scenarios along the links, requests in each; and to each operation that they did not lead to."""

STRANGE = 5
"""One in so many of the commands that belong to other roles is tried by each role; test_stories tries them all."""

FEWEST, SHARE = 5, 0.3
"""Requests to each command, made up for at the end by those whose it is; and which part of them the decider decides."""

ENDLESS = "follow_events"
"""Answers for as long as one listens; test_events listens."""

CONFIG: Mapping[str, Any] = {
    "phases": {"stateful": {"inference": {"algorithms": []}}},
    "generation": {"with-security-parameters": False},
    "checks": {
        "positive_data_acceptance": {"enabled": False},
        "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 409, 412, 413, 415, 422]},
        "ignored_auth": {"enabled": False},
    },
}
"""The document's own links alone. A schema cannot say all that is asked of a body; strangers are in test_identity."""

Operation = APIOperation[Any, Any, Any, Any]

CHOSEN = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    stateful_step_count=STEPS,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
async def ground(office: Office) -> AsyncIterator[Ground]:
    async with laid(office) as made:
        yield made


@dataclass
class Caller:
    """Somebody in a role: sends what is generated, steered, and judges the answers."""

    ground: Ground
    role: Role
    steering: Steering
    tally: Tally
    session: requests.Session

    def how(self) -> dict[str, Any]:
        """How a request is sent."""
        return {"session": self.session, "headers": {"Authorization": f"Bearer {self.ground.bearers[self.role]}"}}

    def has_tried(self, operation: str) -> bool:
        """Whether a request went to an operation."""
        return any((name, role) == (operation, self.role) for name, role, _ in self.tally.counts)

    def judge(self, case: Case[Any], answer: Response) -> None:
        """Counts an answer; its status must be one that the document lists."""
        self.steering.note(case, answer)
        self.tally.note(operation_of(case), self.role, answer)
        documented = case.operation.definition.raw["responses"]
        assert str(answer.status_code) in documented, (case.as_curl_command(), answer.text)


def schema_of(document: Any, ground: Ground) -> BaseSchema:
    """The document as schemathesis takes it."""
    config = SchemathesisConfig.from_dict({"base-url": ground.address, **CONFIG})
    return schemathesis.openapi.from_dict(document, config=config)


def tried(whole: BaseSchema, caller: Caller) -> None:
    """Sends what the caller's role tries: along the links, then what they did not lead to."""
    schema = whole.exclude(operation_id=[*strange(caller.role), ENDLESS])
    machine: type[APIStateMachine] = schema.as_state_machine()

    class Scenario(machine):  # type: ignore[misc, valid-type]
        def before_call(self, case: Case[Any]) -> None:
            caller.steering.bend(operation_of(case), case)

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            return caller.how()

        def after_call(self, response: Response, case: Case[Any]) -> None:
            super().after_call(response, case)
            caller.judge(case, response)

    Scenario.run(settings=settings(CHOSEN, max_examples=SCENARIOS))

    for name, operation in operations(schema).items():
        if not caller.has_tried(name):
            alone(operation, caller, ALONE)


def operations(schema: BaseSchema) -> Mapping[str, Operation]:
    """The operations by their id."""
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return {one.definition.raw["operationId"]: one for one in found}


def alone(operation: Operation, caller: Caller, times: int) -> None:
    """Sends requests to one operation."""

    @settings(CHOSEN, max_examples=times)
    @given(operation.as_strategy())
    def send(case: Case[Any]) -> None:
        caller.steering.bend(operation_of(case), case)
        answer = case.call(**caller.how())
        caller.judge(case, answer)
        case.validate_response(answer)

    send()


def strange(role: Role) -> list[str]:
    """The commands that are left to other roles to try."""
    own = [*Role].index(role)
    return [
        name
        for place, (name, row) in enumerate(ROUTES.items())
        if role not in row.who and place % STRANGE != own % STRANGE
    ]


async def test_every_role_along_the_links(ground: Ground) -> None:
    tally = Tally()

    def everybody() -> None:
        schema = schema_of(requests.get(f"{ground.address}/openapi.json", timeout=30).json(), ground)
        with ExitStack() as stack:
            callers: dict[Role, Caller] = {}
            for role in Role:
                steering = Steering(ground, role, Random(str(role)))  # noqa: S311 - nothing is secret here
                session = stack.enter_context(requests.Session())
                callers[role] = Caller(ground, role, steering, tally, session)
                tried(schema, callers[role])
            for name, operation in operations(schema).items():
                for _ in range(3 if name in ROUTES else 0):
                    enough = tally.of(name, ACCEPTED) and tally.of(name, *DECIDED) >= SHARE * tally.of(name)
                    missing = max(FEWEST - tally.of(name), 0 if enough else FEWEST)
                    if missing > 0:
                        alone(operation, callers[min(ROUTES[name].who)], missing)

    await asyncio.to_thread(everybody)
    table = tally.table()
    for name in ROUTES:
        sent, fit = tally.of(name), tally.of(name, fit=True)
        assert sent >= FEWEST, f"{name} was tried {sent} times\n{table}"
        assert tally.of(name, *DECIDED) >= SHARE * sent, f"{name} seldom reached the decider\n{table}"
        further = tally.of(name, *(set(DECIDED) - {ROLE}), fit=True)
        assert further >= SHARE * fit, f"{name} seldom came past the role\n{table}"
        assert tally.of(name, ACCEPTED), f"{name} was never accepted\n{table}"

"""Histories recorded earlier replay with the present code; a changed rule never breaks one."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from services.worker import WORKFLOWS
from tests.workflows.conftest import OWNER, SANDBOX, Town
from workflows.decider import Command, Context, Event, Refusal
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import Nonconformity
from workflows.registry import REGISTRY
from workflows.stubs import Address

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def replayer() -> Replayer:
    return Replayer(workflows=WORKFLOWS, workflow_runner=SANDBOX, data_converter=pydantic_data_converter)


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_recorded_history_replays(file: Path) -> None:
    saved = json.loads(file.read_text())
    await replayer().replay_workflow(WorkflowHistory.from_json(saved["workflow_id"], json.dumps(saved["history"])))


async def test_a_history_of_another_shell_does_not_replay() -> None:
    """The check of the check: a history that the shell could not have made is refused."""
    saved = json.loads(next(file for file in HISTORIES if file.stem.startswith("ninety")).read_text())
    events = saved["history"]["events"]
    asked = [event for event in events if event["eventType"] == "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"]
    asked[0]["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "something_else"
    result = await replayer().replay_workflow(
        WorkflowHistory.from_json(saved["workflow_id"], json.dumps(saved["history"])), raise_on_replay_failure=False
    )
    assert result.replay_failure is not None


class NoAttachments(Refusal):
    code = "no_attachments"
    says = "A rule of tomorrow: no comments about attachments."


class Tomorrow(Nonconformity):
    """The law with one guard more."""

    def decide(self, state: Case, command: Command, context: Context) -> Sequence[Event]:
        if command.name == "comment" and "attachment" in command.body["text"]:
            raise NoAttachments
        return super().decide(state, command, context)


async def test_a_new_rule_holds_for_open_cases_and_breaks_no_history(town: Town) -> None:
    stream = await town.report()
    text = {"text": "See the attachment."}
    before = await town.does(stream, OWNER, "comment", command_id="k1", **text)

    rules = town.ledger._rules
    tomorrow = {**REGISTRY.deciders, "nonconformity": Tomorrow()}
    town.ledger._rules = replace(rules, registry=replace(REGISTRY, deciders=tomorrow))

    handle = town.env.client.get_workflow_handle(Address(tenant=town.tenant, stream=stream).workflow_id)
    await replayer().replay_workflow(await handle.fetch_history())

    refused = await town.send(stream, OWNER, "comment", **text)
    assert refused.refusal is not None and refused.refusal.code == "no_attachments"
    again = await town.send(stream, OWNER, "comment", command_id="k1", **text)
    assert (again.refusal, again.head) == (None, before.head)  # what was recorded stays recorded
    await replayer().replay_workflow(await handle.fetch_history())

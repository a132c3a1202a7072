"""Temporal: the namespace, the worker that polls and answers, and the sweep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, ScheduleDescription
from temporalio.service import RPCError, RPCStatusCode

from services.doctor.checks import PATIENCE, Answer, Check, fail, ok, span, warn
from services.settings import DAY
from services.worker import SWEEP
from workflows.stubs import deliveries, imports

SILENT = timedelta(seconds=90)
"""A poll lasts for a minute at most, and the engine remembers who polled for five."""

BOUND = timedelta(seconds=PATIENCE - 1)

START = "start `closeout worker`, on this task queue and namespace, and see its log"


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine; `retention` is what the namespace should have, None where others keep it."""

    client: Client
    task_queue: str
    sweep_every: timedelta
    retention: timedelta | None


async def _namespace(engine: Engine) -> Answer:
    name = engine.client.namespace
    try:
        found = await engine.client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=name), timeout=BOUND
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return fail(f"{name} is not there", "run `closeout bootstrap`, or name another in TEMPORAL_NAMESPACE")
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    if kept < DAY:
        return fail(f"{name} keeps histories for {span(kept)} only", "run `closeout bootstrap`")
    if engine.retention is not None and kept < engine.retention:
        return warn(
            f"{name} keeps histories for {span(kept)}, the setting is {span(engine.retention)}",
            "run `closeout bootstrap`",
        )
    return ok(f"{name}, histories kept for {span(kept)}")


async def _workflows(engine: Engine) -> Answer:
    return await _polled(engine, "workflow", TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)


async def _activities(engine: Engine) -> Answer:
    return await _polled(engine, "activity", TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


async def _beside(engine: Engine) -> Answer:
    """The queues of what a worker does beside its cases."""
    queues = {"imports": imports(engine.task_queue), "events and mail": deliveries(engine.task_queue)}
    polled = {what: await _pollers(engine, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, queues[what]) for what in queues}
    left = [f"{what} ({queues[what]})" for what, pollers in polled.items() if not pollers]
    if left:
        return fail(f"nobody polls for {' and '.join(left)}", START)
    return ok(", ".join(f"{len(pollers)} for {what}" for what, pollers in polled.items()))


async def _polled(engine: Engine, kind: str, type_: "TaskQueueType.ValueType") -> Answer:
    present = await _pollers(engine, type_, engine.task_queue)
    if not present:
        return fail(f"nobody polls {engine.task_queue} for {kind} tasks", START)
    return ok(f"{len(present)} poll {engine.task_queue} for {kind} tasks: {', '.join(present)}")


async def _pollers(engine: Engine, type_: "TaskQueueType.ValueType", queue: str) -> Sequence[str]:
    """Who polls a queue now."""
    request = DescribeTaskQueueRequest(
        namespace=engine.client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=type_
    )
    found = await engine.client.workflow_service.describe_task_queue(request, timeout=BOUND)
    return sorted({poller.identity for poller in _present(found.pollers)})


def _present(pollers: Sequence[PollerInfo]) -> list[PollerInfo]:
    now = datetime.now(UTC)
    return [poller for poller in pollers if now - poller.last_access_time.ToDatetime(UTC) < SILENT]


async def _sweep(engine: Engine) -> Answer:
    found = await _schedule(engine)
    if found is None:
        return fail(f"there is no schedule {SWEEP}", "start `closeout worker`: it makes the schedule")
    if found.schedule.state.paused:
        toggle = f"temporal schedule toggle --unpause --schedule-id {SWEEP} --namespace {engine.client.namespace}"
        return fail(f"the schedule {SWEEP} is paused: {found.schedule.state.note or 'no note'}", toggle)
    every = [interval.every for interval in found.schedule.spec.intervals]
    last = max((action.started_at for action in found.info.recent_actions), default=None)
    running = f", {len(found.info.running_actions)} running" if found.info.running_actions else ""
    if last is None or datetime.now(UTC) - last > 3 * max(every, default=engine.sweep_every) + SILENT:
        since = f"since {last:%Y-%m-%d %H:%M:%S}" if last else "ever"
        return fail(f"no sweep was started {since}{running}", START)
    said = f"every {', '.join(map(span, every))}, last at {last:%H:%M:%S}{running}"
    if every != [engine.sweep_every]:
        return warn(
            f"{said}; the setting is {span(engine.sweep_every)}", "start the workers anew with one CLOSEOUT_SWEEP_EVERY"
        )
    return ok(said)


async def _answers(engine: Engine) -> Answer:
    """Asks the last sweep something that only a worker can answer; nothing is recorded by it."""
    found = await _schedule(engine)
    if found is None or not found.info.recent_actions:
        return fail("there is no sweep to ask a worker about", START)
    action = found.info.recent_actions[-1].action
    if not isinstance(action, ScheduleActionExecutionStartWorkflow):
        return fail(f"the schedule {SWEEP} starts no workflow", START)
    handle = engine.client.get_workflow_handle(action.workflow_id, run_id=action.first_execution_run_id)
    await handle.query("__temporal_workflow_metadata", rpc_timeout=BOUND)
    return ok("a worker answers")


async def _schedule(engine: Engine) -> ScheduleDescription | None:
    try:
        return await engine.client.get_schedule_handle(SWEEP).describe(rpc_timeout=BOUND)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


SILENCE = "see Temporal's log: it is there and does not answer"
ENGINE = (
    Check("namespace", _namespace, SILENCE),
    Check("workflow pollers", _workflows, SILENCE),
    Check("activity pollers", _activities, SILENCE),
    Check("pollers beside", _beside, SILENCE),
    Check("sweep", _sweep, SILENCE),
    Check("worker", _answers, START),
)

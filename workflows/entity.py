"""The one workflow shell: it receives commands as updates, holds the one timer, and has reactions carried out.

A workflow is a cache with a timer. It branches on nothing but recorded answers, so a changed rule never breaks the
replay of an old history; whatever it forgets (continue-as-new, a lost engine, another cluster), it asks the ledger.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from workflows import stubs
    from workflows.decider import Answer, Command

A = TypeVar("A")
T = TypeVar("T")

UNAVAILABLE = "unavailable"
"""The type of the error with which `execute` fails when the ledger cannot answer; the same key is safe to repeat."""

# A local activity holds the caller's update open, so its tries are few: 0.1 + 0.2 + 0.4 s between four of them.
# schedule_to_close_timeout does not end the retries of a local activity; the number of attempts does.
COMMAND_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100), backoff_coefficient=2, maximum_attempts=4)
PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))


class Entity:
    """The life of one stream. A subclass adds `@workflow.defn` and a `run` that awaits `live`."""

    def __init__(self) -> None:
        self._address = stubs.Address.of_workflow(workflow.info().workflow_id)
        self._seq = -1
        self._due: datetime | None = None
        self._owes = False
        self._lives = False
        self._known = False
        self._stale = False
        self._reacting: asyncio.Task[None] | None = None

    @workflow.update
    async def execute(self, command: Command) -> Answer:
        """Decides and records one command; a refusal is an answer. Fails as `unavailable` when the ledger is away."""
        try:
            answer = await workflow.execute_local_activity(
                stubs.transact,
                stubs.Transaction(**self._address.model_dump(), command=command, now=workflow.now()),
                start_to_close_timeout=timedelta(seconds=2),
                retry_policy=COMMAND_RETRY,
            )
        except FailureError as error:
            # It may have been recorded all the same: what it caused must not wait for the next command.
            self._stale = True
            # Any other exception would fail the workflow task again and again, and wedge the workflow.
            raise ApplicationError("the ledger did not answer", type=UNAVAILABLE) from error
        self._known = True
        self._adopt(answer)
        return answer

    @workflow.signal
    async def nudge(self) -> None:
        """Something may have happened behind its back: ask the ledger."""
        self._stale = True

    async def live(self) -> None:
        """From the first question to the ledger until the stream needs no workflow any more."""
        while True:
            if not self._known and not self._stale and not workflow.all_handlers_finished():
                # Started by a command, whose answer tells all that there is to ask.
                await workflow.wait_condition(lambda: self._known or self._stale or workflow.all_handlers_finished())
            elif self._stale or not self._known:
                await self._ask()
            elif self._owes and self._reacting is None:
                # Beside the timer: a target that cannot be reached must not hold up the dates of this stream.
                self._reacting = asyncio.create_task(self._react())
            elif not self._is_needed():
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not self._is_needed():
                    return
            elif self._may_continue_as_new():
                workflow.continue_as_new()
            else:
                await self._sleep()

    async def _sleep(self) -> None:
        """Until the timer goes off, or there is something else to do."""
        due = self._due

        def disturbed() -> bool:
            return (
                self._stale
                or self._due != due
                or (self._owes and self._reacting is None)
                or not self._is_needed()
                or self._may_continue_as_new()
            )

        if due is None:
            await workflow.wait_condition(disturbed)
            return
        wait = due - workflow.now()
        if wait > timedelta():
            try:
                await workflow.wait_condition(disturbed, timeout=max(wait, timedelta(milliseconds=1)))
            except TimeoutError:
                pass
            else:
                return
        self._adopt(await self._wake(due))

    def _is_needed(self) -> bool:
        return not self._known or self._stale or self._owes or self._lives or self._reacting is not None

    def _may_continue_as_new(self) -> bool:
        return (
            workflow.info().is_continue_as_new_suggested()
            and workflow.all_handlers_finished()
            and self._reacting is None
        )

    async def _ask(self) -> None:
        self._stale = False
        self._known = True
        answer = await self._surely(stubs.standing, self._address)
        if answer is not None:
            self._adopt(answer)

    async def _react(self) -> None:
        """Tries until nothing is owed: what could be sent is settled each time, so no try starts from the beginning."""
        try:
            while self._owes:
                self._adopt(
                    await workflow.execute_activity(
                        stubs.react,
                        self._address,
                        start_to_close_timeout=timedelta(seconds=60),
                        # Without it, the reactions that a killed worker had in hand would wait for the minute.
                        heartbeat_timeout=timedelta(seconds=5),
                        retry_policy=PATIENT,
                    )
                )
        finally:
            self._reacting = None

    async def _wake(self, due: datetime) -> Answer:
        return await self._surely(stubs.wake, stubs.WakeUp(**self._address.model_dump(), due=due, now=workflow.now()))

    async def _surely(self, ask: Callable[[A], Awaitable[T]], about: A) -> T:
        """Within this workflow task, as a rule; else by an activity that tries until the ledger is back."""
        try:
            return await workflow.execute_local_activity(
                ask, about, start_to_close_timeout=timedelta(seconds=2), retry_policy=COMMAND_RETRY
            )
        except FailureError:
            return await workflow.execute_activity(
                ask,
                about,
                # The transaction gives up after four: so long does a wake-up wait that a killed worker had in hand.
                start_to_close_timeout=timedelta(seconds=5),
                retry_policy=PATIENT,
            )

    def _adopt(self, answer: Answer) -> None:
        """Takes over where the stream is, unless a later answer already said more."""
        if answer.stream_seq >= self._seq:
            self._seq = answer.stream_seq
            self._due = answer.next_wakeup
            self._owes = answer.owes
            self._lives = answer.lives

"""Batches of one document on their way: some at once, told in order, never two that are about one finding."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

WIDTH = 3
"""While the receipts of one batch are kept, the database writes the next one, and the one after that is decided."""


class Lane(Generic[T]):
    """Does work in the background and hands over what came of it in the order in which it was begun.

    `hand_over` answers whether to begin more. Work that shares a key with any that is under way waits for it.

    What is under way when the lane is left is handed over first, also where an error of whoever brings the work leaves
    it: it may be done already. Where work itself or its handing over failed, or the task is cancelled, the rest is.
    """

    def __init__(self, hand_over: Callable[[T], Awaitable[bool]]) -> None:
        self.stopped = False
        """Whether nothing more is to be begun."""
        self._hand_over = hand_over
        self._broken = False
        self._under_way: deque[tuple[frozenset[Hashable], asyncio.Task[T]]] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while self._under_way and not self._broken and (error is None or isinstance(error, Exception)):
                await self._first()
        finally:
            await self._drop()

    async def begin(self, keys: frozenset[Hashable], work: Callable[[], Awaitable[T]]) -> bool:
        """Begins work, once there is room for it; False where nothing more is to be begun.

        Raises what work before it raised.
        """
        while len(self._under_way) >= WIDTH or any(keys & held for held, _ in self._under_way):
            await self._first()
        if not self.stopped:
            self._under_way.append((keys, asyncio.ensure_future(_done(work))))
        return not self.stopped

    async def _first(self) -> None:
        _, task = self._under_way[0]
        self._broken = True
        came = await task
        self._under_way.popleft()
        if not await self._hand_over(came):
            self.stopped = True
        self._broken = False

    async def _drop(self) -> None:
        for _, task in self._under_way:
            task.cancel()
        await asyncio.gather(*(task for _, task in self._under_way), return_exceptions=True)
        self._under_way.clear()


async def _done(work: Callable[[], Awaitable[T]]) -> T:
    return await work()

"""The lane of batches: in order, some at once, never two about one thing."""

import asyncio
from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.imports.lane import WIDTH, Lane

WORKS = st.lists(st.tuples(st.frozensets(st.integers(0, 4), max_size=3), st.integers(0, 3)), max_size=12)


async def _through(works: Sequence[tuple[frozenset[int], int]]) -> tuple[list[int], int, list[str]]:
    """The order in which works were handed over, how many were under way at most, and who shared a key with whom."""
    handed: list[int] = []
    under_way: dict[int, frozenset[int]] = {}
    most = 0
    clashes: list[str] = []

    async def hand_over(n: int) -> bool:
        handed.append(n)
        return True

    def work(n: int, keys: frozenset[int], turns: int):  # type: ignore[no-untyped-def]
        async def do() -> int:
            nonlocal most
            clashes.extend(f"{n} beside {other}" for other, held in under_way.items() if keys & held)
            under_way[n] = keys
            most = max(most, len(under_way))
            for _ in range(turns):
                await asyncio.sleep(0)
            del under_way[n]
            return n

        return do

    async with Lane(hand_over) as lane:
        for n, (keys, turns) in enumerate(works):
            await lane.begin(frozenset(keys), work(n, keys, turns))
    return handed, most, clashes


@given(WORKS)
def test_what_comes_of_work_is_handed_over_in_order(works: list[tuple[frozenset[int], int]]) -> None:
    handed, most, clashes = asyncio.run(_through(works))
    assert handed == list(range(len(works)))
    assert most <= WIDTH
    assert clashes == []


async def test_as_many_as_have_room_are_under_way_at_once() -> None:
    _, most, _ = await _through([(frozenset({n}), 3) for n in range(WIDTH + 2)])
    assert most == WIDTH


async def test_an_error_ends_what_is_under_way_and_hands_over_nothing_more() -> None:
    handed: list[int] = []
    ended = asyncio.Event()

    async def hand_over(n: int) -> bool:
        handed.append(n)
        return True

    async def good() -> int:
        return 1

    async def bad() -> int:
        raise ValueError("no")

    async def slow() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return 3

    async def all_three() -> None:
        async with Lane(hand_over) as lane:
            for n, work in enumerate((good, bad, slow)):
                await lane.begin(frozenset({n}), work)
            await asyncio.sleep(0)

    with pytest.raises(ValueError, match="no"):
        await all_three()
    assert handed == [1]
    assert ended.is_set()


async def test_what_is_under_way_is_handed_over_once_nothing_more_is_wanted() -> None:
    handed: list[int] = []

    async def hand_over(n: int) -> bool:
        handed.append(n)
        return False

    async def number(n: int) -> int:
        return n

    async with Lane(hand_over) as lane:
        begun = [await lane.begin(frozenset({n}), partial(number, n)) for n in range(2 * WIDTH)]
    assert lane.stopped
    assert begun == [n < WIDTH for n in range(2 * WIDTH)]
    assert handed == list(range(WIDTH))


async def test_an_error_of_what_brings_the_work_leaves_none_that_is_done_untold() -> None:
    handed: list[int] = []

    async def hand_over(n: int) -> bool:
        handed.append(n)
        return True

    async def number(n: int) -> int:
        await asyncio.sleep(0)
        return n

    async def all_of_it() -> None:
        async with Lane(hand_over) as lane:
            for n in range(WIDTH):
                await lane.begin(frozenset({n}), partial(number, n))
            raise ValueError("unreadable")

    with pytest.raises(ValueError, match="unreadable"):
        await all_of_it()
    assert handed == list(range(WIDTH))


async def test_after_a_handing_over_that_failed_nothing_is_handed_over() -> None:
    handed: list[int] = []

    async def hand_over(n: int) -> bool:
        handed.append(n)
        raise ConnectionError(f"{n} is lost")

    async def number(n: int) -> int:
        return n

    async def all_of_it() -> None:
        async with Lane(hand_over) as lane:
            for n in range(2 * WIDTH):
                await lane.begin(frozenset({n}), partial(number, n))

    with pytest.raises(ConnectionError, match="0 is lost"):
        await all_of_it()
    assert handed == [0]

"""The tests on each changed function: collected once, then in a process of their own for each change.

A change is run on the tests that run one of its lines, those first that told changes of its function apart before.
A test that fails, or does not come to an end, kills it.
"""

import gc
import os
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper
from time import monotonic, process_time

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage

from tests.rules.mutants.changes import Functions, Mutant, functions, install
from workflows.registry import PROCEDURES

KILLED, SURVIVED, BROKEN = 0, 1, 2
MOST = 400
"""Tests on one change: what four hundred do not notice is called a survivor, so that the whole comes to an end."""


def memories() -> list[Callable[[], None]]:
    """What empties all that functions remember from call to call: a test is to run what it asks for, changed or not."""
    caches = [item for item in gc.get_objects() if isinstance(item, _lru_cache_wrapper)]
    return [
        *(cache.cache_clear for cache in caches if cache.__module__.startswith("workflows")),
        *(procedure.offers.clear for procedure in PROCEDURES.values()),
    ]


@dataclass
class Running:
    """A pytest plugin: runs every test once, then every change on its tests, `jobs` at a time."""

    mutants: Sequence[Mutant]
    jobs: int
    failing: list[str] = field(default_factory=list)
    survivors: list[Mutant] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    memories: list[Callable[[], None]] = field(default_factory=list)
    killers: dict[tuple[str, str], list[pytest.Item]] = field(default_factory=lambda: defaultdict(list))

    def pytest_configure(self) -> None:
        """Examples are as ever, but none is made smaller: that one fails says enough."""
        from hypothesis import Phase, settings  # noqa: PLC0415 - pytest has to load it first, as a plugin

        settings.register_profile("mutants", database=None, phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutants")

    def forget(self) -> None:
        for empty in self.memories:
            empty()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop."""
        self.memories, began = memories(), monotonic()
        there = functions()
        tests = self.covered(session.items)
        gc.collect()
        gc.freeze()
        running: dict[int, tuple[Mutant, Sequence[pytest.Item], int]] = {}
        for done, mutant in enumerate(self.mutants):
            if done % 200 == 0:
                told = f"{done} of {len(self.mutants)} changes, {len(self.survivors)} survive"
                print(f"{told}, {monotonic() - began:.0f} s", file=sys.stderr)
            items = self.chosen(mutant, tests)
            if not items:
                self.survived(mutant)
                continue
            while len(running) >= self.jobs:
                self.judge(running)
            heard, said = os.pipe()
            child = os.fork()
            if child == 0:
                os._exit(self.verdict(mutant, items, there, said))
            os.close(said)
            running[child] = mutant, items, heard
        while running:
            self.judge(running)
        return True

    def covered(self, items: Sequence[pytest.Item]) -> Mapping[str, Mapping[int, Sequence[pytest.Item]]]:
        """The tests that run each line of each file, all run once; a test that fails here tells nothing."""
        coverage = Coverage(data_file=None, include=sorted({mutant.path for mutant in self.mutants}), config_file=False)
        coverage.start()
        for item, following in zip(items, [*items[1:], None], strict=True):
            self.forget()
            coverage.switch_context(item.nodeid)
            start = process_time()
            reports = runtestprotocol(item, log=False, nextitem=following)
            self.seconds[item.nodeid] = process_time() - start
            if any(report.failed for report in reports):
                self.failing.append(item.nodeid)
        coverage.stop()
        print(f"{sum(self.seconds.values()):.0f} s of tests", file=sys.stderr)
        data = coverage.get_data()
        by_name = {item.nodeid: item for item in items if item.nodeid not in self.failing}
        return {
            os.path.relpath(path): {
                line: [by_name[name] for name in names if name in by_name]
                for line, names in data.contexts_by_lineno(path).items()
            }
            for path in data.measured_files()
        }

    def chosen(self, mutant: Mutant, tests: Mapping[str, Mapping[int, Sequence[pytest.Item]]]) -> list[pytest.Item]:
        """The tests of a change, at most `MOST`: first those that killed its like, the latest first.

        Then a case of each test, another of each, and so on; the shortest first.
        """
        lines = tests.get(mutant.path, {})
        items = {item.nodeid: item for line in mutant.lines for item in lines.get(line, ())}
        before = [item for item in self.killers[(mutant.path, mutant.function)] if item.nodeid in items]
        ranks: Counter[str] = Counter()
        order: list[tuple[int, float, str]] = []
        for name in sorted(items, key=lambda name: self.seconds[name]):
            test = name.partition("[")[0]
            order.append((ranks[test], self.seconds[name], name))
            ranks[test] += 1
        return list(dict.fromkeys([*before, *(items[name] for _, _, name in sorted(order))]))[:MOST]

    def verdict(self, mutant: Mutant, items: Sequence[pytest.Item], there: Functions, said: int) -> int:
        """In the child: how it ends; says which test killed."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        try:
            install(mutant, there)
        except (LookupError, SyntaxError, ValueError):
            return BROKEN
        self.forget()
        for number, (item, following) in enumerate(zip(items, [*items[1:], None], strict=True)):
            # CPU time, so that a loaded machine kills nobody; the signal ends the process.
            signal.setitimer(signal.ITIMER_PROF, 1 + 5 * self.seconds[item.nodeid])
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                os.write(said, str(number).encode())
                return KILLED
        return SURVIVED

    def judge(self, running: dict[int, tuple[Mutant, Sequence[pytest.Item], int]]) -> None:
        """Waits for a child, and notes how its change fared."""
        child, status = os.wait()
        mutant, items, heard = running.pop(child)
        with os.fdopen(heard) as pipe:
            number = pipe.read()
        if number:
            killers = self.killers[(mutant.path, mutant.function)]
            killer = items[int(number)]
            killers[:] = [killer, *(item for item in killers if item is not killer)]
        elif os.WIFEXITED(status):
            if os.WEXITSTATUS(status) != SURVIVED:
                pytest.exit(f"cannot be made: {mutant}\n{mutant.source}", returncode=1)
            self.survived(mutant)

    def survived(self, mutant: Mutant) -> None:
        """Says it at once: the whole takes a while."""
        self.survivors.append(mutant)
        print(f"survived: {mutant}", flush=True)

"""`python -m tests.rules.mutants [--jobs 2] [--sample N] [PATTERN ...]`: how many changes of rules the tests notice.

Without patterns: all of the law, functions and tables. With them, the functions of the modules that match, as in
`workflows.nonconformity.deadlines.*`. A sample is drawn from all changes alike, by a seed; it says what share of all
is noticed, give or take what is printed with it. Exits with 1 where a part falls short of the goal, or a sample does.
"""

import argparse
import fnmatch
import math
import os
import pkgutil
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pytest

import workflows
from tests.rules.mutants.changes import mutants
from tests.rules.mutants.running import Running

GOAL = 0.9
LAW = (
    "workflows.nonconformity.*",
    "workflows.committee.*",
    "workflows.audit.*",
    "workflows.certificate.*",
    "workflows.client.*",
    "workflows.calendars",
    "workflows.durations",
    "workflows.patterns",
    "workflows.policy",
    "workflows.policy_book",
    "workflows.procedure",
)
TESTS = ("tests/rules", "--ignore=tests/rules/test_machine.py", "--ignore=tests/rules/test_simulate.py")
"""Example by example; not the stateful one, which finds the same faults more slowly, nor the command line."""


def modules(patterns: Sequence[str]) -> Iterator[str]:
    """The modules of workflows/ whose names match."""
    for found in pkgutil.walk_packages(workflows.__path__, "workflows."):
        if any(fnmatch.fnmatch(found.name, pattern) for pattern in patterns):
            yield found.name


def part(module: str) -> str:
    """The part of the law that a module belongs to: itself, or the package of regions that it is in."""
    return ".".join(module.split(".")[:3])


def account(found: Mapping[str, Counter[str]]) -> bool:
    """Says what was killed of how many, and whether that is enough everywhere."""
    for name, count in [*sorted(found.items()), ("all", sum(found.values(), Counter[str]()))]:
        print(f"{name}: {count['killed']} of {count.total()} killed, {count['killed'] / count.total():.1%}")
    return all(count["killed"] >= GOAL * count.total() for count in found.values())


def give_or_take(killed: int, of: int) -> float:
    """Half the width of the 95 % interval of a share that was seen in a sample (Wald)."""
    share = killed / of
    return 1.96 * math.sqrt(share * (1 - share) / of)


def main() -> int:
    """Runs it; 1 where a part falls short, or where a test fails without any change."""
    parser = argparse.ArgumentParser(prog="python -m tests.rules.mutants")
    parser.add_argument("patterns", nargs="*", default=LAW)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    # A machine that is far from everybody: what counts in its zone instead of a client's is noticed.
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()
    changes = [mutant for module in modules(options.patterns) for mutant in mutants(module)]
    if options.sample:
        changes = random.Random(options.seed).sample(changes, min(options.sample, len(changes)))  # noqa: S311
    running = Running(changes, options.jobs)
    arguments = ["-s", "-q", "--assert=plain", "--tb=no", "-p", "no:cacheprovider", "--hypothesis-seed=1", *TESTS]
    if status := pytest.main(arguments, plugins=[running]):
        return status
    found: dict[str, Counter[str]] = {}
    survivors = set(running.survivors)
    for mutant in changes:
        found.setdefault(part(mutant.module), Counter())["survived" if mutant in survivors else "killed"] += 1
    if options.sample:
        killed = len(changes) - len(survivors)
        print(f"sampled: {killed} of {len(changes)}, give or take {give_or_take(killed, len(changes)):.1%}")
        return 0 if killed >= GOAL * len(changes) and not running.failing else 1
    if options.patterns is LAW:
        from tests.rules.mutants.tables import rows  # noqa: PLC0415 - stories are loaded by pytest first

        found.update(rows())
    for name in running.failing:
        print(f"fails without any change, and is left out: {name}")
    reached = account(found) and not running.failing
    print(f"{time.monotonic() - began:.0f} s")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

"""How every program of Closeout ends: an exit code that says what became of it, and no interpreter torn down."""

import gc
import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

RARELY = (50_000, 5, 2)
"""When the interpreter looks for circles of garbage. As often as it does by default, it takes a third of an import's
time: the thousands of values in flight are looked through again and again, and next to none of them is in a circle.
No rarer among what has grown old: a workflow that leaves a worker's cache is a circle, of 50 KiB and more."""

MENDABLE = 2
"""The exit code of what the user can mend."""


def run(program: Callable[[], object], *mendable: type[Exception]) -> NoReturn:
    """Runs a program and ends the process. An error of these kinds is one line on standard error, others are traced.

    Exit code 0 for a program that comes back, its own for one that exits, 2 for a mendable error, 1 for any other.
    """
    code: str | int | None = 0
    gc.set_threshold(*RARELY)
    try:
        program()
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = 130
    except mendable as error:
        sys.stderr.write(f"{error}\n")
        code = MENDABLE
    except Exception:  # noqa: BLE001 - the end of the process: there is nobody left to raise it to
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Not torn down: a thread of the engine's client that lets go of the interpreter just then aborts the process.
    os._exit(code or 0)

"""The bounds of a process that works for another one (`services.confined`): it sets them itself, before it reads."""

import math
import resource
import time


def keep_within(seconds: int, memory: int) -> None:
    """Has the kernel end this process beyond so much processor time; more memory than so many bytes is not given."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # At the hard limit the kernel kills without saying why; and what starting took is not the document's.
    soft = seconds + math.ceil(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (soft, soft + 2))
    # No file that a crash might leave of somebody's document.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

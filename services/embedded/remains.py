"""What a killed PostgreSQL leaves behind: processes on their way out, and the file that names its pid."""

import asyncio
from contextlib import suppress
from pathlib import Path

PATIENCE = 5.0
"""Seconds for which a killed server's processes may still be there."""


class ClusterInUse(Exception):
    """Processes of another PostgreSQL work on the cluster, although nobody holds the data folder."""

    def __init__(self, cluster: Path, pids: list[int]) -> None:
        super().__init__(f"{cluster} is in use by PostgreSQL, processes {pids}: stop that server first")


async def clear_remains(cluster: Path) -> None:
    """Waits for the last processes to end, then removes `postmaster.pid`; raises ClusterInUse when they don't.

    PostgreSQL would refuse to start for as long as the pid in that file is anybody's: after a power cut another
    program may have it, and a zombie keeps it. Every process of a server works in the cluster's folder.
    """
    claim = cluster / "postmaster.pid"
    if not claim.exists() or not Path("/proc/self").exists():
        return
    until = asyncio.get_running_loop().time() + PATIENCE
    while pids := _working_in(cluster):
        if asyncio.get_running_loop().time() > until:
            raise ClusterInUse(cluster, pids)
        await asyncio.sleep(0.02)
    claim.unlink(missing_ok=True)


def _working_in(folder: Path) -> list[int]:
    """The processes, as far as we may see, whose working folder this is."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if link.readlink() == folder:
                found.append(int(link.parent.name))
    return found

"""Becomes another program that dies with its parent: run as a file, by an isolated interpreter, never imported.

Arguments: the parent's pid, the signal to receive when that parent dies, an identity, then the program and its
arguments. Identities: `self`; `namespace` (PostgreSQL refuses to run as root: in a user namespace it sees itself as
nobody, while to the file system it stays root); `nobody` (for where namespaces are forbidden: another user, who keeps
the one capability to pass folders that belong to root).

The signal must be set after every change of credentials, which clears it, and last before exec, which keeps it.
"""

import ctypes
import os
import struct
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CLONE_NEWUSER = 0x10000000
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION = 0x20080522
NOBODY = 65534
OWN = 0o077
"""Files are their owner's alone: the engine's database holds what the record holds, and is nobody else's to read."""

libc = ctypes.CDLL(None, use_errno=True)


def demand(result: int, what: str) -> None:
    """Ends the process where a system call failed."""
    if result != 0:
        sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")


def enter_namespace() -> None:
    """Root looks like nobody to itself and to the programs that it becomes."""
    demand(libc.unshare(CLONE_NEWUSER), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} 0 1")


def become_nobody() -> None:
    """Root becomes nobody for good, who may still pass any folder where the kernel lets root hand that on."""
    demand(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    wanted = 1 << CAP_DAC_OVERRIDE
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    if libc.capset(header, struct.pack("6I", wanted, wanted, wanted, 0, 0, 0)) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def main(parent: int, signum: int, identity: str, program: list[str]) -> None:
    """Takes the identity, ties this process to its parent, and becomes the program."""
    if identity == "namespace":
        enter_namespace()
    elif identity == "nobody":
        become_nobody()
    if sys.platform == "linux":
        demand(libc.prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        sys.exit("the parent died first")
    os.umask(OWN)
    os.execv(program[0], program)  # noqa: S606 - a shell between us would take the signal


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])

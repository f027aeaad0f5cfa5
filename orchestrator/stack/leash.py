"""Run a command that does not outlive its parent. A script on its own: started by `process.py`, standard library only.

    python -I -S leash.py PARENT_PID SIGNAL USER COMMAND…

SIGNAL is the number that asks the command to end, USER is `uid:gid` to become first, or `-`.

On Linux the kernel sends SIGNAL when the parent dies, and this process becomes the command, so nothing extra stays in
memory. Elsewhere this process stays as a guard: it passes signals on, and watches for the parent's end.
"""

import ctypes  # up here: once privileges are dropped, the interpreter's own files may be out of reach
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 10.0


def drop_privileges(user: str) -> None:
    """Become `uid:gid` for good. Before exec, so that an interpreter which that user cannot reach is no obstacle."""
    if user == "-":
        return
    uid, gid = (int(part) for part in user.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def die_with_parent(number: int) -> None:
    """Ask the kernel (Linux) for a signal when the parent's thread ends. A change of user would clear it again."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def guard(parent: int, number: int, command: list[str]) -> int:
    """Wait for the command, pass signals on to it, and end it when the parent is gone. Returns its exit status."""
    child = os.fork()
    if child == 0:
        os.execv(command[0], command)  # noqa: S606 - a list, no shell
    for passed_on in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(passed_on, lambda caught, _frame: os.kill(child, caught))
    orphaned_at = None
    while True:
        finished, status = os.waitpid(child, os.WNOHANG)
        if finished:
            return os.waitstatus_to_exitcode(status)
        if orphaned_at is None and os.getppid() != parent:
            orphaned_at = time.monotonic()
            os.kill(child, number)
        if orphaned_at is not None and time.monotonic() - orphaned_at > GRACE_SECONDS:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.2)


def main() -> None:
    """Read the arguments, drop privileges, tie the knot, and become (or guard) the command."""
    parent, number, user, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
    drop_privileges(user)
    if not sys.platform.startswith("linux"):
        sys.exit(max(guard(parent, number, command), 0))
    die_with_parent(number)
    if os.getppid() != parent:
        sys.exit(0)  # it died before the knot was tied
    os.execv(command[0], command)  # noqa: S606 - a list, no shell


if __name__ == "__main__":
    main()

"""Work on the parts of one file in forked processes, which see all that this one has in memory."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO, TypeVar

S = TypeVar("S")
T = TypeVar("T")


def can_fork() -> bool:
    """Tell whether a new process has what this one has loaded; elsewhere it begins with an import of everything."""
    return sys.platform == "linux"


def leave_interrupts() -> None:
    """The parent ends the run, without a traceback from each process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def forked(work: Callable[[S], T], parts: Sequence[S]) -> list[T]:
    """What ``work`` makes of each of ``parts``, in their order: of the first here, of each other in a process beside.

    Results are pickled.  A part whose process dies is worked on here.
    """
    import pickle

    processes = [_start(work, part) for part in parts[1:]]
    try:
        found = [work(part) for part in parts[:1]]
        for (_, pipe), part in zip(processes, parts[1:], strict=True):
            answer = pipe.read()
            found.append(pickle.loads(answer[:-1]) if answer.endswith(_DONE) else work(part))
    finally:
        for process, pipe in processes:
            pipe.close()  # ends a process that still writes
            os.waitpid(process, 0)
    return found


_DONE = b"\n"


def _start(work: Callable[[S], T], part: S) -> tuple[int, BinaryIO]:
    reader, writer = os.pipe()
    process = os.fork()
    if process:
        os.close(writer)
        return process, open(reader, "rb")
    import pickle

    with suppress(BaseException):  # whatever it is, it is met again where the part is worked on again
        os.close(reader)
        leave_interrupts()
        with open(writer, "wb") as pipe:
            pipe.write(pickle.dumps(work(part)) + _DONE)
    os._exit(0)

"""Work on many files in several processes."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, TypeVar

from sqlite_lint.runner import Options, Outcome, Projects, process

if TYPE_CHECKING:
    from sqlite_lint.discover import Found
    from sqlite_lint.source import Source

    Task = tuple[Found, Source]

T = TypeVar("T")

_adopted: tuple[Options, Projects] | None = None


def apart(work: Callable[..., T], *arguments: object) -> Future[T]:
    """Begin ``work`` in a process of its own; only where processes are forked."""
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("fork"))
    future = pool.submit(work, *arguments)
    pool.shutdown(wait=False)
    return future


def in_processes(jobs: int, tasks: Sequence[Task], options: Options, projects: Projects) -> Iterator[Outcome]:
    """The outcomes of ``tasks``, in their order.

    A process that dies (killed for its memory, say) costs only the file it worked on.
    """
    done = 0
    try:
        with _pool(jobs, options, projects) as pool:
            for outcome in pool.map(_process_here, tasks, chunksize=4):
                done += 1
                yield outcome
    except BrokenProcessPool:
        yield from _one_by_one(tasks[done:], options, projects)


def _one_by_one(tasks: Sequence[Task], options: Options, projects: Projects) -> Iterator[Outcome]:
    pool = _pool(1, options, projects)
    for task in tasks:
        try:
            outcome = pool.submit(_process_here, task).result()
        except BrokenProcessPool:
            outcome = Outcome(task[0].path, error="the process that checked it died")
            pool.shutdown()
            pool = _pool(1, options, projects)
        yield outcome
    pool.shutdown()


def _pool(jobs: int, options: Options, projects: Projects) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    return ProcessPoolExecutor(jobs, context, _adopt, (options, projects))


def _adopt(options: Options, projects: Projects) -> None:
    global _adopted
    _adopted = options, projects
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the run, without a traceback from each process


def _process_here(task: Task) -> Outcome:
    assert _adopted is not None
    return process(*task, *_adopted)

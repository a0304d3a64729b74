"""Work on many files in several processes."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from sqlite_lint.forks import can_fork, leave_interrupts
from sqlite_lint.projects import Projects
from sqlite_lint.runner import Options, Outcome, process

if TYPE_CHECKING:
    from sqlite_lint.discover import Found
    from sqlite_lint.source import Source

    Task = tuple[Found, Source]

S = TypeVar("S")
T = TypeVar("T")

_CHUNK: Final = 100  # files that a process looks at before it reports

_adopted: tuple[Options, Projects] | None = None


def spread(
    work: Callable[[list[S]], Iterable[T]], tasks: Sequence[S], jobs: int, meanwhile: Callable[[], object]
) -> Iterator[T]:
    """What ``work`` makes of each of ``tasks``, in their order, done in ``jobs`` forked processes.

    ``meanwhile`` is called here, beside them.  What a process that died leaves undone is done here too.
    """
    if not tasks:
        return
    chunks = [list(tasks[start : start + _CHUNK]) for start in range(0, len(tasks), _CHUNK)]
    done = 0
    try:
        with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _follow_parent) as pool:
            answers = pool.map(_Listed(work), chunks)
            meanwhile()
            for results in answers:
                done += 1
                yield from results
    except BrokenProcessPool:
        for chunk in chunks[done:]:
            yield from work(chunk)


class _Listed(Generic[S, T]):
    """A function that gives a list where ``work`` gives an iterator, which cannot be sent to another process."""

    def __init__(self, work: Callable[[list[S]], Iterable[T]]) -> None:
        self._work = work

    def __call__(self, tasks: list[S]) -> list[T]:
        return list(self._work(tasks))


def in_processes(jobs: int, tasks: Sequence[Task], options: Options, projects: Projects) -> Iterator[Outcome]:
    """The outcomes of ``tasks``, in their order.

    A process that dies (killed for its memory, say) costs only the file it worked on.
    """
    done = 0
    try:
        with _pool(jobs, options, projects) as pool:
            for outcome in pool.map(_process_here, tasks, chunksize=1 + len(tasks) // (jobs * 64)):
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
    context = multiprocessing.get_context("fork" if can_fork() else "spawn")
    return ProcessPoolExecutor(jobs, context, _adopt, (options, projects))


def _adopt(options: Options, projects: Projects) -> None:
    global _adopted
    _adopted = options, projects
    _follow_parent()


def _follow_parent() -> None:
    """Leave interrupts to the parent, and end when it is gone."""
    leave_interrupts()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _process_here(task: Task) -> Outcome:
    assert _adopted is not None
    return process(*task, *_adopted)

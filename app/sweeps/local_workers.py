"""Runs of a sweep on this machine: each worker a process of its own, so that one that dies harms no other."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from types import FrameType, ModuleType
from typing import Any, Generic, TypeVar

Ended = TypeVar("Ended")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
MOST_LOSSES = 3
"""A run whose worker died so often is given up."""
PATIENCE_S = 0.5
"""Between two looks at whether somebody wants to stop [s]."""


@dataclass(frozen=True)
class Lost:
    """A task that no worker has anything to tell of.

    Attributes:
        name: of the task.
        n: how many workers died at it.
        error: why it could not be handed to a worker at all; empty where workers died.
    """

    name: str
    n: int = 0
    error: str = ""


@dataclass
class _Lane(Generic[Ended]):
    """A worker process and what it is at; a new process where the last one died."""

    pool: ProcessPoolExecutor
    name: str = ""
    future: Future[Ended] | None = None

    def begin(self, work: Callable[[Any], Ended], name: str, task: object) -> None:
        with _without_main():
            self.name, self.future = name, self.pool.submit(_heard, work, task)

    def renew(self) -> None:
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.pool = _new_pool()

    def ask_to_stop(self) -> None:
        """What Ctrl-C would tell the run."""
        if self.future is None:
            return
        self._signal(signal.SIGINT)

    def give_up(self) -> None:
        """What a second Ctrl-C does to the run; its checkpoint stays."""
        if self.future is not None:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        for process in list((self.pool._processes or {}).values()):
            with suppress(OSError):
                os.kill(process.pid or 0, number)


def by_local_workers(
    work: Callable[[Any], Ended],
    tasks: Mapping[str, Any],
    n_workers: int,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Ended | Lost]:
    """Do every task in a worker process.

    Args:
        work: what a worker does with a task; a function of a module.
        tasks: by name.
        n_workers: processes.
        is_stopped: whether to stop: runs under way are asked to, no other begins.

    Yields:
        What `work` returned, as it comes; Lost for a task whose workers died MOST_LOSSES times.
    """
    waiting, losses = deque(tasks), dict.fromkeys(tasks, 0)
    lanes = [_Lane[Ended](_new_pool()) for _ in range(min(n_workers, len(tasks)))]
    try:
        while waiting or any(lane.future is not None for lane in lanes):
            if is_stopped():
                waiting.clear()
                for lane in lanes:
                    lane.ask_to_stop()
                yield from _until_ended(lanes, deque(), losses)
                return
            for lane in lanes:
                if lane.future is None and waiting:
                    name = waiting.popleft()
                    lane.begin(work, name, tasks[name])
            yield from _ended(lanes, waiting, losses)
    except BaseException:
        for lane in lanes:
            lane.give_up()
        raise
    finally:
        for lane in lanes:
            lane.pool.shutdown(wait=True, cancel_futures=True)


def _until_ended(lanes: Sequence[_Lane[Ended]], waiting: deque[str], losses: dict[str, int]) -> Iterator[Ended | Lost]:
    """What the lanes have to tell of what they are at."""
    while any(lane.future is not None for lane in lanes):
        yield from _ended(lanes, waiting, losses)


def _ended(lanes: Sequence[_Lane[Ended]], waiting: deque[str], losses: dict[str, int]) -> Iterator[Ended | Lost]:
    """What those lanes have to tell that end within PATIENCE_S."""
    busy = [lane.future for lane in lanes if lane.future is not None]
    done = wait(busy, timeout=PATIENCE_S, return_when=FIRST_COMPLETED).done
    for lane in lanes:
        if lane.future in done:
            yield from _end(lane, waiting, losses)


def _end(lane: _Lane[Ended], waiting: deque[str], losses: dict[str, int]) -> Iterator[Ended | Lost]:
    """What a lane has to tell; a task whose worker died is put first again."""
    assert lane.future is not None
    future, lane.future = lane.future, None
    try:
        yield future.result()
    except BrokenProcessPool:
        lane.renew()
        losses[lane.name] += 1
        if losses[lane.name] < MOST_LOSSES:
            waiting.appendleft(lane.name)
        else:
            yield Lost(lane.name, losses[lane.name])
    except Exception as error:  # what the work itself did not catch
        yield Lost(lane.name, error=f"{type(error).__name__}: {error}")


def _new_pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin_worker)


def _heard(work: Callable[[Any], Ended], task: object) -> Ended:
    """Do a task, which hears what Ctrl-C would tell it; before and after, a worker has nothing to keep and leaves."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return work(task)
    finally:
        signal.signal(signal.SIGINT, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    del frame
    os._exit(128 + number)


@contextmanager
def _without_main() -> Iterator[None]:
    """Processes that begin in the block do not run the program of this one again, whose work is of modules alone.

    A page of the room or the file of a test may stand there, which ends whoever runs it.
    """
    before, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = before


def _begin_worker() -> None:
    """A worker hears no Ctrl-C of the terminal, which its sweep passes on, and does not outlive its sweep."""
    signal.signal(signal.SIGINT, _leave)
    with suppress(OSError):
        os.setsid()
    parent = parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()


def with_one_thread() -> None:
    """Linear algebra of processes that begin from here on uses one thread each, whatever the machine has."""
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)

"""Runs of a sweep on a cluster of dask.distributed: workers that die, or a scheduler begun again, lose nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TypeVar

from app.sweeps.local_workers import MOST_LOSSES, Lost
from data.errors import refuse

if TYPE_CHECKING:
    from distributed import Client, Future

Ended = TypeVar("Ended")
CONNECT_S = 20.0
"""How long the scheduler may take to answer [s]."""
RECONNECT_S = 600.0
"""How long a sweep waits for a scheduler that went away [s]."""
PATIENCE_S = 0.5
"""Between two looks at whether somebody wants to stop [s]."""


def by_cluster(
    work: Callable[[Any], Ended],
    tasks: Mapping[str, Any],
    address: str,
    is_stopped: Callable[[], bool] = lambda: False,
    say_lost: Callable[[str], None] = lambda _: None,
) -> Iterator[Ended | Lost]:
    """Do every task on a cluster.

    Args:
        work: what a worker does with a task; a function of a module that the workers have, too.
        tasks: by name.
        address: of the scheduler, `tcp://HOST:8786`.
        is_stopped: whether to stop: runs that no worker has begun are taken back.
        say_lost: told the address when the scheduler went away.

    Yields:
        What `work` returned, as it comes; Lost for a task whose workers died MOST_LOSSES times.

    Raises:
        InputError: dask is not installed, or no scheduler answers.
    """
    left, losses = dict(tasks), dict.fromkeys(tasks, 0)
    seconds = CONNECT_S
    while left and not is_stopped():
        client = connected(address, seconds)
        try:
            for name, told in _ends(client, work, left, is_stopped):
                if told is _LOST:
                    losses[name] += 1
                    if losses[name] < MOST_LOSSES:
                        continue
                    told = Lost(name, losses[name])  # noqa: PLW2901 - what is told of it in the end
                del left[name]
                yield replace(told, name=name) if isinstance(told, Lost) else told
        finally:
            _close(client)
        if left and not is_stopped():
            say_lost(address)
            seconds = RECONNECT_S


class _LostTask:
    """Stands for a task whose worker died again and again."""


_LOST = _LostTask()


def connected(address: str, seconds: float) -> Client:
    """A client of the scheduler.

    Raises:
        InputError: dask is not installed, or nobody answers in time.
    """
    try:
        from distributed import Client
    except ImportError:
        raise refuse("extra_cluster_missing", layer="--scheduler") from None
    until = time.monotonic() + seconds
    while True:
        try:
            return Client(address, timeout=f"{CONNECT_S:.0f}s", set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            if time.monotonic() >= until or isinstance(error, ValueError):
                raise refuse("sweep_no_scheduler", layer="--scheduler", address=address, seconds=seconds) from None
            time.sleep(1.0)


def _ends(
    client: Client, work: Callable[[Any], Ended], left: Mapping[str, Any], is_stopped: Callable[[], bool]
) -> Iterator[tuple[str, Any]]:
    """What becomes of the tasks, until all have ended or the scheduler is gone."""
    from distributed import wait

    nonce = token_hex(4)  # a key that the scheduler knows from before would not be computed again
    names: dict[Future, str] = {
        client.submit(work, task, key=f"{name}-{nonce}", pure=False): name for name, task in left.items()
    }
    while names:
        if is_stopped():
            client.cancel([future for future in names if future.status == "pending"])
            return
        done: set[Future] = set()
        with client.as_current(), suppress(TimeoutError, CancelledError):
            done = wait(list(names), timeout=PATIENCE_S, return_when="FIRST_COMPLETED").done
        if any(future.cancelled() for future in names):
            return  # the scheduler went away, and knows nothing of them any more
        for future in done:
            yield names.pop(future), _told(future)


def _told(future: Future) -> Any:  # noqa: ANN401 - whatever the work returns
    """What a task returned; _LOST where its worker died again and again."""
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        return _LOST
    except Exception as error:  # of other code on the worker, most likely
        return Lost("", error=f"{type(error).__name__}: {error}")


def _close(client: Client) -> None:
    with suppress(OSError, RuntimeError, TimeoutError):
        client.close(timeout=2)

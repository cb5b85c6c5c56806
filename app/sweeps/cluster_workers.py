"""Runs of a sweep on a cluster of dask.distributed: workers that die, or a scheduler begun again, lose nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TypeVar

from app.runs.interruption import also_stopped_by
from app.sweeps.local_workers import MOST_LOSSES, Lost
from data.errors import reason_of, refuse

if TYPE_CHECKING:
    from distributed import Client, Future

Ended = TypeVar("Ended")
CONNECT_S = 20.0
"""How long the scheduler may take to answer [s]."""
SCHEDULER_FILE_SUFFIX = ".json"
"""Of the file in which a scheduler says where it is (`dask scheduler --scheduler-file F.json`)."""
RECONNECT_S = 600.0
"""How long a sweep waits for a scheduler that went away [s]."""
PATIENCE_S = 0.5
"""Between two looks at whether somebody wants to stop [s]."""
LOOKS_FOR_WORKERS = 10
"""After so many looks it is said if no worker has come."""


def by_cluster(
    work: Callable[[Any], Ended],
    tasks: Mapping[str, Any],
    address: str,
    is_stopped: Callable[[], bool] = lambda: False,
    say_lost: Callable[[str], None] = lambda _: None,
    say_idle: Callable[[str], None] = lambda _: None,
) -> Iterator[Ended | Lost]:
    """Do every task on a cluster.

    Args:
        work: what a worker does with a task; a function of a module that the workers have, too.
        tasks: by name.
        address: of the scheduler, `tcp://HOST:8786`, or its file.
        is_stopped: whether to stop: what no worker has begun is taken back, and workers are asked to stop what they are
            at, as `app.runs.interruption.Interruption` hears it.
        say_lost: told the address when the scheduler went away.
        say_idle: told it when no worker has come yet.

    Yields:
        What `work` returned, as it comes; Lost for a task that dask has given up MOST_LOSSES times, each time after
        several workers died that had it.

    Raises:
        InputError: dask is not installed, or no scheduler answers.
    """
    left, given_up = dict(tasks), dict.fromkeys(tasks, 0)
    n_dead, seconds = dict.fromkeys(tasks, 0), CONNECT_S
    while left and not is_stopped():
        client = connected(address, seconds, is_stopped)
        if client is None:
            return
        try:
            for name, told in _ends(client, work, left, is_stopped, partial(say_idle, address)):
                if isinstance(told, _Killed):
                    n_dead[name] += told.n_dead
                    given_up[name] += 1
                    if given_up[name] < MOST_LOSSES:
                        continue
                    told = Lost(name, n_dead[name])  # noqa: PLW2901 - what is told of it in the end
                del left[name]
                yield replace(told, name=name) if isinstance(told, Lost) else told
        finally:
            _close(client)
        if left and not is_stopped():
            say_lost(address)
            seconds = RECONNECT_S


@dataclass(frozen=True)
class _Killed:
    """Of a task that dask has given up, for so many workers died that had it; it may have stood behind another one."""

    n_dead: int


def connected(address: str, seconds: float, is_stopped: Callable[[], bool] = lambda: False) -> Client | None:
    """A client of the scheduler; None where somebody stopped the waiting for it.

    Raises:
        InputError: dask is not installed, or nobody answers in time.
    """
    try:
        from distributed import Client
    except ImportError:
        raise refuse("extra_cluster_missing", layer="--scheduler") from None
    until = time.monotonic() + seconds
    while not is_stopped():
        try:
            return Client(_address(address), timeout=f"{CONNECT_S:.0f}s", set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            if time.monotonic() >= until or isinstance(error, ValueError):
                raise refuse("sweep_no_scheduler", layer="--scheduler", address=address, seconds=seconds) from None
            time.sleep(1.0)
    return None


def check_scheduler(address: str) -> None:
    """Refuse a scheduler that does not answer, before anything is written.

    Raises:
        InputError: as `connected`.
    """
    client = connected(address, CONNECT_S)
    if client is not None:
        _close(client)


def _address(given: str) -> str:
    """The address itself, or that in the file which a scheduler writes.

    Raises:
        OSError: there is no such file, or nothing in it yet.
    """
    if not given.endswith(SCHEDULER_FILE_SUFFIX):
        return given
    try:
        return str(json.loads(Path(given).read_text(encoding="utf-8"))["address"])
    except (ValueError, LookupError, TypeError) as error:
        raise OSError(reason_of(error)) from None


def _ends(
    client: Client,
    work: Callable[[Any], Ended],
    left: Mapping[str, Any],
    is_stopped: Callable[[], bool],
    say_idle: Callable[[], None],
) -> Iterator[tuple[str, Any]]:
    """What becomes of the tasks, until all have ended, or the scheduler is gone; of those begun, once it is stopped."""
    from distributed import wait

    nonce = token_hex(4)  # a key that the scheduler knows from before would not be computed again
    names: dict[Future, str] = {
        client.submit(_begun, work, task, nonce, key=f"{name}-{nonce}", pure=False): name for name, task in left.items()
    }
    looks = 0
    while names:
        looks += 1
        if looks == LOOKS_FOR_WORKERS and not _n_threads(client):
            say_idle()
        if is_stopped():
            _stop(client, names, nonce)
        done: set[Future] = set()
        with client.as_current(), suppress(TimeoutError, CancelledError):
            done = wait(list(names), timeout=PATIENCE_S, return_when="FIRST_COMPLETED").done
        if any(future.cancelled() for future in names):
            return  # the scheduler went away, and knows nothing of them any more
        for future in done:
            name, told = names.pop(future), _told(future)
            if told is not None:
                yield name, told


_STOPPED: set[str] = set()
"""Of a worker: sweeps that are to stop here."""


def _begun(work: Callable[[Any], Ended], task: object, nonce: str) -> Ended | None:
    """Do a task on a worker, unless its sweep has stopped; then None."""
    if nonce in _STOPPED:
        return None
    with also_stopped_by(lambda: nonce in _STOPPED):
        return work(task)


def _ask_to_stop(nonce: str) -> None:
    """What every worker of a cluster is told beside its work."""
    _STOPPED.add(nonce)


def _stop(client: Client, names: dict[Future, str], nonce: str) -> None:
    """Ask workers to stop what they are at, and take back what none has; told again, for workers that came since."""
    with suppress(OSError, TimeoutError, RuntimeError):
        client.run(_ask_to_stop, nonce, on_error="ignore")
        with_workers = set(map(str, chain.from_iterable(client.processing().values())))
        waiting = [future for future in names if future.status == "pending" and str(future.key) not in with_workers]
        for future in waiting:
            del names[future]
        client.cancel(waiting)


def _n_threads(client: Client) -> int:
    """Of all workers; 1 where nobody answers, which is told elsewhere."""
    with suppress(OSError, TimeoutError, RuntimeError):
        return sum(client.nthreads().values())
    return 1


def _told(future: Future) -> Any:  # noqa: ANN401 - whatever the work returns
    """What a task returned."""
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        return _Killed(error.allowed_failures + 1)
    except Exception as error:  # of other code on the worker, most likely
        return Lost("", error=f"{type(error).__name__}: {error}")


def _close(client: Client) -> None:
    with suppress(OSError, RuntimeError, TimeoutError):
        client.close(timeout=2)

"""What surrounds every search that fills a run folder: its progress, its stop, its checkpoints, and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tqdm import tqdm

from app.runs.interruption import Interruption
from app.runs.names import RunStatus
from app.runs.phases import Phase, begin_phase
from app.runs.working_folder import WorkingFolder
from data.errors import InputError
from optimizers.algorithms.request import Budget
from optimizers.search.loop import Hooks


@contextmanager
def search_work(
    working: WorkingFolder,
    budget: Budget,
    checkpoint_seconds: float,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Hooks]:
    """Show and keep what a search does; whatever ends it is told in run.json.

    Args:
        working: its folder, locked; released at the end.
        budget: of the search.
        checkpoint_seconds: time between two states kept [s].
        is_stopped: whether somebody asked to stop before it began: what it begins with is measured and kept.

    Yields:
        What the search calls while it runs; its `stop` says whether it was stopped by hand.
    """
    rows: list[Mapping[str, float]] = []
    with Interruption() as interruption:

        def stop() -> bool:
            return interruption() or working.cancelled() or (bool(rows) and is_stopped())

        try:
            with given_up(working, lambda: stop() or is_stopped()), _progress_bar(budget) as show:

                def progress(row: Mapping[str, float]) -> None:
                    rows.append(row)
                    show(row)

                yield Hooks(
                    progress, stop, working.save, checkpoint_seconds, measuring=lambda: begin_phase(Phase.MEASURING)
                )
        finally:
            working.close()


@contextmanager
def given_up(working: WorkingFolder, is_stopped: Callable[[], bool]) -> Iterator[None]:
    """Tell in run.json what ends the block early, and give the folder back.

    Args:
        working: folder of the search.
        is_stopped: whether somebody asked to stop.

    Raises:
        KeyboardInterrupt: it was stopped before anything valid was found.
    """
    try:
        yield
    except BaseException as error:
        by_hand = isinstance(error, KeyboardInterrupt) or is_stopped()
        refused = isinstance(error, InputError)
        working.give_up(RunStatus.INTERRUPTED if by_hand else RunStatus.FAILED, by_defect=not (by_hand or refused))
        working.close()
        if by_hand and refused:
            raise KeyboardInterrupt from None
        raise


def was_stopped(hooks: Hooks) -> bool:
    """Whether a search is asked to stop."""
    return hooks.stop is not None and hooks.stop()


@contextmanager
def _progress_bar(budget: Budget) -> Iterator[Callable[[Mapping[str, float]], None]]:
    """A bar on a terminal; yields what shows a row of progress in it."""
    with tqdm(total=budget.evaluations, unit=" plans", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def show(row: Mapping[str, float]) -> None:
            bar.n = int(row["evaluations"])
            bar.set_postfix(hypervolume=f"{row['hypervolume']:.4f}", front=row["front_size"], refresh=False)
            bar.refresh()

        yield show

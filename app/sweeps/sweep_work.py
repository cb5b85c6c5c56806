"""A sweep at work: runs that are not done yet go to workers, failures are kept, and at the end stands the table."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from app.files.atomic import new_folder
from app.runs.interruption import Interruption
from app.sweeps.cluster_workers import by_cluster, check_scheduler
from app.sweeps.local_workers import Lost, by_local_workers, with_one_thread
from app.sweeps.one_run import Assignment, RunEnd, RunEnding, carry_out, sweep_token
from app.sweeps.planned_runs import SEED
from app.sweeps.sweep_file import SweepFile
from app.sweeps.sweep_folder import forget_failure, is_done, keep_failure, note, write_sweep_list
from app.sweeps.sweep_report import SweepReport
from app.sweeps.sweep_table import write_tables
from app.sweeps.swept_run import SweptRun
from data.catalogue import Told, message, text, told
from data.errors import printable

BUSY_S = 2.0
"""Between two looks at runs that somebody else is at [s]."""
LONGEST_ERROR = 200


@dataclass(frozen=True)
class SweepOptions:
    """How a sweep is carried out.

    Attributes:
        workers: processes on this machine; 1 = this process itself.
        scheduler: address of a scheduler of dask; None = this machine.
        language: of what is said, and of the pictures of runs.
        checkpoint_seconds: between two states kept [s].
    """

    workers: int
    scheduler: str | None
    language: str
    checkpoint_seconds: float


def carry_out_sweep(out: Path, sweep: SweepFile, runs: Sequence[SweptRun], options: SweepOptions) -> SweepReport:
    """Do every run of a sweep that is not done, and write its table.

    Args:
        out: its folder; one that holds runs of it already is gone on with.
        sweep: as it was read.
        runs: of the sweep.
        options: how.

    Raises:
        InputError: the folder cannot be written, or no scheduler answers.
    """
    began, distinct = time.perf_counter(), {run.run_id: run for run in _scenarios_apart(runs)}
    if options.scheduler is not None:
        check_scheduler(options.scheduler)
    write_sweep_list(out, sweep, runs)
    out = out.resolve()
    assignment = Assignment(str(out), sweep_token(out), options.language, options.checkpoint_seconds)
    left = {name: run for name, run in distinct.items() if not is_done(out, name)}
    report = SweepReport(len(distinct), n_present=len(distinct) - len(left))
    with Interruption() as interruption, _progress(len(distinct), report, options) as show:
        while left and not (interruption() or report.interrupted):
            again = {}
            for end in _ends(partial(carry_out, assignment), left, options, interruption, report):
                if end.ending in (RunEnding.BUSY, RunEnding.INTERRUPTED):
                    again[end.run_id] = left[end.run_id]
                else:
                    _count(out, report, end)
                    show(left[end.run_id], end)
            report.interrupted |= interruption()
            left = again
            if left and not report.interrupted:
                time.sleep(BUSY_S)
    write_tables(out)
    report.seconds = time.perf_counter() - began
    return report


def _scenarios_apart(runs: Sequence[SweptRun]) -> list[SweptRun]:
    """Runs in the order in which they are begun: seed after seed, so that workers do not search the same anchors."""
    seeds = list(dict.fromkeys(run.factors[SEED] for run in runs))
    return sorted(runs, key=lambda run: seeds.index(run.factors[SEED]))


def _ends(
    work: Callable[[Any], RunEnd],
    left: Mapping[str, SweptRun],
    options: SweepOptions,
    is_stopped: Callable[[], bool],
    report: SweepReport,
) -> Iterator[RunEnd]:
    """How each of some runs ends."""
    if options.scheduler is not None:
        ends = by_cluster(
            work,
            left,
            options.scheduler,
            is_stopped,
            partial(_say, "sweep_scheduler_lost", options.language),
            partial(_say, "sweep_no_workers", options.language),
        )
    elif options.workers > 1:
        with_one_thread()
        ends = by_local_workers(work, left, options.workers, is_stopped)
    else:
        yield from _here(work, left, report)
        return
    for end in ends:
        if isinstance(end, Lost):
            error = printable(end.error, LONGEST_ERROR)
            why = message("sweep_run_defect", defect=error) if error else message("sweep_run_lost", n=end.n)
            yield RunEnd(end.name, RunEnding.FAILED, reason=told(why.text))
        else:
            yield end


def _here(work: Callable[[Any], RunEnd], left: Mapping[str, SweptRun], report: SweepReport) -> Iterator[RunEnd]:
    """Runs in this process, one after the other; whoever stops one stops the sweep."""
    for run in left.values():
        end = work(run)
        yield end
        if end.ending is RunEnding.INTERRUPTED:
            report.interrupted = True
            return


def _count(out: Path, report: SweepReport, end: RunEnd) -> None:
    """Take note of how a run ended; what another machine sent is written down."""
    if end.files is not None and not is_done(out, end.run_id):
        with new_folder(out / end.run_id) as draft:
            for name, content in end.files.items():
                (draft / Path(name).name).write_bytes(content)
        note(out, end.run_id, "received")
    if end.ending is RunEnding.FAILED:
        report.failed[end.run_id] = end.reason or Told("", "")
        keep_failure(out, end.run_id, report.failed[end.run_id])
        return
    forget_failure(out, end.run_id)
    report.worker_seconds += end.seconds
    if end.ending is RunEnding.DONE:
        report.n_done += 1
    else:
        report.n_present += 1


@contextlib.contextmanager
def _progress(n_runs: int, report: SweepReport, options: SweepOptions) -> Iterator[Callable[[SweptRun, RunEnd], None]]:
    """A bar on a terminal, a line a run elsewhere; yields what shows how a run ended."""
    is_terminal, language = sys.stderr.isatty(), options.language
    with tqdm(total=n_runs, initial=report.n_present, unit=" runs", disable=not is_terminal, file=sys.stderr) as bar:

        def show(run: SweptRun, end: RunEnd) -> None:
            if is_terminal:
                bar.update()
                bar.set_postfix(failed=len(report.failed))
                return
            done = report.n_present + report.n_done + len(report.failed)
            levels = ", ".join(f"{name} {level}" for name, level in run.factors.items())
            said = _ending_text(end, language)
            print(f"[{done}/{n_runs}] {run.run_id} {levels}: {said}", file=sys.stderr, flush=True)

        yield show


def _ending_text(end: RunEnd, language: str) -> str:
    if end.ending is RunEnding.DONE:
        return text("sweep_ending_done", language, seconds=end.seconds)
    if end.ending is RunEnding.PRESENT:
        return text("sweep_ending_present", language)
    reason = "" if end.reason is None else end.reason.text(language)
    return text("sweep_ending_failed", language, seconds=end.seconds, reason=reason)


def _say(key: str, language: str, address: str) -> None:
    print(text(key, language, address=address), file=sys.stderr, flush=True)

"""The folder that `renewal stress` writes: spreads, chances, ranks, fans, and what they are."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.runs.about_tables import about_tables
from app.stress.stress_of_run import Stress, chances_frame, fan_frame, ranks_frame, spread_frame
from data.catalogue import text
from envs.futures.spread import TAIL
from envs.futures.worlds import uncertain_keys
from envs.kernel.futures.market_paths import market_model


def write_stress(out: Path, stress: Stress, *, city: str, run: str) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        stress: plans in futures.
        city: name or path as it was given.
        run: name of the run's folder.

    Raises:
        InputError: the folder cannot be written.
    """
    frames = {
        "spread": spread_frame(stress),
        "chances": chances_frame(stress),
        "ranks": ranks_frame(stress),
        "fan": fan_frame(stress),
    }
    resolved = stress.resolved
    said = about_tables(
        "stress", resolved, city, command="stress", more_digests={"futures": resolved.book.futures_digest}
    )
    with new_folder(out) as draft:
        for name, frame in frames.items():
            without_formulas(frame).to_csv(draft / f"{name}.csv", index=False)
        about = {
            "note": text("stress_note_worlds" if stress.stressed.n_worlds else "stress_note", "en"),
            "run": run,
            "plan_ids": list(stress.plan_ids),
            "seed": stress.stressed.seed,
            "n_futures": stress.stressed.n_futures,
            "n_worlds": stress.stressed.n_worlds,
            "n_worlds_refused": stress.stressed.n_refused,
            "parameters_in_worlds": list(uncertain_keys(resolved.book)) if stress.stressed.n_worlds else [],
            "n_futures_in_fans": stress.stressed.flows_cny.shape[1],
            "tail_share": TAIL,
            "markets": asdict(market_model(resolved.book)),
        }
        write_json(draft / "about.json", said | about)

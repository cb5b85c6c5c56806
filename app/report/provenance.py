"""What every export says of itself: screening, what is synthetic, what is an estimate."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app.record.printed import record_head, record_lines
from app.runs.run_folder import Run
from app.words.fill_words import filled_counts
from data.catalogue import text
from data.city import Fill
from envs.kernel import ResolvedScenario


def synthetic_layers(resolved: ResolvedScenario) -> str:
    """Layers and columns that are synthetic, in one cell."""
    return "; ".join(sorted(resolved.city.synthetic))


def notes_frame(run: Run, plan_id: str) -> pd.DataFrame:
    """Topic and note, one row each: where the numbers come from and how far to trust them."""
    resolved, record = run.resolved, run.record
    estimates = resolved.book.estimates
    rows = [
        ("use", text("screening", "en")),
        ("use", text("screening", "zh")),
        ("city", resolved.city.name),
        ("scenario", resolved.scenario.name),
        ("plan", plan_id),
        ("run", f"{record.command} {record.algorithm} seed {record.seed}, {record.status}"),
        *((f"digest of {name}", digest) for name, digest in record.digests.pairs()),
        *(("record", line) for line in record_lines(run, plan_id, "en")),
        *((f"synthetic: {layer}", note) for layer, note in sorted(resolved.city.synthetic.items())),
        *(("filled in", _filled(fill)) for fill in resolved.city.fills),
        *(("repair", str(line)) for line in resolved.city.repairs),
        ("estimates", f"{len(estimates)} of {len(resolved.book.facts)} parameters are estimates or modeling choices"),
        *(("estimate", key) for key in estimates),
        *(("changed parameter", key) for key in sorted(resolved.book.changed)),
    ]
    return pd.DataFrame(rows, columns=["topic", "note"])


def _filled(fill: Fill) -> str:
    """What an import filled in, with its letter of confidence."""
    return f"{fill.layer}.{fill.column}: {fill.n_filled} of {fill.n_rows} ({fill.letter})"


def summary_record(run: Run, plan_id: str) -> dict[str, Any]:
    """The same for JSON."""
    resolved = run.resolved
    return {
        "note": text("screening", "en"),
        "city": resolved.city.name,
        "scenario": resolved.scenario.name,
        "plan_id": plan_id,
        "digests": dict(run.record.digests.pairs()),
        "record": list(record_lines(run, plan_id, "en")),
        "record_head": record_head(run),
        "synthetic": resolved.city.synthetic,
        "filled_values": filled_counts(resolved.city),
        "estimated_parameters": list(resolved.book.estimates),
        "changed_parameters": sorted(resolved.book.changed),
    }

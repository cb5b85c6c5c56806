"""The table of what bargaining brings as people read it: every option, and the likeliest of each village."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.runs.about_tables import about_tables
from app.words.console import COLUMNS, filled, percent_text, table_text, value_text
from data.arrays import FloatArray, IntArray
from data.catalogue import text
from data.scenario import INTENSITIES, LAND_USES
from envs.kernel import ResolvedScenario
from envs.kernel.agreements import Agreements
from envs.people.bargaining.prospects import N_DRAWS
from envs.people.bargaining.table import GAINERS, TABLE_SEED, middle_year

LIKELY = 0.5
"""Probability from which on an option is likelier agreed on than not."""


def write_agreements(out: Path, resolved: ResolvedScenario, *, city: str) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        resolved: with its table.
        city: name or path as it was given.

    Raises:
        InputError: the folder cannot be written.
    """
    with new_folder(out) as draft:
        options_frame(resolved).to_parquet(draft / "options.parquet", index=False)
        without_formulas(villages_frame(resolved)).to_csv(draft / "villages.csv", index=False)
        write_json(draft / "about.json", _about(resolved, city))


def options_frame(resolved: ResolvedScenario) -> pd.DataFrame:
    """A row for each legal option of each village."""
    village, option = np.nonzero(_table(resolved).legal)
    return pd.DataFrame(_where(resolved, village) | _brought(_table(resolved), village, option))


def villages_frame(resolved: ResolvedScenario) -> pd.DataFrame:
    """A row for each village with a legal option: how many are likely agreed on, and the likeliest."""
    table = _table(resolved)
    village = np.flatnonzero(table.legal.any(axis=1))
    likely = table.legal & (table.probability >= LIKELY)
    counts = {"n_options": table.legal.sum(axis=1)[village], "n_likely": likely.sum(axis=1)[village]}
    option = likeliest_options(table)[village]
    return pd.DataFrame(_where(resolved, village) | counts | _brought(table, village, option))


def likeliest_options(table: Agreements) -> IntArray:
    """The legal option of each village that is likeliest agreed on, of equals that of the largest gain of all three.

    Shape (n_villages,); 0 where none is legal.
    """
    gain = np.nan_to_num(np.asarray(table.gain_cny_per_m2)).sum(axis=0)
    chance = np.where(table.legal, table.probability, -1.0)
    first = chance >= chance.max(axis=1, keepdims=True)
    return np.argmax(np.where(first & table.legal, gain, -np.inf), axis=1)


def agreements_text(resolved: ResolvedScenario, out: Path | None, language: str) -> str:
    """How many villages have an option that is likely agreed on, and what of each intensity is."""
    table, villages = _table(resolved), villages_frame(resolved)
    summary = text(
        "agreements_summary",
        language,
        n=int((villages["n_likely"] > 0).sum()),
        of=len(villages),
        year=middle_year(resolved.scenario.plan_years),
        draws=N_DRAWS,
    )
    rows = []
    for intensity, name in enumerate(INTENSITIES):
        of_it = table.legal & (table.intensity == intensity)[None, :]
        if of_it.any():
            agreed = of_it & (table.probability > 0.0)
            cells = [percent_text(float(table.probability[of_it].mean()))]
            cells += [percent_text(float((table.probability >= LIKELY)[of_it].mean()))]
            cells += [value_text(_mean(table.multiplier, agreed), "x", language)]
            cells += [value_text(_mean(table.delay_yr, agreed), "yr", language)]
            rows.append((text(f"word_{name}", language), *cells))
    header = [text(f"agreements_{name}", language) for name in ("intensity", "probability", "likely")]
    header += [text(f"agreements_{name}", language) for name in ("multiplier", "delay")]
    parts = [*([] if out is None else [str(out)]), _filled(summary), table_text(header, rows)]
    return "\n\n".join([*parts, _filled(text("bargain_note", language))])


def _filled(said: str) -> str:
    return "\n".join(filled(said, COLUMNS))


def _mean(values: FloatArray, agreed: np.ndarray[Any, np.dtype[np.bool_]]) -> float | None:
    known = values[agreed & ~np.isnan(values)]
    return float(known.mean()) if known.size else None


def _table(resolved: ResolvedScenario) -> Agreements:
    assert resolved.agreements is not None
    return resolved.agreements


def _where(resolved: ResolvedScenario, village: IntArray) -> dict[str, Any]:
    city = resolved.city
    district = np.array(city.districts)[city.villages.district_idx[village]]
    return {"village_id": city.villages.village_id[village], "district": district}


def _brought(table: Agreements, village: IntArray, option: IntArray) -> dict[str, Any]:
    words = {
        "intensity": np.array([name.value for name in INTENSITIES])[table.intensity[option]],
        "land_use": np.array([name.value for name in LAND_USES])[table.land_use[option]],
    }
    chance = table.probability[village, option]
    gains = {
        f"expected_{party}_cny_per_m2": table.gain_cny_per_m2[k][village, option] for k, party in enumerate(GAINERS)
    }
    return words | {
        "floor_area_ratio": table.floor_area_ratio[village, option],
        "facility_ratio": table.facility_ratio[option],
        "probability": chance,
        "expected_multiplier": table.multiplier[village, option],
        "expected_onsite_share": table.onsite_share[village, option],
        "expected_delay_yr": np.where(chance > 0.0, table.delay_yr[village, option], np.nan),
        **gains,
    }


def _about(resolved: ResolvedScenario, city: str) -> dict[str, Any]:
    digests = {"bargaining": resolved.book.bargaining_digest}
    said = about_tables("agreements", resolved, city, command="scenario bargaining", more_digests=digests)
    return said | {
        "note": text("bargain_note", "en"),
        "seed": TABLE_SEED,
        "n_draws": N_DRAWS,
        "start_year": middle_year(resolved.scenario.plan_years),
    }

"""Tables of robust reasons: villages, good plans, samples of parameters; what columns mean is in the dictionary."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from app.robust.robust_text import is_given, village_sentence
from app.robust.robust_villages import NEAR, PARAMETERS, SOURCES, RobustVillages
from data.arrays import FloatArray, IntArray
from data.scenario import INTENSITIES, LAND_USES


def villages_frame(found: RobustVillages) -> pd.DataFrame:
    """A row for each village, those in most good plans first, with a sentence in each language."""
    city, shares = found.resolved.city, found.shares
    nothing = np.full(city.n_villages, np.nan)
    columns: dict[str, Any] = {
        "village_id": [str(name) for name in city.villages.village_id],
        "district": np.array(city.districts)[city.villages.district_idx],
        "given": is_given(found),
        "standing": [str(each) for each in shares.standing],
        "no_regret": shares.no_regret,
        "share": shares.share,
        "standard_error": shares.error,
        **{f"share_{name}": shares.by_source.get(name, nothing) for name in SOURCES},
        **{f"standard_error_{name}": shares.error_by_source.get(name, nothing) for name in (NEAR, PARAMETERS)},
        "by_year": shares.by_year,
        "share_by_year": shares.share_by_year,
        "intensity": use_words(shares.use, INTENSITIES, len(LAND_USES)),
        "land_use": use_words(shares.use, LAND_USES, 1),
        "use_share": shares.use_share,
    }
    for language in ("en", "zh"):
        columns[f"sentence_{language}"] = [village_sentence(found, k, language) for k in range(city.n_villages)]
    frame = pd.DataFrame(columns)
    return frame.sort_values("share", ascending=False, kind="stable").reset_index(drop=True)


def plans_frame(found: RobustVillages) -> pd.DataFrame:
    """A row for each good plan."""
    parts = []
    for name, good in found.sources.items():
        parts.append(
            pd.DataFrame(
                {
                    "source": name,
                    "draw": good.draw,
                    "preference": found.preference_of[name],
                    "renewed_villages": (good.start_year > 0).sum(axis=1),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    frame.insert(0, "plan", np.arange(1, len(frame) + 1))
    return frame


def samples_frame(found: RobustVillages) -> pd.DataFrame:
    """A row for each parameter of each sample."""
    rows = [
        {"sample": s.number, "parameter": key, "value": value, "left_out": s.left_out}
        for s in found.samples
        for key, value in s.parameters.items()
    ]
    return pd.DataFrame(rows, columns=["sample", "parameter", "value", "left_out"])


def use_words(use: IntArray | FloatArray, words: tuple[Any, ...], per_word: int) -> list[str]:
    """Way or land use of numbered uses; empty where there is none."""
    return [str(words[(each // per_word) % len(words)]) if each >= 0 else "" for each in use.tolist()]

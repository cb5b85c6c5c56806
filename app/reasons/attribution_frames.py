"""Tables of the attribution: outcomes, shares by village, quantity and choice, sums, removals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from app.reasons.explained import Explained
from data.arrays import FloatArray, IntArray, TextArray
from data.scenario import INTENSITIES, LAND_USES
from envs.kernel.indicators.registry import INDICATORS
from envs.reasons.attribution import Shares
from envs.reasons.terms import TERM_OF, by_term
from envs.reasons.trust import WAYS, Removal


def outcomes_frame(explained: Explained) -> pd.DataFrame:
    """A row for each outcome: what it changes by, what the shares come to, how far they settled."""
    return pd.DataFrame(
        {
            "outcome": name,
            "unit": INDICATORS[name].unit,
            "before": shares.before,
            "after": shares.after,
            "change": shares.after - shares.before,
            "sum_of_shares": float(shares.by_village.sum()),
            "residue": shares.residue,
            "sum_of_sizes": float(np.abs(shares.by_village).sum()),
            "n_panels": shares.n_panels,
            "moved": shares.moved,
        }
        for name, shares in explained.shares.items()
    )


def attribution_frame(explained: Explained) -> pd.DataFrame:
    """A row for each renewed village and outcome: its share, and what the plan loses without it."""
    villages = renewed(explained)
    told, exact = explained.losses, explained.shapley or {}
    frames = []
    for name, shares in explained.shares.items():
        share = shares.by_village
        order = np.argsort(np.argsort(-np.abs(share[villages]), kind="stable"), kind="stable") + 1
        frames.append(
            pd.DataFrame(
                {
                    **_of_villages(explained, villages),
                    "outcome": name,
                    "share": share[villages],
                    "of_all": share_of_sizes(shares)[villages],
                    "rank": order,
                    "foretold_loss": told[name][villages] if name in told else np.nan,
                    "shapley": exact[name][villages] if name in exact else np.nan,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def quantities_frame(explained: Explained) -> pd.DataFrame:
    """A row for each renewed village, outcome and quantity that enters it."""
    villages = renewed(explained)
    ids = explained.resolved.city.villages.village_id[villages]
    frames = [
        pd.DataFrame(
            {
                "village_id": ids,
                "outcome": name,
                "term": TERM_OF[quantity],
                "quantity": quantity,
                "share": share[villages],
            }
        )
        for name, shares in explained.shares.items()
        for quantity, share in shares.by_quantity.items()
    ]
    return pd.concat(frames, ignore_index=True)


def choices_frame(explained: Explained) -> pd.DataFrame:
    """A row for each renewed village, objective and choice."""
    villages = renewed(explained)
    ids = explained.resolved.city.villages.village_id[villages]
    frames = [
        pd.DataFrame({"village_id": ids, "outcome": name, "choice": choice, "share": shares.by_village[villages]})
        for name, by_choice in explained.choices.items()
        for choice, shares in by_choice.items()
    ]
    return pd.concat(frames, ignore_index=True)


def sums_frame(explained: Explained) -> pd.DataFrame:
    """A row for each outcome and part: shares summed by district, start year, way, land use, term and choice."""
    return pd.DataFrame(
        {"outcome": name, "by": by, "part": part, "n_villages": n, "share": share}
        for name, shares in explained.shares.items()
        for by, part, n, share in _sums(explained, name, shares)
    )


def removals_frame(explained: Explained) -> pd.DataFrame:
    """A row for each objective and set of villages that was taken out: the loss, and what foretold it."""
    return pd.DataFrame(list(_removals(explained)))


def renewed(explained: Explained) -> IntArray:
    """Positions of the renewed villages."""
    return np.flatnonzero(explained.plan.start_year[0] > 0)


def share_of_sizes(shares: Shares) -> FloatArray:
    """Share of each village over the sum of all shares' sizes, signed; 0 where nothing changes. (n_villages,)."""
    share = shares.by_village
    size = float(np.abs(share).sum())
    return np.asarray(share / size if size else np.zeros_like(share))


def parts(explained: Explained) -> dict[str, TextArray]:
    """How villages are divided: division -> part of each village, shape (n_villages,)."""
    plan, city = explained.plan, explained.resolved.city
    return {
        "district": np.array(city.districts)[city.villages.district_idx],
        "start_year": plan.start_year[0].astype(str),
        "intensity": np.array([str(word) for word in INTENSITIES])[plan.intensity[0]],
        "land_use": np.where(
            plan.floor_area_ratio[0] > 0.0, np.array([str(word) for word in LAND_USES])[plan.land_use[0]], ""
        ),
    }


def sums_by(explained: Explained, shares: Shares, division: str) -> list[tuple[str, int, float]]:
    """Part, its number of renewed villages and the sum of their shares, in the order of districts or words."""
    part, villages, share = parts(explained)[division], renewed(explained), shares.by_village
    names = dict.fromkeys(_order(explained, division)) | dict.fromkeys(part[villages].tolist())
    return [
        (name, int((part[villages] == name).sum()), float(share[villages][part[villages] == name].sum()))
        for name in names
        if (part[villages] == name).any()
    ]


def _order(explained: Explained, division: str) -> list[str]:
    if division == "district":
        return list(explained.resolved.city.districts)
    if division == "start_year":
        return [str(year) for year in range(1, explained.resolved.scenario.plan_years + 1)]
    return [str(word) for word in (INTENSITIES if division == "intensity" else LAND_USES)]


def _sums(explained: Explained, name: str, shares: Shares) -> Iterator[tuple[str, str, int, float]]:
    for division in parts(explained):
        for part, n, share in sums_by(explained, shares, division):
            yield division, part, n, share
    n_villages = renewed(explained).size
    for term, of_term in by_term(shares).items():
        yield "term", term, n_villages, float(of_term.sum())
    for choice, of_choice in explained.choices.get(name, {}).items():
        yield "choice", choice, n_villages, float(of_choice.by_village.sum())


def _removals(explained: Explained) -> Iterator[dict[str, Any]]:
    trust = explained.trust
    for name in trust.shares:
        for removal in trust.single:
            yield _removal(explained, name, "single", removal) | {"interaction": 0.0}
        yield _removal(explained, name, "shown", trust.together[name])
        for pair in trust.pairs[name]:
            yield _removal(explained, name, "pair", pair) | {"interaction": trust.interaction(name, pair)}


def _removal(explained: Explained, name: str, kind: str, removal: Removal) -> dict[str, Any]:
    ids = explained.resolved.city.villages.village_id
    told = {f"foretold_by_{way}": float(explained.trust.told[way][name][list(removal.villages)].sum()) for way in WAYS}
    return {
        "outcome": name,
        "removed": kind,
        "n_villages": len(removal.villages),
        "village_ids": " ".join(str(ids[village]) for village in removal.villages),
        "loss": removal.loss[name],
        **told,
        "interaction": np.nan,
    }


def _of_villages(explained: Explained, villages: IntArray) -> dict[str, Any]:
    division = parts(explained)
    return {
        "village_id": explained.resolved.city.villages.village_id[villages],
        "district": division["district"][villages],
        "start_year": explained.plan.start_year[0][villages],
        "intensity": division["intensity"][villages],
        "land_use": division["land_use"][villages],
    }

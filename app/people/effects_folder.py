"""The folder that `renewal people effects` writes: gains and losses by part, flows of movers, and what all of it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.files.atomic import new_folder, write_json
from app.people.effects_of_plan import PlanEffects, estimates_behind
from app.runs.about_tables import about_tables
from data.catalogue import text
from data.city import City
from data.dictionary import TABLES
from envs.people.effects.changes import TERMS
from envs.people.effects.effects import Effects
from envs.people.effects.parts import Parts


def write_effects(out: Path, shown: PlanEffects, *, city: str, run: str, draw: str | None) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        shown: effects of a plan.
        city: name or path as it was given.
        run: name of the run's folder.
        draw: name of the folder of the draw that was read; None = drawn for this.

    Raises:
        InputError: the folder cannot be written.
    """
    frames = {"effects": effects_frame(shown.effects), "flows": flows_frame(shown.effects, shown.model.city)}
    with new_folder(out) as draft:
        for name in TABLES["effects"]:
            frames[name].to_csv(draft / f"{name}.csv", index=False)
        write_json(draft / "about.json", _about(shown, city, run, draw))


def parts_by_name(effects: Effects) -> dict[str, Parts]:
    """Every division of the people, by the name that effects.csv gives it."""
    return {
        "villages": effects.residents,
        "city": effects.city,
        "group": effects.kinds,
        "fate": effects.fates,
        "district": effects.districts,
        "income_tenth": effects.tenths,
        "village": effects.villages,
    }


def effects_frame(effects: Effects) -> pd.DataFrame:
    """A row for each part of the people that has somebody."""
    frames = [_parts_frame(division, parts) for division, parts in parts_by_name(effects).items()]
    return pd.concat(frames, ignore_index=True)


def _parts_frame(division: str, parts: Parts) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "division": division,
        "part": parts.names,
        "persons": parts.persons,
        "winners_share": parts.winners_share,
        "losers_share": parts.losers_share,
        "mean_cny_per_yr": parts.mean_cny_per_yr,
        "median_cny_per_yr": parts.median_cny_per_yr,
        "worst_tenth_cny_per_yr": parts.worst_tenth_cny_per_yr,
        "care_mean_cny_per_yr": parts.care_cny_per_yr(),
        "mean_care_weight": 1.0 + parts.care_excess,
        "average_hides_loss": parts.hides_loss,
    }
    columns |= {f"{term}_cny_per_yr": parts.terms_cny_per_yr[k] for k, term in enumerate(TERMS)}
    for name in (
        "income_cny_per_month",
        "minutes_before",
        "minutes_after",
        "met_share_before",
        "met_share_after",
        "moved_km",
        "away_yr",
        "offer_worth_cny",
        "home_worth_cny",
        "rent_before_cny_per_month",
        "rent_after_cny_per_month",
        "rent_burden_before",
        "rent_burden_after",
    ):
        columns[name] = getattr(parts, name.replace("met_share", "met"))
    frame = pd.DataFrame(columns)
    return frame[frame["persons"] > 0.0]


def flows_frame(effects: Effects, city: City) -> pd.DataFrame:
    """A row for each village and zone between which somebody moved."""
    flows, villages, zones = effects.flows, city.villages, city.zones
    districts = np.array(city.districts)
    return pd.DataFrame(
        {
            "village_id": villages.village_id[flows.village_idx],
            "village_district": districts[villages.district_idx[flows.village_idx]],
            "zone_id": zones.zone_id[flows.zone_idx],
            "zone_district": districts[zones.district_idx[flows.zone_idx]],
            "registered_persons": flows.registered,
            "tenant_persons": flows.tenants,
        }
    )


def _about(shown: PlanEffects, city: str, run: str, draw: str | None) -> dict[str, Any]:
    """Of what these are the effects, and what each column means."""
    resolved, effects = shown.model.resolved, shown.effects
    said = about_tables(
        "effects", resolved, city, command="people effects", more_digests={"residents": resolved.book.residents_digest}
    )
    return said | {
        "synthetic": text("people_synthetic", "en"),
        "model": text("effects_note", "en"),
        "run": run,
        "plan_id": shown.plan_id,
        "year": effects.year,
        "seed": effects.seed,
        "draw": draw,
        "n_households_drawn": effects.n_households,
        "gini_before": effects.gini_before,
        "gini_after": effects.gini_after,
        "worst_off_persons": dict(zip(effects.fates.names, effects.worst_off_persons.tolist(), strict=True)),
        "by_types": effects.by_types,
        "estimates": {key: resolved.book[key].label_en for key in estimates_behind(resolved.book)[0]},
    }

"""Tables of a bargained plan: projects, offers, packages and terms; what their columns mean is in the dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from agents.stakeholders.dialogue import dialogue, pool_dialogue
from agents.stakeholders.stands import stands_of_pool
from agents.stakeholders.wording import pool_package_words
from app.bargaining.bargained_plan import BargainedPlan, PooledBargain
from app.bargaining.ways import before_and_after, sums_of
from data.arrays import FloatArray, IntArray
from data.catalogue import LANGUAGES
from data.dictionary import table_columns
from data.scenario import INTENSITIES, LAND_USES
from envs.kernel import evaluate
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import concatenate
from envs.people.bargaining.negotiation import Negotiation
from envs.people.bargaining.parties import PARTIES, VILLAGERS
from envs.people.bargaining.pooling import SHARED
from envs.people.bargaining.protocol import NOBODY, acceptable

SHOWN_BESIDE_OBJECTIVES = ("government_npv_cny", "developer_npv_cny", "displaced_tenants_share", "social_tie_share")


def projects_frame(bargained: BargainedPlan) -> pd.DataFrame:
    """A row for each village that bargained."""
    negotiation, projects = bargained.negotiation, bargained.projects
    result, city = negotiation.result, bargained.resolved.city
    project = np.arange(len(projects.village_idx))
    blocked = np.flatnonzero(result.blocker != NOBODY).tolist()
    columns: dict[str, Any] = {
        "village_id": projects.village_ids,
        "district": np.array(city.districts)[city.villages.district_idx[projects.village_idx]],
        "intensity": _words(INTENSITIES, projects.packages.plans.intensity[0, projects.village_idx]),
        "agreed": result.agreed,
        "has_left": bargained.has_left,
        "blocker": [PARTIES[party] if party != NOBODY else "" for party in result.blocker.tolist()],
        "blocking_term": "",
        "n_concessions": result.n_concessions,
        "delay_yr": result.delay_yr,
        **package_columns(negotiation, project, result.package),
        "plan_acceptable": negotiation.plan_acceptable,
        "least_multiplier": projects.multiplier[:, 0],
        "largest_product_package": negotiation.largest_product,
        "take_it_or_leave_it_package": negotiation.take_it_or_leave_it,
        "take_it_or_leave_it_multiplier": _at(projects.multiplier, negotiation.take_it_or_leave_it),
    }
    frame = pd.DataFrame(columns | _chances(bargained))
    frame.loc[blocked, "blocking_term"] = [negotiation.blocking_term(k) for k in blocked]
    return frame


def offers_frame(bargained: BargainedPlan) -> pd.DataFrame:
    """A row for everything that is said, project by project, with each party's opinion in both languages."""
    return pd.concat(list(_dialogues(bargained.negotiation)), ignore_index=True)


def packages_frame(bargained: BargainedPlan) -> pd.DataFrame:
    """A row for each legal package of each project."""
    negotiation, stakes = bargained.negotiation, bargained.projects.stakes
    project, package = np.nonzero(stakes.legal)
    can = acceptable(negotiation.utility, veto=stakes.veto, legal=stakes.legal)
    names = np.array(bargained.projects.village_ids)[project]
    columns = package_columns(negotiation, project, package)
    return pd.DataFrame({"village_id": names, **columns, "acceptable": can[project, package]})


def terms_frame(bargained: BargainedPlan) -> pd.DataFrame:
    """A row for each project, party and term: by the plan as it is, and by what was agreed, or came nearest to it."""
    negotiation, ids = bargained.negotiation, bargained.projects.village_ids
    frames = [
        pd.DataFrame(
            {
                "village_id": ids,
                "party": party,
                "term": name,
                "plan_cny_per_m2": term[:, 0],
                "agreed_cny_per_m2": _at(term, negotiation.result.package),
            }
        )
        for party, terms in negotiation.terms.items()
        for name, term in terms.items()
    ]
    return pd.concat(frames).sort_values("village_id", kind="stable", ignore_index=True)


def rounds_frame(bargained: BargainedPlan) -> pd.DataFrame:
    """A row for the plan as it was and for each round: agreements, changes, gains, indicators of the plan agreed on."""
    plans = concatenate([bargained.plan, *(each.plan for each in bargained.rounds)])
    names = list(dict.fromkeys([*bargained.resolved.scenario.objectives, *SHOWN_BESIDE_OBJECTIVES]))
    outcomes = evaluate(bargained.resolved, plans, indicators=names)
    columns: dict[str, Any] = {
        "round": np.arange(plans.n_plans),
        "n_agreed": [len(bargained.projects.village_idx), *(each.n_agreed for each in bargained.rounds)],
        "n_changed": [0, *(each.n_changed for each in bargained.rounds)],
    }
    gains_cny = [sums_of(bargained, before_and_after(bargained)[0]).gains_cny]
    gains_cny += [each.gains_cny for each in bargained.rounds]
    columns |= {f"{party}_cny": [gains[k] for gains in gains_cny] for k, party in enumerate(PARTIES)}
    return pd.DataFrame(columns | {name: np.asarray(outcomes[name]) for name in names})


def city_values(bargained: BargainedPlan) -> dict[str, tuple[float, float]]:
    """Indicator -> its value of the plan as it was, and of the plan agreed on; objectives and a few more."""
    table = rounds_frame(bargained)
    names = [str(name) for name in table.columns if name in INDICATORS]
    return {name: (float(table[name].iloc[0]), float(table[name].iloc[-1])) for name in names}


def pools_frame(bargained: BargainedPlan, pooled: PooledBargain) -> pd.DataFrame:
    """A row for each village in its pool."""
    negotiation, result, pools = bargained.negotiation, pooled.result, pooled.pools
    project = np.arange(len(pools.package))
    size = pools.members.shape[1]
    blocker = pools.by_project(result.blocker)
    of_villagers = (blocker != NOBODY) & (blocker < size)
    names = np.array([*[VILLAGERS] * size, *SHARED, ""])  # the last stands for NOBODY
    pool = pools.by_project(np.arange(len(pools.members)))
    stopped_by = pools.members[pool, np.where(of_villagers, blocker, 0)]
    share, error = pooled.probability
    return pd.DataFrame(
        {
            "village_id": bargained.projects.village_ids,
            "pool": pool,
            "agreed": pooled.agreed,
            "blocker": names[blocker],
            "blocking_village": np.where(of_villagers, np.array(bargained.projects.village_ids)[stopped_by], ""),
            "delay_yr": pools.by_project(result.delay_yr),
            **package_columns(negotiation, project, pooled.package),
            "probability": pools.by_project(share),
            "probability_se": pools.by_project(error),
        }
    ).sort_values("pool", kind="stable", ignore_index=True)


def pool_offers_frame(bargained: BargainedPlan, pooled: PooledBargain) -> pd.DataFrame:
    """A row for each party and everything that is said at the table of a pool of several villages."""
    negotiation, pools = bargained.negotiation, pooled.pools
    rows = [
        {
            "pool": pool,
            "round": statement.round,
            "act": statement.act.value,
            "speaker": statement.speaker,
            "speaker_village_id": statement.village_id,
            **{
                f"offer_{language}": pool_package_words(negotiation, pools, pool, statement.package).text(language)
                for language in LANGUAGES
            },
            "party": stand.party,
            "village_id": stand.village_id,
            "utility_cny_per_m2": opinion.utility,
            "satisfied": opinion.is_satisfied,
            **{f"reason_{language}": opinion.reason.text(language) for language in LANGUAGES},
        }
        for pool in pooled.of_several
        for stands in (stands_of_pool(negotiation, pools, pool),)
        for statement in pool_dialogue(negotiation, pools, pooled.result, pool)
        for stand, opinion in zip(stands.values(), statement.opinions, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(table_columns("bargain", "pool_offers")))


def package_columns(negotiation: Negotiation, project: IntArray, package: IntArray) -> dict[str, Any]:
    """What packages are and what each party has by them; NaN and blank where there is none.

    Args:
        negotiation: bargains of one draw.
        project: positions, shape (n,).
        package: of each, shape (n,); NOBODY = none.
    """
    projects, is_there, position = negotiation.projects, package != NOBODY, np.maximum(package, 0)
    plans, village = projects.packages.plans, projects.village_idx[project]

    def there(values: FloatArray) -> FloatArray:
        return np.where(is_there, values, np.nan)

    utility = negotiation.utility[project, position]
    return {
        "package": package,
        "land_use": np.where(is_there, _words(LAND_USES, plans.land_use[position, village]), ""),
        "floor_area_ratio": there(plans.floor_area_ratio[position, village]),
        "facility_ratio": there(plans.facility_ratio[position, village]),
        "compensation_multiplier": there(projects.multiplier[project, position]),
        "onsite_share": there(projects.onsite_share[project, position]),
        **{f"{party}_cny_per_m2": there(utility[:, k]) for k, party in enumerate(PARTIES)},
    }


def _chances(bargained: BargainedPlan) -> dict[str, FloatArray]:
    """Means over the draws that agree, each with its standard error."""
    chances, projects = bargained.prospects, bargained.projects
    project = np.arange(len(projects.village_idx))[:, None]
    package = np.maximum(chances.package, 0)
    quantities = {
        "multiplier": projects.multiplier[project, package],
        "onsite_share": projects.onsite_share[project, package],
        "delay_yr": chances.delay_yr,
        **{f"{party}_cny_per_m2": chances.utility[:, :, k] for k, party in enumerate(PARTIES)},
    }
    columns = dict(zip(("probability", "probability_se"), chances.probability, strict=True))
    for name, values in quantities.items():
        columns[f"expected_{name}"], columns[f"expected_{name}_se"] = chances.expected(values)
    return columns


def _dialogues(negotiation: Negotiation) -> Iterator[pd.DataFrame]:
    for project, village_id in enumerate(negotiation.projects.village_ids):
        said = dialogue(negotiation, project)
        package = np.array([statement.package for statement in said], dtype=np.int64)
        columns: dict[str, Any] = {
            "village_id": village_id,
            "round": [statement.round for statement in said],
            "act": [statement.act.value for statement in said],
            "speaker": [statement.speaker for statement in said],
            **package_columns(negotiation, np.full(package.size, project), package),
        }
        for k, party in enumerate(PARTIES):
            opinions = [statement.opinions[k] for statement in said]
            columns[f"{party}_satisfied"] = [opinion.is_satisfied for opinion in opinions]
            for language in ("en", "zh"):
                columns[f"{party}_reason_{language}"] = [opinion.reason.text(language) for opinion in opinions]
        yield pd.DataFrame(columns)


def _at(values: FloatArray, package: IntArray) -> FloatArray:
    """Values at a package of each project, NaN where there is none; shape (n_projects,)."""
    chosen = np.take_along_axis(values, np.maximum(package, 0)[:, None], axis=1)[:, 0]
    return np.where(package == NOBODY, np.nan, chosen)


def _words(names: tuple[Any, ...], codes: IntArray) -> np.ndarray[Any, Any]:
    return np.array([name.value for name in names])[codes]

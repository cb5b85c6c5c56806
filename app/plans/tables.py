"""Tables about one plan or a front, each made from the evaluator's own arrays; files and sheets only write them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from data.arrays import FloatArray, IntArray, TextArray
from data.city import CATEGORIES
from data.scenario import INTENSITIES, LAND_USES
from envs.kernel import REPORT, Plans, ResolvedScenario, evaluate
from envs.kernel.capital import net_present_value_cny
from envs.kernel.evaluate import evaluate_by_district, evaluate_yearly, evaluate_yearly_by_district
from envs.kernel.indicators.registry import INDICATORS, told_indicators
from envs.kernel.plans import canonical, concatenate, empty_plan
from envs.kernel.project_account import COST, ITEMS, REVENUE
from envs.kernel.services.accessibility import met_share, village_supply
from envs.kernel.trace import Trace
from envs.rules.check import measured_with_rules

AGREEMENT = "agreement_probability"
"""Column of the probability that a village agrees, where the scenario looks at bargaining."""


@dataclass(frozen=True, eq=False)
class PlanTables:
    """Everything that is shown about one plan.

    Attributes:
        resolved: scenario resolved against a city.
        plan: canonical batch of one plan.
    """

    resolved: ResolvedScenario
    plan: Plans

    @cached_property
    def digest(self) -> str:
        """Of the plan's content."""
        return plan_digest(self.plan)

    @cached_property
    def trace(self) -> Trace:
        """The plan on its way through the model, at report precision."""
        return Trace(self.resolved, self.plan, REPORT)

    @cached_property
    def flows(self) -> dict[str, FloatArray]:
        """Signed cash flow, item -> (n_villages, n_flow_years) [CNY]."""
        return village_flows(self.trace)

    @cached_property
    def net_flow(self) -> FloatArray:
        """Shape (n_villages, n_flow_years) [CNY]."""
        return net_village_flow(self.flows)

    @cached_property
    def renewed_idx(self) -> IntArray:
        """Positions of the renewed villages."""
        return np.flatnonzero(self.plan.start_year[0] > 0)

    @cached_property
    def district(self) -> TextArray:
        """District of each village."""
        return np.array(self.resolved.city.districts)[self.resolved.city.villages.district_idx]

    def indicators(self, language: str = "en") -> pd.DataFrame:
        """One row per indicator: name, labels, unit, time, sense, value, value of the empty plan, recipe, bias.

        Args:
            language: of recipe and bias.
        """
        empty = empty_plan(self.resolved.city.n_villages)
        told = told_indicators(self.resolved.scenario)
        both = evaluate(self.resolved, concatenate([self.plan, empty]), indicators=told).values  # noqa: PD011
        rows = [
            {
                "indicator": name,
                "label_en": INDICATORS[name].label["en"],
                "label_zh": INDICATORS[name].label["zh"],
                "unit": INDICATORS[name].unit,
                "time": INDICATORS[name].time,
                "better": INDICATORS[name].sense,
                "value": float(values[0]),
                "base_value": float(values[1]),
                "recipe": INDICATORS[name].recipe_in(language),
                "bias": INDICATORS[name].bias_in(language),
            }
            for name, values in both.items()
        ]
        return pd.DataFrame(rows)

    @cached_property
    def _series(self) -> dict[str, FloatArray]:
        """Name of a yearly series -> its values."""
        return {name: np.asarray(values)[0] for name, values in evaluate_yearly(self.resolved, self.plan).items()}

    def yearly(self) -> pd.DataFrame:
        """One row per year; series that end earlier are blank after their last year (evaluate_yearly)."""
        series = self._series
        n_years = max(len(values) for values in series.values())
        columns = {name: np.append(values, np.full(n_years - len(values), np.nan)) for name, values in series.items()}
        return pd.DataFrame({"year": np.arange(n_years)} | columns)

    @cached_property
    def _district_values(self) -> dict[str, FloatArray]:
        """Indicator -> its value by district."""
        table = evaluate_by_district(self.resolved, self.plan)
        return {name: np.asarray(values)[0] for name, values in table.items()}

    def by_district(self) -> pd.DataFrame:
        """One row per district."""
        return pd.DataFrame({"district": self.resolved.city.districts} | self._district_values)

    def district_yearly(self) -> pd.DataFrame:
        """One row per district and year of the cash flow: its account and its markets (evaluate_yearly_by_district)."""
        series = evaluate_yearly_by_district(self.resolved, self.plan)
        districts, n_years = self.resolved.city.districts, self.net_flow.shape[1]
        columns: dict[str, Any] = {
            "district": np.repeat(districts, n_years),
            "year": np.tile(np.arange(n_years), len(districts)),
        }
        return pd.DataFrame(columns | {name: np.asarray(values)[0].ravel() for name, values in series.items()})

    def cash_flow(self) -> pd.DataFrame:
        """One row per renewed village and year: revenues above zero, costs below, and their sum."""
        chosen, n_years = self.renewed_idx, self.net_flow.shape[1]
        ids = self.resolved.city.villages.village_id
        columns: dict[str, Any] = {
            "village_id": np.repeat(ids[chosen], n_years),
            "district": np.repeat(self.district[chosen], n_years),
            "year": np.tile(np.arange(n_years), len(chosen)),
        }
        columns |= {name: flow[chosen].ravel() for name, flow in self.flows.items()}
        return pd.DataFrame(columns | {"net_cash_flow_cny": self.net_flow[chosen].ravel()})

    def cash_flow_by_year(self) -> pd.DataFrame:
        """One row per year, all villages."""
        columns: dict[str, Any] = {"year": np.arange(self.net_flow.shape[1])}
        columns |= {name: flow.sum(axis=0) for name, flow in self.flows.items()}
        net = self.net_flow.sum(axis=0)
        return pd.DataFrame(columns | {"net_cash_flow_cny": net, "cumulative_cny": net.cumsum()})

    def cash_flow_by_village(self) -> pd.DataFrame:
        """One row per renewed village, all years: undiscounted sums, and the net present value."""
        chosen = self.renewed_idx
        columns: dict[str, Any] = {
            "village_id": self.resolved.city.villages.village_id[chosen],
            "district": self.district[chosen],
        }
        columns |= {name: flow[chosen].sum(axis=1) for name, flow in self.flows.items()}
        columns["net_cash_flow_cny"] = self.net_flow[chosen].sum(axis=1)
        return pd.DataFrame(columns | {"net_present_value_cny": self._npv()[chosen]})

    def _npv(self) -> FloatArray:
        return net_present_value_cny(self.net_flow, self.resolved.book.number("finance.discount_rate"))

    def schedule(self) -> pd.DataFrame:
        """One row per renewed village, by start year: the decision, with the village's names."""
        villages = self.resolved.city.villages
        table = plan_rows(self.plan, villages.village_id)
        table["completion_year"] = self.trace.completion_year[0]
        for position, (name, column) in enumerate(
            (("name", villages.name), ("town", villages.town), ("district", self.district)), start=1
        ):
            table.insert(position, name, column)
        return table.iloc[self.renewed_idx].sort_values("start_year", kind="stable").reset_index(drop=True)

    def village_outcomes(self) -> pd.DataFrame:
        """One row per village: what the plan decides and does there, as it counts, and how likely it is agreed on."""
        trace, villages, form = self.trace, self.resolved.city.villages, self.trace.form
        residents = trace.residents[self.resolved.city.n_zones :, 0]
        moves = trace.moves
        cost = np.sum([-self.flows[item.name] for item in ITEMS if item.kind == COST], axis=0)
        outcomes = {
            "name": villages.name,
            "town": villages.town,
            "district": self.district,
            "existing_floor_m2": villages.gross_floor_area_m2,
            "demolished_floor_m2": form.demolished[0],
            "new_floor_area_m2": form.new_floor[0],
            "resettlement_floor_m2": form.resettlement[0],
            "new_commodity_floor_m2": form.commodity[0],
            "new_rental_floor_m2": form.rental[0],
            "new_employment_floor_m2": form.employment[0],
            "facility_floor_m2": form.facility_new[0] + form.facility_converted[0],
            "residents_before_persons": residents[:, 0],
            "residents_after_persons": residents[:, -1],
            "displaced_tenants_persons": (moves.tenants_left - moves.tenants_back)[0],
            "consent_share": np.where(trace.option_form.rebuilt_share[0] > 0.0, trace.consent[0], np.nan),
            "total_cost_cny": cost.sum(axis=1),
            "net_present_value_cny": self._npv(),
        }
        if trace.bargained is not None:
            outcomes[AGREEMENT] = np.where(self.plan.start_year[0] > 0, trace.bargained.probability[0], np.nan)
        return pd.concat([plan_rows(self.plan, villages.village_id), pd.DataFrame(outcomes)], axis=1)

    def places(self) -> pd.DataFrame:
        """One row per place and year: people, jobs, facilities, met shares.

        Jobs of a village belong to the zone that contains it, so a village's own cell is empty. Supply is floor area,
        for sports and green space land area.
        """
        city, trace, n_years = self.resolved.city, self.trace, self.trace.n_years
        blank = np.full((city.n_villages, n_years), np.nan)
        columns: dict[str, Any] = {
            "place_id": np.repeat(city.place_id, n_years),
            "kind": np.repeat(np.repeat(["zone", "village"], [city.n_zones, city.n_villages]), n_years),
            "year": np.tile(np.arange(trace.first_year, trace.last_year + 1), city.n_places),
            "residents": trace.residents[:, 0].ravel(),
            "workers": trace.workers[:, 0].ravel(),
            "jobs": np.concatenate([trace.jobs[:, 0], blank]).ravel(),
        }
        model = trace.constants.access
        for k, name in enumerate(CATEGORIES):
            new = village_supply(k, model, trace.facility_states)
            standing = np.repeat(model.supply[: city.n_zones, k : k + 1], n_years, axis=1)
            columns[f"{name}_supply_m2"] = np.concatenate([standing, new]).ravel()
            columns[f"{name}_met_share"] = met_share(trace.access[k], model.standard[k]).ravel()
        return pd.DataFrame(columns)


def plan_tables(resolved: ResolvedScenario, plan: Plans) -> PlanTables:
    """Tables of a batch of one plan."""
    return PlanTables(resolved, canonical(plan))


def plan_digest(plan: Plans) -> str:
    """SHA-256 of what a plan decides, however meaningless choices are written."""
    return hashlib.sha256(canonical(plan).content).hexdigest()


def plan_rows(plan: Plans, village_id: TextArray) -> pd.DataFrame:
    """The decision on every village in the columns of PLAN.csv, optional ones where the plan gives them.

    Args:
        plan: batch of one plan.
        village_id: shape (n_villages,).
    """
    return pd.DataFrame(
        {
            "village_id": village_id,
            "start_year": plan.start_year[0],
            "intensity": np.array([word.value for word in INTENSITIES], dtype=object)[plan.intensity[0]],
            "land_use": np.array([word.value for word in LAND_USES], dtype=object)[plan.land_use[0]],
            "floor_area_ratio": plan.floor_area_ratio[0],
            "facility_ratio": plan.facility_ratio[0],
        }
        | {name: column[0] for name, column in plan.given.items()}
    )


def front_frame(resolved: ResolvedScenario, plans: Plans, plan_ids: Sequence[str], *, threads: int = 1) -> pd.DataFrame:
    """One row per plan: objectives, every other indicator, valid, and how many rules of each kind it breaks."""
    names = front_indicators(resolved)
    values, excess, told = measured_with_rules(resolved, plans, names, threads=threads)
    broken = (excess > 0.0).sum(axis=1)
    columns: dict[str, Any] = {"plan_id": list(plan_ids), **dict(zip(names, values.T, strict=True))}
    return pd.DataFrame(
        columns | {"valid": broken == 0, "n_violations": broken, "n_reported_broken": (told > 0.0).sum(axis=1)}
    )


def front_indicators(resolved: ResolvedScenario) -> list[str]:
    """Columns of front.csv in their order: objectives first, then every other indicator."""
    return list(dict.fromkeys([*resolved.scenario.objectives, *told_indicators(resolved.scenario)]))


def assumptions_frame(resolved: ResolvedScenario) -> pd.DataFrame:
    """One row per parameter: value, unit, range, source, confidence, whether changed, whether an estimate."""
    return pd.DataFrame(resolved.book.rows())


def village_flows(trace: Trace, plan: int = 0) -> dict[str, FloatArray]:
    """Every item of the account by village and year, signed: revenues above zero, costs below.

    Args:
        trace: of a batch on NumPy.
        plan: position in the batch.

    Returns:
        Item name -> shape (n_villages, n_flow_years) [CNY]. Over all items and villages they sum to the trace's
        `net_cash_flow_cny`.
    """
    row = trace.calendar_row[plan]
    shape, district = trace.price_factor.shape, trace.constants.base.district_idx
    index = {name: np.broadcast_to(values, shape)[plan][district] for name, values in trace.indices.items()}
    flows: dict[str, FloatArray] = {}
    for item in ITEMS:
        sign = 1.0 if item.kind == REVENUE else -1.0
        flow: Any = sign * trace.amounts_cny[item.name][plan][:, None] * trace.profile(item.profile)[row]
        flows[item.name] = flow * index[item.index] + 0.0  # no negative zeros
    return flows


def net_village_flow(flows: dict[str, FloatArray]) -> FloatArray:
    """Net cash flow by village and year, shape (n_villages, n_flow_years) [CNY]."""
    return np.sum(list(flows.values()), axis=0)

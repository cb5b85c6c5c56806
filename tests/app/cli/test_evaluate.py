"""`renewal evaluate` and `renewal check`: the files hold what the evaluator says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.plans.tables import plan_tables
from app.runs.loading import load_resolved
from app.runs.plan_files import read_plan
from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.kernel.indicators.registry import told_indicators
from envs.kernel.project_account import ITEMS
from envs.rules.check import RULES

FILES = {
    "outcome.json",
    "yearly.csv",
    "cash_flow.csv",
    "places.parquet",
    "indicators_by_district.csv",
    "district_yearly.csv",
}


@pytest.fixture
def resolved(city_path: Path) -> ResolvedScenario:
    return load_resolved(str(city_path), "balanced")


@pytest.fixture
def plan(resolved: ResolvedScenario, plan_path: Path) -> Plans:
    return read_plan(plan_path, resolved.city, 10)


@pytest.fixture
def folder(city_path: Path, plan_path: Path, tmp_path: Path) -> Path:
    out = tmp_path / "outcome"
    options = ["--city", str(city_path), "--scenario", "balanced", "--plan", str(plan_path)]
    assert main(["evaluate", *options, "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == FILES
    return out


def test_outcome_has_every_indicator(folder: Path, resolved: ResolvedScenario, plan: Plans) -> None:
    outcome = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
    outcomes, told = evaluate(resolved, plan), told_indicators(resolved.scenario)
    assert set(outcome["indicators"]) == set(told)
    for name in told:
        stored, values = outcome["indicators"][name], outcomes[name]
        assert (stored is None) == bool(np.isnan(values[0]))
        assert stored is None or stored == pytest.approx(float(values[0]), rel=1e-9, abs=1e-9)
    assert outcome["base"]["net_present_value_cny"] == 0.0
    assert [item["rule"] for item in outcome["rules"]] == list(RULES)
    assert outcome["city"]["synthetic"]
    assert "finance.discount_rate" in outcome["estimated_parameters"]


def test_cash_flow_re_adds(folder: Path, resolved: ResolvedScenario, plan: Plans) -> None:
    table = pd.read_csv(folder / "cash_flow.csv")
    items = [item.name for item in ITEMS]
    assert table.columns.tolist() == ["village_id", "district", "year", *items, "net_cash_flow_cny"]
    np.testing.assert_allclose(table[items].sum(axis=1), table["net_cash_flow_cny"], rtol=1e-12, atol=1e-3)
    rate = resolved.book.number("finance.discount_rate")
    present = (table["net_cash_flow_cny"] * (1.0 + rate) ** -table["year"]).sum()
    assert present == pytest.approx(float(evaluate(resolved, plan)["net_present_value_cny"][0]), rel=1e-9)
    assert (table[[item.name for item in ITEMS if item.kind == "cost"]] <= 0.0).all(axis=None)


def test_village_flows_sum_to_every_item(resolved: ResolvedScenario, plan: Plans) -> None:
    tables = plan_tables(resolved, plan)
    for item in ITEMS:
        expected = np.asarray(tables.trace.flows_by_district_cny[item.name])[0].sum(axis=0)
        np.testing.assert_allclose(np.abs(tables.flows[item.name].sum(axis=0)), expected, rtol=1e-9, atol=1e-3)
    by_year, by_village = tables.cash_flow_by_year(), tables.cash_flow_by_village()
    assert by_year["net_cash_flow_cny"].sum() == pytest.approx(by_village["net_cash_flow_cny"].sum(), rel=1e-9)


def test_places_add_up(folder: Path, resolved: ResolvedScenario) -> None:
    places = pd.read_parquet(folder / "places.parquet")
    city = resolved.city
    assert set(places["kind"]) == {"zone", "village"}
    assert len(places) == city.n_places * (resolved.clock.horizon + 1)
    totals = places.groupby("year")[["residents", "workers", "jobs"]].sum()
    np.testing.assert_allclose(totals["residents"], totals["residents"].iloc[0], rtol=1e-9)
    np.testing.assert_allclose(totals["workers"], totals["jobs"], rtol=1e-9)
    first = places[places["year"] == 0]
    assert first["place_id"].tolist() == city.place_id.tolist()
    assert first["education_supply_m2"].sum() == pytest.approx(
        city.facilities.supply_m2[city.facilities.category_idx == 0].sum()
    )
    assert places["education_met_share"].between(0.0, 1.0).all()


def test_yearly_and_districts(folder: Path, resolved: ResolvedScenario, plan: Plans) -> None:
    yearly = pd.read_csv(folder / "yearly.csv")
    measured = evaluate(resolved, plan)
    assert yearly["year"].tolist() == list(range(len(yearly)))
    horizon = resolved.clock.horizon
    assert yearly["mean_commute_km"][1 : horizon + 1].mean() == pytest.approx(float(measured["mean_commute_km"][0]))
    flow = yearly["net_cash_flow_cny"].dropna().to_numpy()
    rate = resolved.book.number("finance.discount_rate")
    present = float((flow * (1.0 + rate) ** -np.arange(len(flow))).sum())
    assert present == pytest.approx(float(measured["net_present_value_cny"][0]), rel=1e-9)
    assert "net_present_value_cny" not in yearly
    assert yearly["total_cost_cny"].sum() == pytest.approx(float(measured["total_cost_cny"][0]))
    districts = pd.read_csv(folder / "indicators_by_district.csv")
    assert districts["district"].tolist() == list(resolved.city.districts)
    total = districts["net_present_value_cny"].sum()
    assert total == pytest.approx(float(measured["net_present_value_cny"][0]))
    account = pd.read_csv(folder / "district_yearly.csv")
    assert account["district"].unique().tolist() == list(resolved.city.districts)
    assert account.groupby("year")["net_cash_flow_cny"].sum().to_numpy() == pytest.approx(flow, rel=1e-9)
    villages = pd.read_csv(folder / "cash_flow.csv").groupby(["district", "year"])["housing_rent"].sum()
    assert account["housing_rent"].sum() == pytest.approx(villages.sum())
    assert (account["commodity_sold_m2"] / account["normal_sales_m2"]).max() > 0.0


@pytest.mark.parametrize(("language", "word"), [("en", "Net present value"), ("zh", "项目净现值")])
def test_labels_in_both_languages(
    language: str, word: str, city_path: Path, plan_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--city", str(city_path), "--scenario", "balanced", "--plan", str(plan_path)]
    assert main(["evaluate", *options, "--out", str(tmp_path / "o"), "--lang", language]) == 0
    assert word in capsys.readouterr().out


def test_check_names_every_rule_and_the_offenders(
    city_path: Path, plan_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--city", str(city_path), "--scenario", "balanced", "--plan", str(plan_path), "--lang", "en"]
    assert main(["check", *options]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in RULES)
    plan_path.write_text(plan_path.read_text().replace("1.8,0.1", "99,0.1"))
    report = plan_path.with_name("report.json")
    assert main(["check", *options, "--report", str(report)]) == 3
    content = json.loads(report.read_text(encoding="utf-8"))
    assert content["valid"] is False
    assert "far_limit" in content["broken"]
    assert [item["rule"] for item in content["rules"]] == list(RULES)
    shown = capsys.readouterr().out
    line = next(text for text in shown.splitlines() if "far_limit" in text)
    assert line.startswith("BROKEN")
    assert "V00001" in line
    assert "Not valid: breaks" in shown


def test_a_plan_of_a_run_is_evaluated_in_its_own_scenario(run_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "outcome"
    assert main(["evaluate", "--run", str(run_folder), "--plan", "p001", "--out", str(out)]) == 0
    outcome = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    front = pd.read_csv(run_folder / "front.csv").set_index("plan_id")
    for name in outcome["objectives"]:
        assert outcome["indicators"][name] == pytest.approx(front.loc["p001", name], rel=1e-9)
    assert outcome["city"]["path"] == json.loads((run_folder / "run.json").read_text())["city"]["path"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--plan", "plan.csv"], "--city"),
        (["--plan", "plan.csv", "--city", "tiny"], "--scenario"),
        (["--plan", "p001", "--run", "{run}", "--scenario", "balanced"], "--scenario"),
        (["--plan", "p999", "--run", "{run}"], "p999"),
        (["--plan", "p001", "--run", "{run}/absent"], "absent"),
        (["--plan", "p001", "--run", "{run}", "--city", "beijing"], "beijing"),
        (["--plan", "plan.csv", "--run", "{run}"], "plan.csv"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_the_plan_comes_from_is_told_once(
    options: list[str], named: str, language: str, run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [word.format(run=run_folder) for word in options]
    assert main(["evaluate", *arguments, "--out", str(tmp_path / "o"), "--lang", language]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert named in shown.err
    assert not (tmp_path / "o").exists()


def test_an_empty_plan_changes_nothing(city_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("village_id,start_year,intensity,land_use,floor_area_ratio,facility_ratio\n")
    options = ["--city", str(city_path), "--scenario", "balanced", "--plan", str(path)]
    assert main(["evaluate", *options, "--out", str(tmp_path / "o")]) == 0
    outcome = json.loads((tmp_path / "o" / "outcome.json").read_text())
    assert outcome["indicators"] == outcome["base"]
    assert len(pd.read_csv(tmp_path / "o" / "cash_flow.csv")) == 0


def test_an_occupied_folder_is_refused_before_anything_is_read(
    tmp_path: Path, plan_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--city", "no_such", "--scenario", "balanced", "--plan", str(plan_path), "--out", str(tmp_path)]
    assert main(["evaluate", *options]) == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["plan.csv"]

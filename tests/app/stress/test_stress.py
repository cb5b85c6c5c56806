"""`renewal stress`: what it writes is what the futures say, in both languages, and wrong input is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.runs.run_folder import Run
from app.stress.causes import causes_frame, causes_of
from app.stress.chances import chances_frame
from app.stress.failures import failures_of, rule_sentence, rules_frame
from app.stress.known_stress import KnownStress, spread_rows
from app.stress.stress_frames import error_bars, ranks_frame, spread_frame, worst_years_frame
from app.stress.stress_of_run import Stress, stress_run
from app.stress.stress_text import cause_sentences
from data.dictionary import TABLES, table_columns
from data.scenario import Target
from envs.futures.money_ledger import money_ledger
from envs.futures.money_measures import money_in
from envs.kernel import resolve
from envs.kernel.futures.market_paths import block_of_paths, market_model
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.trace import REPORT, Trace


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("stress") / "out"
    assert main(["stress", "--run", str(run.folder), "--futures", "1500", "--seed", "4", "--out", str(out)]) == 0
    return out


def test_every_column_is_in_the_dictionary(folder: Path) -> None:
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert (about["seed"], about["n_futures"], about["tail_share"]) == (4, 1500, 0.1)
    assert {path.stem for path in folder.glob("*.csv")} == set(TABLES["stress"])
    for name in TABLES["stress"]:
        frame, columns = pd.read_csv(folder / f"{name}.csv"), table_columns("stress", name)
        assert list(frame.columns) == list(columns)
        for column, entry in columns.items():
            if entry.type == "number":
                assert frame[column].dropna().between(*entry.bounds).all(), (name, column)
            if entry.choices:
                assert set(frame[column]) <= set(entry.choices)


def test_the_files_hold_the_futures(folder: Path, run: Run) -> None:
    """The mean, worst tenth and best plan of each future, drawn again from the two blocks of the seed."""
    resolved = run.resolved
    ledger = money_ledger(Trace(resolved, run.plans, REPORT))
    n_districts, n_years = ledger.sales_cny.shape[1:]
    model = market_model(resolved.book)
    blocks = [block_of_paths(model, 4, k, n_districts=n_districts, n_years=n_years) for k in (0, 1)]
    values = np.stack(
        [
            np.concatenate([money_in(ledger, plan, block)["net_present_value_cny"] for block in blocks])[:1500]
            for plan in range(len(run.plan_ids))
        ]
    )
    spread = pd.read_csv(folder / "spread.csv").set_index(["indicator", "plan_id"]).loc["net_present_value_cny"]
    assert spread["mean"].to_numpy() == pytest.approx(values.mean(axis=1), rel=1e-9)
    assert spread["tail_mean"].to_numpy() == pytest.approx(np.sort(values, axis=1)[:, :150].mean(axis=1), rel=1e-9)
    assert spread["without_shocks"].to_numpy() == pytest.approx(run.front["net_present_value_cny"], rel=1e-6)
    ranks = pd.read_csv(folder / "ranks.csv")
    assert ranks["best_share"].sum() == pytest.approx(1.0)
    short = values.max(axis=0) - values
    assert ranks["mean_regret_cny"].to_numpy() == pytest.approx(short.mean(axis=1), rel=1e-9, abs=1e-3)


def test_more_futures_begin_with_the_same(run: Run) -> None:
    few = stress_run(run, run.plan_ids[:2], n_futures=100, seed=9)
    many = stress_run(run, run.plan_ids[1:3], n_futures=1200, seed=9, threads=2)
    name = "net_present_value_cny"
    assert np.array_equal(few.stressed.measures[name][1], many.stressed.measures[name][0, :100])


def test_every_target_has_a_chance(run: Run) -> None:
    """Of money over all futures, of people over worlds, or as the plan stands where prices move alone."""
    wanted = (
        Target(indicator="net_present_value_cny", at_least=1e7),
        Target(indicator="total_cost_cny", year=3, at_most=1e8),
        Target(indicator="mean_commute_km", at_most=5.0),
        Target(indicator="mean_commute_km", year=4, at_most=5.0),
    )
    run = with_scenario(run, targets=wanted, capital_limit_annual_cny=2e8)
    for n_worlds, over in ((0, "plan"), (3, "worlds")):
        stress = stress_run(run, run.plan_ids[:2], n_futures=50, seed=0, n_worlds=n_worlds)
        frame = chances_frame(stress)
        assert len(frame) == 2 * 6
        first = frame[frame["plan_id"] == run.plan_ids[0]]
        assert first["kind"].tolist() == ["no_loss", "capital_limit", *["target"] * 4]
        assert first["over"].tolist() == [*["futures"] * 4, over, over]
        worth = stress.stressed.measures["net_present_value_cny"][0]
        assert first["chance"].iloc[2] == np.mean(worth >= 1e7 * (1.0 - 1e-6))
        assert first["chance"].iloc[3] == np.mean(stress.stressed.costs_cny[0, :, 3] <= 1e8 * (1.0 + 1e-6))
        assert first["chance"].iloc[1] == np.mean((stress.stressed.costs_cny[0] <= 2e8).all(axis=1)) or n_worlds
        assert (first["chance_low"] <= first["chance"]).all()
        assert (first["chance_high"] >= first["chance"]).all()


def with_scenario(run: Run, **fields: object) -> Run:
    """The run with other bounds; nothing of it is read from its folder again."""
    scenario = run.resolved.scenario.model_copy(update=fields)
    return replace(run, resolved=replace(run.resolved, scenario=scenario))


def test_the_rule_of_a_plan_that_prices_alone_can_hurt(run: Run) -> None:
    """Low sale prices are what fails a plan that sells; said in both languages."""
    still = {"futures.cost_volatility": 0.0, "futures.rent_volatility": 0.0}
    resolved = resolve(run.resolved.scenario.model_copy(update={"parameters": still}), run.resolved.city)
    best = run.front["net_present_value_cny"].idxmax()
    stress = stress_run(replace(run, resolved=resolved), [run.plan_ids[best]], n_futures=1500, seed=1)
    (told,) = failures_of(stress)
    assert [told.names[k] for k in told.found.box.limited] == ["price_level"]
    assert told.found.density > 0.6
    assert told.found.coverage > 0.6
    frame = rules_frame([told])
    assert frame["high"].iloc[0] < 1.0
    assert frame["quasi_p"].iloc[0] < 1e-6
    assert "sells at" in rule_sentence(stress, told, "en")
    assert "售价" in rule_sentence(stress, told, "zh")


def test_the_worst_year_of_the_cash_flow(run: Run) -> None:
    stress = stress_run(run, run.plan_ids[:1], n_futures=40, seed=3)
    frame = worst_years_frame(stress).set_index("year")
    assert frame["worst_share"].sum() == pytest.approx(1.0)
    flows, counts = stress.stressed.flows_cny[0], dict.fromkeys(frame.index, 0)
    for flow in flows:
        counts[min(range(len(flow)), key=lambda year: flow[year])] += 1
    assert (frame["worst_share"] * 40).round().astype(int).to_dict() == counts


def test_whoever_is_best_is_known_by_worlds(run: Run) -> None:
    """Four worlds of ten futures each, two of them all for one plan: the share is as sure as a half of four."""
    stress = stress_run(run, run.plan_ids[:2], n_futures=40, seed=3)
    world = np.arange(40) % 4
    worth = np.stack([np.where(world < 2, 1.0, 0.0), np.full(40, 0.5)])
    flows = np.stack([worth, 1.0 - worth], axis=2)
    shared = replace(
        stress.stressed,
        world=world,
        measures={"net_present_value_cny": worth},
        moved={"mean_commute_km": np.ones((2, 4))},
        flows_cny=flows,
    )
    by_worlds = replace(stress, stressed=shared)
    assert shared.n_worlds == 4
    assert ranks_frame(by_worlds)["best_share"].tolist() == [0.5, 0.5]
    assert ranks_frame(by_worlds)["best_share_se"].tolist() == pytest.approx([0.25, 0.25])
    assert worst_years_frame(by_worlds)["worst_share_se"].tolist()[:2] == pytest.approx([0.25, 0.25])


def test_error_bars_reach_from_p10_to_p90(run: Run) -> None:
    stress = stress_run(run, run.plan_ids[:2], n_futures=200, seed=3)
    spread = spread_frame(stress)
    bars = error_bars(spread, [*run.plan_ids[:2], "p999"], ("net_present_value_cny", "mean_commute_km"))
    assert set(bars) == {"net_present_value_cny"}
    below, above = bars["net_present_value_cny"]
    worth = stress.stressed.measures["net_present_value_cny"][0]
    assert below[0] + above[0] == pytest.approx(np.quantile(worth, 0.9) - np.quantile(worth, 0.1))
    assert np.isnan(below[2])


def test_causes_are_told_of_the_plan_asked_for(run: Run) -> None:
    stress: Stress = stress_run(run, run.plan_ids[:1], n_futures=20, seed=3)
    frame = causes_frame(stress, causes_of(stress, n=16))
    assert set(frame["indicator"]) == {"net_present_value_cny", "government_npv_cny", "peak_funding_cny"}
    assert set(frame["over"]) == {"markets"}
    assert frame.groupby("indicator")["total"].sum().between(0.2, 2.5).all()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_answer_names_what_moves(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    given = ["--run", str(run.folder), "--plan", run.plan_ids[0], "--futures", "20", "--out", str(tmp_path / "out")]
    assert main(["stress", "--lang", language, *given, "--sobol", "8"]) == 0
    printed = capsys.readouterr().out
    assert INDICATORS["net_present_value_cny"].label[language] in printed
    assert {"en": "One plan alone", "zh": "只有一个方案"}[language] in printed


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--plan", "p999"], "p999"),
        (["--plan", "p001", "--plan", "p001"], "p001"),
        (["--futures", "1"], "--futures"),
        (["--futures", "1000000"], "--futures"),
        (["--sobol", "100"], "--sobol"),
    ],
)
def test_wrong_input_is_told(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], named: str
) -> None:
    assert main(["stress", "--run", str(run.folder), "--out", str(tmp_path / "out"), *given]) == 2
    assert named in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_worlds_move_people_too(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every indicator has a row; what is of money is moved by both, and it is said how many worlds there are."""
    given = ["--run", str(run.folder), "--plan", run.plan_ids[0], "--futures", "60", "--worlds", "3"]
    assert main(["stress", "--lang", "en", *given, "--out", str(tmp_path / "out")]) == 0
    assert "3 worlds" in capsys.readouterr().out
    spread = pd.read_csv(tmp_path / "out" / "spread.csv").set_index("indicator")
    assert {"mean_commute_km", "net_present_value_cny"} <= set(spread.index)
    assert spread.loc["mean_commute_km", "n_futures"] == 3
    assert 0.0 <= spread.loc["net_present_value_cny", "worlds_share"] <= 1.0
    about = json.loads((tmp_path / "out" / "about.json").read_text(encoding="utf-8"))
    fan = pd.read_csv(tmp_path / "out" / "indicator_fan.csv")
    assert list(fan.columns) == list(table_columns("stress", "indicator_fan"))
    assert set(fan["indicator"]) == {"mean_commute_km", "service_accessibility"}
    assert fan["n_worlds"].eq(3).all()
    experiments = pd.read_csv(tmp_path / "out" / "experiments" / "experiments.csv")
    outcomes = pd.read_csv(tmp_path / "out" / "experiments" / "outcomes.csv")
    assert len(experiments) == len(outcomes) == 60
    assert {"price_level", "time.construction", "commuting_decay", "n_far_cut", "policy"} <= set(experiments.columns)
    assert {"net_present_value_cny", "mean_commute_km", "fails"} <= set(outcomes.columns)
    assert about["n_worlds"] == 3
    assert "time.construction" in about["parameters_in_worlds"]
    assert main(["stress", *given, "--worlds", "40", "--out", str(tmp_path / "no")]) == 2
    assert "--worlds" in capsys.readouterr().err


def test_causes_are_told_with_their_ranges_and_a_small_sample_with_a_warning(run: Run) -> None:
    """1.96 standard errors to either side within 0 and 1, of both indices; a base sample of 4 asks for 64."""
    stress: Stress = stress_run(run, run.plan_ids[:1], n_futures=20, seed=3)
    causes = causes_of(stress, n=4)
    frame = causes_frame(stress, causes)
    first = frame[frame["indicator"] == "net_present_value_cny"].nlargest(1, "total").iloc[0]
    between = {"en": "to", "zh": "至"}
    for language in ("en", "zh"):
        said = cause_sentences(stress, causes, language)
        for name in ("total", "first"):
            share, half = first[name], 1.959963984540054 * first[f"{name}_se"]
            low, high = min(share, max(0.0, share - half)), max(share, min(1.0, share + half))
            assert f"{100.0 * low:.1f} % {between[language]} {100.0 * high:.1f} %" in said[0]
        assert "--sobol 64" in said[-1]


def test_spreads_are_read_with_their_units(folder: Path, run: Run) -> None:
    """A ratio has none, whatever a spreadsheet needs before a dash; a mean year has a tenth, its error is in years."""
    tables = {"spread": pd.read_csv(folder / "spread.csv")}
    known = KnownStress(folder, {}, tables)
    for language, years in (("en", "yr"), ("zh", "年")):
        rows = {row[0]: row[1:] for row in spread_rows(known, run.plan_ids[0], language)}
        assert not any("'" in cell for cells in rows.values() for cell in cells)
        payback = rows[INDICATORS["payback_year"].label[language]]
        spread = tables["spread"].set_index(["plan_id", "indicator"]).loc[(run.plan_ids[0], "payback_year")]
        assert f"{round(spread['mean'], 1):g}" in payback[1]
        assert payback[2].endswith(years)

"""`renewal seek`: what it writes can be used, what it says is what it found, wrong input writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli.main import main
from app.runs.loading import load_resolved
from app.runs.plan_files import read_plan
from app.words.target_text import parse_target, target_text
from data.errors import InputError
from data.scenario import Target
from envs.kernel import evaluate
from envs.rules.check import valid
from envs.rules.targets import scorecard

TINY = ["seek", "--city", "tiny", "--scenario", "tiny"]
QUOTA = ["--lever", "villages_per_year", "--range", "0", "3"]
CAPITAL = ["--lever", "capital_limit_annual_cny", "--range", "10e6", "2e9"]
UNREACHABLE = ["--target", "service_accessibility>=0.95"]


def unwrapped(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, its lines put together again."""
    return " ".join(capsys.readouterr().out.split())


def test_the_plan_and_scenario_written_meet_the_targets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sought"
    targets = ["--target", "service_accessibility>=0.86", "--target", "mean_commute_km<=3.86@4"]
    assert main([*TINY, *CAPITAL, *targets, "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {"seek.json", "plan.csv", "scenario.yaml"}
    record = json.loads((out / "seek.json").read_text(encoding="utf-8"))
    assert (record["outcome"], record["least_is_proved"], record["seed"]) == ("met", True, 0)
    assert f"Met at “Limit of a year's cost” = {record['value'] / 1e9:.9g} bn CNY/yr" in shown
    assert "no plan does: that is proved" in shown
    assert [row["value"] for row in record["tried"]] == sorted(row["value"] for row in record["tried"])
    assert any(row["met"] for row in record["tried"])

    resolved = load_resolved("tiny", str(out / "scenario.yaml"))
    assert resolved.scenario.capital_limit_annual_cny == record["value"]
    plan = read_plan(out / "plan.csv", resolved.city, resolved.scenario.plan_years)
    assert [score.met for score in scorecard(resolved, plan)] == [True, True]
    assert valid(resolved, plan).all()


def test_a_plan_that_misses_is_called_the_closest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sought"
    options = ["--lever", "facility_ratio.high", "--range", "0.1", "0.3", "--evaluations", "200"]
    assert main([*TINY, *options, *UNREACHABLE, "--out", str(out)]) == 0
    assert "Not met, and not proved impossible" in unwrapped(capsys)
    assert {path.name for path in out.iterdir()} == {"seek.json", "closest_plan.csv", "scenario.yaml"}
    record = json.loads((out / "seek.json").read_text(encoding="utf-8"))
    assert (record["outcome"], record["proof"]) == ("not_met", None)
    closest = min(row["largest_relative_shortfall"] for row in record["tried"])
    resolved = load_resolved("tiny", str(out / "scenario.yaml"))
    plan = read_plan(out / "closest_plan.csv", resolved.city, resolved.scenario.plan_years)
    (score,) = scorecard(resolved, plan)
    assert score.output == pytest.approx(0.95 * (1.0 - closest), rel=1e-9)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Proved impossible in range", "smaller values only allow fewer plans"]),
        ("zh", ["已证明范围内不可能", "穷举"]),
    ],
)
def test_an_impossible_target_is_proved_and_ends_with_0(
    language: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sought"
    assert main([*TINY, *QUOTA, *UNREACHABLE, "--evaluations", "200", "--lang", language, "--out", str(out)]) == 0
    shown = unwrapped(capsys)
    for word in words:
        assert word in shown
    record = json.loads((out / "seek.json").read_text(encoding="utf-8"))
    assert (record["outcome"], record["proof"]["kind"], record["proof"]["values"]) == (
        "impossible",
        "enumeration",
        [3.0],
    )


def test_a_proof_by_enumeration_says_that_ratios_between_the_levels_were_not_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On `tiny` no plan of its one density earns 0.2 bn CNY, but a valid plan by hand, denser, does."""
    out, by_hand = tmp_path / "sought", tmp_path / "dense.csv"
    target = ["--target", "net_present_value_cny>=2e8"]
    assert main([*TINY, *QUOTA, *target, "--evaluations", "200", "--out", str(out)]) == 0
    assert "floor-area and facility ratios between them were not tried" in unwrapped(capsys)
    record = json.loads((out / "seek.json").read_text(encoding="utf-8"))
    assert (record["outcome"], record["proof"]["kind"]) == ("impossible", "enumeration")
    assert record["proved_among_levels_only"]

    by_hand.write_text(
        "village_id,start_year,intensity,land_use,floor_area_ratio,facility_ratio\n"
        "V2,2,rebuild,commodity_housing,2.2,0.05\nV4,1,rebuild,commodity_housing,1.993,0.0814\n"
        "V6,2,rebuild,commodity_housing,1.8,0.051\n",
        encoding="utf-8",
    )
    resolved = load_resolved("tiny", "tiny")
    plan = read_plan(by_hand, resolved.city, resolved.scenario.plan_years)
    assert valid(resolved, plan).all()
    assert evaluate(resolved, plan, indicators=["net_present_value_cny"]).values["net_present_value_cny"][0] > 2e8


def test_where_every_plan_was_evaluated_no_bigger_budget_is_advised(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--lever", "facility_ratio.high", "--range", "0.25", "0.3", "--target", "renewed_villages>=7"]
    scenario = [*TINY[:3], "--scenario", "tiny", "--evaluations", "40000"]
    assert main([*scenario, *options]) == 0
    shown = unwrapped(capsys)
    assert "Every plan at the values searched was evaluated" in shown
    assert "With more plans" not in shown


def test_a_definition_needs_no_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sought"
    assert main([*TINY, *QUOTA, "--target", "service_accessibility>=1.2", "--out", str(out)]) == 0
    assert "beyond what the indicator can be" in unwrapped(capsys)
    assert [path.name for path in out.iterdir()] == ["seek.json"]


@pytest.mark.parametrize(("language", "words"), [("en", "the least change is none"), ("zh", "无需调整")])
def test_a_target_that_is_met_needs_no_change(language: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TINY, *QUOTA, "--target", "service_accessibility>=0.83", "--lang", language]) == 0
    assert words in capsys.readouterr().out


def test_the_scenarios_own_targets_are_the_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wanted.yaml"
    path.write_text(
        "plan_years: 2\nvillages_per_year: 0\nintensities: [rehabilitate]\nfacility_levels: 1\n"
        "targets: [{indicator: renewed_villages, at_least: 5}]\n",
        encoding="utf-8",
    )
    options = ["seek", "--city", "tiny", "--scenario", str(path), "--lever", "villages_per_year", "--range", "0", "6"]
    assert main(options) == 0
    assert "Met at “Villages started a year” = 3" in capsys.readouterr().out  # 2 x 2 villages are too few


def test_idle_rules_and_implausible_ranges_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--lever", "displaced_tenants_cap_persons", "--range", "100", "1000"]
    assert main([*TINY, *options, "--target", "service_accessibility>=0.83"]) == 0
    assert "binds nothing: Tenants displaced (displacement)" in unwrapped(capsys)
    options = ["--lever", "comp.turnover_subsidy", "--range", "1000", "3000"]
    assert main([*TINY, *options, "--target", "service_accessibility>=0.83"]) == 0
    assert "beyond the plausible values of this parameter, 1,500 to 3,000" in unwrapped(capsys)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--lever", "vilages_per_year", "--range", "0", "3", *UNREACHABLE], "did you mean 'villages_per_year'"),
        (["--lever", "sale.absorption", "--range", "0", "3", *UNREACHABLE], "not a single number"),
        (["--lever", "villages_per_year", "--range", "3", "0", *UNREACHABLE], "reversed"),
        (["--lever", "villages_per_year", "--range", "-2", "3", *UNREACHABLE], "villages_per_year"),
        (["--lever", "villages_per_year", "--range", "0.5", "3", *UNREACHABLE], "whole numbers"),
        (["--lever", "villages_per_year", "--range", "nan", "3", *UNREACHABLE], "finite"),
        (["--lever", "facility_ratio.high", "--range", "0.1", "1.5", *UNREACHABLE], "facility_ratio.high"),
        (["--lever", "villages_per_year", "--range", "3", *UNREACHABLE], "--range"),
        (["--lever", "villages_per_year", *UNREACHABLE], "--range"),
        ([*QUOTA], "no targets"),
        ([*QUOTA, "--target", "service_acessibility>=0.9"], "did you mean service_accessibility"),
        ([*QUOTA, "--target", "service_accessibility=0.9"], "indicator>=value"),
        ([*QUOTA, "--target", "service_accessibility>=much"], "indicator>=value"),
        ([*QUOTA, "--target", "service_accessibility>=0.9@99"], "runs to year"),
        ([*QUOTA, "--target", "payback_year<=3@2"], "no yearly values"),
        ([*QUOTA, *UNREACHABLE, "--evaluations", "0"], "--evaluations"),
    ],
)
def test_wrong_input_is_refused_in_one_message(
    arguments: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TINY, *arguments, "--out", str(tmp_path / "sought")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert named in shown.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_refused_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main([*TINY, *QUOTA, *UNREACHABLE, "--out", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err


def test_targets_as_text() -> None:
    assert parse_target(" mean_commute_km <= 13.0 @ 8 ") == Target(indicator="mean_commute_km", at_most=13.0, year=8)
    assert parse_target("net_present_value_cny>=-2e8") == Target(indicator="net_present_value_cny", at_least=-2e8)
    assert target_text(parse_target("mean_commute_km<=13@8"), "en") == "Mean commute distance ≤ 13 km @ year 8"
    assert target_text(parse_target("net_present_value_cny>=2e8"), "zh") == "项目净现值 ≥ 2 亿元"
    assert target_text(parse_target("net_present_value_cny>=-1234500"), "en").endswith("≥ -1.2345 million CNY")
    assert (
        target_text(parse_target("service_accessibility>=0.85"), "en") == "Service accessibility (mean of years) ≥ 0.85"
    )
    for text in ("", "a>=", ">=1", "mean_commute_km<=1_0", "mean_commute_km<=inf", "mean_commute_km<=13@-1"):
        with pytest.raises(InputError, match="--target"):
            parse_target(text)

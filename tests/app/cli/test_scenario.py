"""`renewal scenario ...`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli.main import main
from data.parameter import letter_texts
from data.parameter_book import load_book
from data.scenario_files import load_scenario, preset_names, scenario_to_yaml
from data.strict_yaml import dump_mapping, parse_mapping
from envs.rules.check import RULES


@pytest.mark.parametrize(("language", "label"), [("en", "Balanced development"), ("zh", "综合效益均衡发展")])
def test_list_is_in_the_readers_language(language: str, label: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", language, "scenario", "list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in preset_names())
    assert label in shown


def test_show_has_every_rule_and_parameter_with_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "show", "balanced"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for row in load_book().rows():
        line = next(text for text in lines if text.split()[:1] == [row["key"]])
        assert row["unit"] in line
        assert line.rstrip().endswith(str(row["source"]).rstrip())
    assert all(any(text.startswith(name) for text in lines) for name in RULES)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_show_counts_the_letters(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", language, "scenario", "show", "tiny"]) == 0
    out = capsys.readouterr().out
    assert all(line in out for line in letter_texts(load_book().letter_counts(), language))


def test_show_marks_what_was_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("parameters: {finance.discount_rate: 0.06}\n")
    assert main(["scenario", "show", str(path)]) == 0
    assert "* finance.discount_rate" in capsys.readouterr().out


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "schema"]) == 0
    assert "plan_years" in json.loads(capsys.readouterr().out)["properties"]


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_valid(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "validate", name]) == 0
    assert "valid" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("plan_yers: 10\n", "plan_years"),
        ("rules: {consnt: hard}\n", "consent"),
        ("objectives: [mean_comute_km]\npreferences: {mean_comute_km: 1}\n", "mean_commute_km"),
        ("objectives: [taxes_cny]\npreferences: {taxes_cny: 1}\n", "taxes_cny"),
        ("targets: [{indicator: net_present_valu_cny, at_least: 0}]\n", "net_present_value_cny"),
        ("parameters: {finance.discount_rat: 0.06}\n", "finance.discount_rate"),
        ("parameters: {finance.discount_rate: .nan}\n", "finance.discount_rate"),
        ("locked: [nowhere]\n", "nowhere"),
        (": : :\n", "s.yaml"),
        ("", "s.yaml"),
    ],
)
def test_wrong_scenarios_are_refused(
    text: str, named: str, tmp_path: Path, city_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    code = main(["scenario", "validate", str(path), "--city", str(city_path)])
    shown = capsys.readouterr()
    assert code == (2 if text else 0) or named in shown.err
    if code == 2:
        assert named in shown.err
        assert "s.yaml" in shown.err
    assert "Traceback" not in shown.err


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore")))
)
def test_any_bytes_are_refused_or_read(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(content)
    code = main(["scenario", "validate", str(path)])
    shown = capsys.readouterr()
    assert code in (0, 2)
    assert "Traceback" not in shown.err


def test_anchors_name_every_objective(city_path: Path, run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "anchors", "--city", str(city_path), "--scenario", "balanced"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["objective", "base", "best", "worst"]
    assert [line.split()[0] for line in lines[1:]] == list(run.record.objectives)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("{indicator: payback_year, year: 3, at_most: 9}", "no yearly values; leave the year out, or take one of"),
        ("{indicator: mean_commute_km, year: 150, at_most: 9, mode: hard}", "mean_commute_km runs to year"),
    ],
)
@pytest.mark.parametrize("command", ["validate", "check", "evaluate", "optimize"])
def test_a_year_that_no_series_serves_is_refused_at_once(
    command: str,
    target: str,
    told: str,
    city_path: Path,
    plan_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, out = tmp_path / "s.yaml", tmp_path / "out"
    path.write_text(f"targets: [{target}]\n", encoding="utf-8")
    given = ["--city", str(city_path), "--scenario", str(path)]
    words = {
        "validate": ["scenario", "validate", str(path)],
        "check": ["check", *given, "--plan", str(plan_path)],
        "evaluate": ["evaluate", *given, "--plan", str(plan_path), "--out", str(out)],
        "optimize": ["optimize", *given, "--evaluations", "100000", "--out", str(out)],
    }
    assert main([*words[command], "--lang", "en"]) == 2
    shown = capsys.readouterr().err
    assert "s.yaml: scenario targets.0.year:" in shown
    assert told in shown
    assert not out.exists()


def test_an_older_file_is_upgraded_and_every_change_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    content = parse_mapping(scenario_to_yaml(load_scenario("tiny"), load_book()))
    del content["model_version"], content["renewal_ratio"], content["parameters"]["cost.growth"]
    old.write_text(dump_mapping(content | {"gone": 1}), encoding="utf-8")
    assert main(["scenario", "validate", str(old), "--lang", "en"]) == 2
    assert f"renewal scenario upgrade {old}" in capsys.readouterr().err
    assert main(["scenario", "upgrade", str(old), "--out", str(new), "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "from model 1 to model 2" in shown
    assert "added: renewal_ratio = null" in shown
    assert "added: parameters.cost.growth = " in shown
    assert "dropped, no longer known: gone" in shown
    assert load_scenario(new) == load_scenario("tiny")
    assert main(["scenario", "upgrade", str(old), "--lang", "zh"]) == 0
    printed = capsys.readouterr()
    assert parse_mapping(printed.out) == parse_mapping(new.read_text(encoding="utf-8"))
    assert "补入：renewal_ratio" in printed.err

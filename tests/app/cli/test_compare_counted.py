"""`renewal compare` of runs that count bargaining and runs that do not: all are measured as it counts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from app.cli.main import main
from app.runs.run_folder import load_run
from app.studies.run_comparison import load_comparison
from data.scenario_files import load_scenario
from envs.kernel import evaluate
from search_fixtures import quick_anchors

MUCH_VALUED = {"shadow.facility_floor": 12_000}
"""The government of the smallest city then agrees to something in every village."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root, runs = tmp_path_factory.mktemp("counted"), {}
    for mode in ("off", "counted"):
        fields = load_scenario("tiny").model_dump(mode="json") | {"bargaining": mode}
        fields["parameters"] |= MUCH_VALUED
        file = root / f"{mode}.yaml"
        file.write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")
        runs[mode] = root / mode
        arguments = ["--city", "tiny", "--scenario", str(file), "--algorithm", "random", "--evaluations", "30"]
        with quick_anchors():
            assert main(["optimize", *arguments, "--out", str(runs[mode])]) == 0
    return runs


def test_plans_of_the_other_run_are_measured_again(made: dict[str, Path]) -> None:
    comparison = load_comparison([made["off"], made["counted"]])
    assert comparison.measured_again == ("off",)
    counted, off = load_run(made["counted"]), load_run(made["off"])
    expected = evaluate(counted.resolved, off.plans, indicators=()).objective_matrix()
    np.testing.assert_allclose(comparison.runs[0].values(comparison.objectives), expected, rtol=1e-12)
    stored = pd.read_csv(made["off"] / "front.csv")
    assert (np.abs(stored["net_present_value_cny"] - expected[:, 0]) > 1e6).any()
    anchors = json.loads((made["counted"] / "run.json").read_text(encoding="utf-8"))["anchors"]
    assert comparison.anchors == anchors
    assert comparison.seed_groups == []  # one budget and algorithm, but two questions


@pytest.mark.parametrize(("language", "words"), [("en", "were measured again"), ("zh", "按同一口径重新测算")])
def test_it_says_so(
    made: dict[str, Path], language: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "compared.json"
    assert main(["compare", str(made["counted"]), str(made["off"]), "--lang", language, "--out", str(out)]) == 0
    assert words in capsys.readouterr().out.replace("\n", "" if language == "zh" else " ")
    record = json.loads(out.read_text(encoding="utf-8"))
    assert record["measured_again"] == ["off"]
    counted = json.loads((made["counted"] / "run.json").read_text(encoding="utf-8"))
    assert record["digests"]["scenario"] == counted["digests"]["scenario"]
